// Goal: what people install works on the Node that they have, with nothing else beside it. Method: the package is packed as the server offers it,
// installed in an empty project, and run under the machine's own Node, in repositories of its own.

import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { VERSION } from './version.ts';

const PACKAGE = fileURLToPath(new URL('..', import.meta.url));
const MEGABYTE = 2 ** 20;
/** Without the folders that hold this repository's own Node. */
const PATH = (process.env['PATH'] ?? '')
  .split(delimiter)
  .filter((part) => !part.includes('node_modules'))
  .join(delimiter);

let project: string;
let repository: string;
let count = 0;

const environment = () => ({
  PATH,
  HOME: project,
  XDG_CONFIG_HOME: join(project, '.config'),
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_AUTHOR_NAME: 'Ada',
  GIT_AUTHOR_EMAIL: 'ada@example.org',
  GIT_COMMITTER_NAME: 'Ada',
  GIT_COMMITTER_EMAIL: 'ada@example.org',
});

function run(command: string, args: readonly string[], cwd: string, more: Readonly<Record<string, string>> = {}) {
  const { status, stdout, stderr, error } = spawnSync(command, args, { cwd, encoding: 'utf8', env: { ...environment(), ...more } });
  if (error !== undefined) throw error;
  return { status, out: stdout, err: stderr };
}

function must(command: string, args: readonly string[], cwd: string): string {
  const { status, out, err } = run(command, args, cwd);
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${String(status)}:\n${out}${err}`);
  return out;
}

const program = () => join(project, 'node_modules/.bin/throughline');
const throughline = (...args: string[]) => must(program(), args, repository);

beforeAll(() => {
  project = mkdtempSync(join(tmpdir(), 'throughline-package-'));
  // The launcher's Node may be this repository's; the package is for the machine's.
  must(process.execPath, [join(PACKAGE, 'build.mjs'), '--pack'], PACKAGE);
  writeFileSync(join(project, 'package.json'), '{ "name": "somebody", "private": true }');
  const options = ['--offline', '--no-audit', '--no-fund', '--cache', join(project, 'cache')];
  must('npm', ['install', ...options, join(PACKAGE, 'dist/throughline-cli.tgz')], project);
});
afterAll(() => rmSync(project, { recursive: true, force: true }));

beforeEach(async () => {
  count += 1;
  repository = join(project, `repository-${count}`);
  await mkdir(repository);
  must('git', ['init', '-q', '-b', 'main'], repository);
});

describe('the package', () => {
  it('depends on nothing, and has the licences of what it holds', () => {
    const root = join(project, 'node_modules/@throughline/cli');
    const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string; dependencies?: object };
    expect({ version: manifest.version, dependencies: manifest.dependencies }).toEqual({ version: VERSION, dependencies: undefined });
    const files = readdirSync(root);
    expect(files).toEqual(expect.arrayContaining(['LICENSE', 'README.md', 'THIRD-PARTY.md', 'throughline.js']));
    expect(readFileSync(join(root, 'THIRD-PARTY.md'), 'utf8')).toContain('commander');
    expect(statSync(join(PACKAGE, 'dist/throughline-cli.tgz')).size).toBeLessThan(3 * MEGABYTE);
  });

  it('says its release', () => {
    expect(throughline('--version')).toBe(`${VERSION}\n`);
  });

  it('keeps what was compiled for this user alone, and does without it where it is damaged', () => {
    const kept = join(project, '.cache/throughline/compiled');
    const files = () => readdirSync(kept).filter((name) => name.startsWith('init-'));
    throughline('init', '-q');
    const [file = ''] = files().map((name) => join(kept, name));
    expect({ folder: statSync(kept).mode & 0o777, file: statSync(file).mode & 0o777 }).toEqual({ folder: 0o700, file: 0o600 });
    const whole = readFileSync(file);
    for (const damaged of [whole.subarray(0, 40), Buffer.alloc(0), Buffer.from(whole).fill(7, whole.length >> 1)]) {
      writeFileSync(file, damaged);
      throughline('init', '-q', '-f');
      expect(readFileSync(file).length).toBeGreaterThan(whole.length >> 1);
    }
    expect(files()).toEqual([basename(file)]);
  });

  it('runs nothing that somebody else could have compiled', () => {
    const kept = join(project, '.cache/throughline/compiled');
    throughline('init', '-q');
    throughline('root');
    const file = join(kept, readdirSync(kept).find((name) => name.startsWith('root-')) ?? '');
    const before = statSync(file).ino;
    throughline('root');
    expect(statSync(file).ino).toBe(before);
    chmodSync(file, 0o666);
    throughline('root');
    expect({ isNew: statSync(file).ino !== before, mode: statSync(file).mode & 0o777 }).toEqual({ isNew: true, mode: 0o600 });
  });

  it('tracks, pushes and brings back what was there', async () => {
    throughline('init', '-q');
    await mkdir(join(repository, 'data/below'), { recursive: true });
    for (let index = 0; index < 300; index += 1) writeFileSync(join(repository, `data/below/${index}.txt`), `file ${index}`);
    writeFileSync(join(repository, 'data/large.bin'), Buffer.alloc(20 * MEGABYTE, 'bytes '));
    throughline('add', 'data');
    throughline('remote', 'add', '-d', 'folder', join(project, `remote-${count}`));
    must('git', ['add', '-A'], repository);
    must('git', ['commit', '-q', '-m', 'data'], repository);
    throughline('push');
    expect(JSON.parse(throughline('status', '--json'))).toEqual({});

    const there = join(project, `clone-${count}`);
    must('git', ['clone', '-q', repository, there], project);
    must(program(), ['pull'], there);
    must('diff', ['-r', join(repository, 'data'), join(there, 'data')], project);
    await rm(join(there, 'data/large.bin'));
    must(program(), ['checkout'], there);
    must('diff', ['-r', join(repository, 'data'), join(there, 'data')], project);
  });

  it.each([
    { line: ['psuh'], words: 'push', status: 2 },
    { line: ['push', '--jbos', '3'], words: '--jobs', status: 2 },
    { line: ['remote', 'ad', 'x', 'y'], words: "'remote add'", status: 2 },
    { line: ['push', '-j', 'many'], words: '--jobs takes a whole number', status: 2 },
    { line: ['status'], words: 'throughline init', status: 1 },
    { line: ['backup', '/x'], words: 'npx throughline server backup', status: 1 },
    { line: ['doctor', '--deep'], words: 'npx throughline server doctor', status: 1 },
    { line: [], words: 'Usage: throughline', status: 2 },
  ])('answers $line with $status and the word that helps', ({ line, words, status }) => {
    const { status: found, out, err } = run(program(), line, repository);
    expect({ found, out }).toEqual({ found: status, out: '' });
    expect(err).toContain(words);
  });

  it('says failures as JSON too, where that is asked for', () => {
    const { status, out } = run(program(), ['status', '--json'], repository);
    expect({ status, answer: JSON.parse(out) as unknown }).toMatchObject({ status: 1, answer: { error: { code: 'NOT_A_REPOSITORY' } } });
  });
});

it('says what is wrong with the environment like any other failure', () => {
  const { status, out, err } = run(program(), ['status', '--json'], repository, { THROUGHLINE_TOKEN: 'not one' });
  expect(err).toBe('error: THROUGHLINE_TOKEN has characters that no token has.\nLook for blanks and line ends in it.\n');
  expect([status, JSON.parse(out)]).toMatchObject([1, { error: { kind: 'invalid', code: 'SETTINGS' } }]);
});
