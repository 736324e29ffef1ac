// Goal: hooks are added to a file that somebody wrote by hand, once, and nothing else of it changes. Method: files as people write them, and lists of any indentation.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { addLocalHooks } from './pre-commit-config.ts';
import type { LocalHook } from './pre-commit-config.ts';
import { readYaml } from './yaml.ts';

const FILE = '.pre-commit-config.yaml';
const PUSH: LocalHook = { id: 't-push', name: 't push', entry: "sh -c 'exec t push'", stage: 'pre-push' };
const CHECKOUT: LocalHook = { id: 't-checkout', name: 't checkout', entry: 't checkout', stage: 'post-checkout' };
const ITEM = `- repo: local
  hooks:
    - id: t-push
      name: t push
      entry: sh -c 'exec t push'
      language: system
      stages:
        - pre-push
      always_run: true
      pass_filenames: false
      verbose: true
`;

const added = async (content: string | null, hooks: readonly LocalHook[] = [PUSH]) => (await addLocalHooks(content, FILE, hooks)).content;

describe('hooks of the pre-commit tool', () => {
  test.each([null, '', 'repos:\n', 'repos: []\n'])('are the only ones of a file that has none: %j', async (content) => {
    expect(await readYaml((await added(content)) ?? '', FILE)).toEqual(await readYaml(`repos:\n${ITEM}`, FILE));
  });

  test('come last in a list, and everything else stays as it was written', async () => {
    const before = `# see https://pre-commit.com\ndefault_stages: [pre-commit]\nrepos:\n-   repo: "https://example.org/a"  # pinned\n    rev: 'v1'\n    hooks:\n    -   id: a\n\n# how the rest is done\nci:\n    skip: [a]\n`;
    const after = (await added(before)) ?? '';
    expect(after.replace(ITEM, '')).toBe(before);
    expect(after.indexOf('repo: local')).toBeLessThan(after.indexOf('ci:'));
  });

  test('are put at any indentation, and what ends the file is kept', async () => {
    const repos = fc.array(fc.constantFrom('rev: v1', 'hooks: [{id: x}]', 'hooks:\n- id: y\n- id: z', 'note: |\n  one\n\n  two'), {
      minLength: 1,
      maxLength: 2,
    });
    const file = fc.tuple(
      fc.integer({ min: 0, max: 4 }),
      fc.array(repos, { minLength: 1, maxLength: 3 }),
      fc.constantFrom('', '\n', '\n\n', '\n# end', '\nci: {a: 1}\n'),
    );
    await fc.assert(
      fc.asyncProperty(file, async ([indent, list, end]) => {
        const items = list.map((keys) => [
          '- repo: r',
          ...[...new Map(keys.map((key) => [key.split(':')[0], key])).values()].flatMap((key) =>
            key.split('\n').map((line) => `  ${line}`),
          ),
        ]);
        const before = `repos:\n${items
          .flat()
          .map((line) => `${' '.repeat(indent)}${line}`)
          .join('\n')}${end}`;
        const old = await readYaml(before, FILE);
        const after = (await added(before)) ?? '';
        const [repo] = ((await readYaml(`a:\n${ITEM}`, FILE)) as { a: unknown[] }).a;
        expect(await readYaml(after, FILE)).toEqual({ ...(old as object), repos: [...(old as { repos: unknown[] }).repos, repo] });
        expect(await added(after)).toBeNull();
      }),
    );
  });

  test('are added where they are missing alone; one that somebody changed is left', async () => {
    const first = (await added(null))?.replace('t push', 'my push') ?? '';
    const { added: ids, content } = await addLocalHooks(first, FILE, [PUSH, CHECKOUT]);
    expect(ids).toEqual(['t-checkout']);
    expect(content?.startsWith(first)).toBe(true);
  });

  test.each(['- a\n', 'repos: yes\n', 'repos: {a: 1}\n'])('are refused by a file that is none of the tool: %j', async (content) => {
    await expect(added(content)).rejects.toMatchObject({ code: 'PRE_COMMIT_CONFIG_INVALID' });
  });
});
