// Goal: every line that help, examples and people's habits suggest can be read, and what cannot be read is answered with what was probably meant. Method: the tree of
// verbs itself; nothing is run.

import { describe, expect, it } from 'vitest';

import type { CommandSpec } from './command.ts';
import { GROUPS } from './commands/index.ts';
import { buildProgram } from './program.ts';

interface Verb {
  readonly path: string;
  readonly spec: CommandSpec;
}

function verbsOf(specs: readonly CommandSpec[], before = ''): Verb[] {
  return specs.flatMap((spec) => {
    const path = `${before}${spec.name}`;
    return [...(spec.load === undefined ? [] : [{ path, spec }]), ...verbsOf(spec.commands ?? [], `${path} `)];
  });
}

const VERBS = verbsOf(GROUPS.flatMap(({ commands }) => commands));
const SHOWN = VERBS.filter(({ spec }) => spec.isHidden !== true);

/** The verb that a line is read as, with its options. */
async function read(line: readonly string[]): Promise<{ verb: string; operands: readonly string[]; options: Record<string, unknown> }> {
  let found = { verb: '', operands: [] as readonly string[], options: {} as Record<string, unknown> };
  const program = buildProgram((spec, command) => {
    found = { verb: spec.name, operands: command.args, options: command.opts() };
    return Promise.resolve();
  });
  await program.parseAsync([...line], { from: 'user' });
  return found;
}

/** The lines of ours in an example, as a shell splits them. */
function linesIn(example: string): string[][] {
  return example
    .replace(/\s#.*$/, '')
    .split(/&&|\||"\$\(|\)"|[<>]\(?/)
    .map((part) => part.trim())
    .filter((part) => part.startsWith('throughline '))
    .map((part) => [...part.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? '').slice(1));
}

describe('Help', () => {
  it.each(SHOWN.map(({ path, spec }) => [path, spec] as const))('of %s has examples that can be read, of that verb', async (path, spec) => {
    const lines = (spec.examples ?? []).flatMap(linesIn);
    expect(lines.length).toBeGreaterThan(0);
    const own = lines.filter((line) => line.join(' ').startsWith(path));
    expect(own.length).toBeGreaterThan(0);
    for (const line of lines) await read(line);
  });

  it('says of every verb, operand and option what it is', () => {
    for (const { path, spec } of VERBS) {
      expect(spec.summary, path).toMatch(/^[a-z].*[^.]$/);
      for (const { name, about } of spec.operands ?? []) expect(about.length, `${path} ${name}`).toBeGreaterThan(3);
      for (const { flags, about } of spec.options ?? []) expect(about.length, `${path} ${flags}`).toBeGreaterThan(3);
    }
  });
});

describe('Every verb', () => {
  it.each(VERBS.filter(({ path }) => path !== '__complete').map(({ path }) => path))('answers in JSON: %s', async (path) => {
    const operands = (VERBS.find((verb) => verb.path === path)?.spec.operands ?? [])
      .filter(({ name }) => name.startsWith('<'))
      .map(() => 'x');
    expect((await read([...path.split(' '), ...operands, '--json'])).options).toMatchObject({ json: true });
  });

  it.each(VERBS.filter(({ spec }) => (spec.options ?? []).some(({ flags }) => flags.startsWith('--dry'))).map(({ path }) => path))(
    'that deletes has a dry run: %s',
    async (path) => {
      const operands = path === 'remove' ? ['x'] : [];
      expect((await read([...path.split(' '), ...operands, '--dry'])).options).toMatchObject({ dry: true });
    },
  );

  it('that deletes is among those with a dry run', () => {
    const dry = VERBS.filter(({ spec }) => (spec.options ?? []).some(({ flags }) => flags.startsWith('--dry'))).map(({ path }) => path);
    expect(dry.sort()).toEqual(['cache migrate', 'checkout', 'destroy', 'gc', 'remove']);
  });
});

describe('A line', () => {
  it('keeps its operands behind options that may be repeated', async () => {
    const { operands, options } = await read(['add', '--label', 'raw', '--label', 'eu', 'data.csv', '--meta', 'a=1', 'more.csv']);
    expect(operands).toEqual(['data.csv', 'more.csv']);
    expect(options).toMatchObject({ label: ['raw', 'eu'], meta: ['a=1'] });
    expect((await read(['fetch', '--type', 'metrics', 'train'])).operands).toEqual(['train']);
  });

  it.each([
    [['statsu'], 'status'],
    [['remote', 'modfy'], 'remote modify'],
    [['push', '--remot', 'x'], '--remote'],
    [['gc', '--al-tags'], '--all-tags'],
    [['fetch', '--type', 'plot'], 'plots'],
  ])('that cannot be read, %j, is answered with what was meant: %s', async (line, meant) => {
    await expect(read(line)).rejects.toThrow(meant);
  });

  it.each([
    [['gc', '-n', '0']],
    [['fetch', '--max-size', 'many']],
    [['add']],
    [['get', 'url']],
    [['config', '--local', '--global', 'core.remote']],
    [['import', 'url', 'path', '--no-exec', '--no-download']],
  ])('that means nothing, %j, is refused', async (line) => {
    await expect(read(line)).rejects.toThrow();
  });
});
