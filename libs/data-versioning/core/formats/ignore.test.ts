// Goal: the same paths are left out as by the real DVC. Method: what it said of random trees and rules; single rules by hand for the walk's own way of asking.

import { describe, expect, test } from 'vitest';
import { ignoreRules } from '../repository/ignore-tree.ts';
import { compilePattern } from './gitignore.ts';
import { goldenCases } from './golden/read.ts';

interface Golden {
  readonly files: Readonly<Record<string, string>>;
  readonly repositories: readonly string[];
  readonly paths: readonly { readonly path: string; readonly isFolder: boolean; readonly isIgnored: boolean }[];
}

const cases = goldenCases<Golden>('ignore');

function rulesOf({ files, repositories }: Pick<Golden, 'files' | 'repositories'>) {
  return ignoreRules({
    readText: (file) => files[file] ?? null,
    has: (file) => file in files || repositories.some((folder) => file === `${folder}/.dvc`),
  });
}

describe('.dvcignore', () => {
  test('leaves out what the real DVC leaves out', () => {
    for (const golden of cases) {
      const rules = rulesOf(golden);
      expect(golden.paths.map(({ path, isFolder }) => ({ path, isFolder, isIgnored: rules.isIgnored(path, isFolder) }))).toEqual(
        golden.paths,
      );
    }
  });

  test('is answered alike for single paths and for walks', () => {
    for (const golden of cases) {
      const rules = rulesOf(golden);
      for (const { path, isFolder, isIgnored } of golden.paths) {
        const parts = path.split('/');
        let folder: ReturnType<typeof rules.folder> | null = rules.folder('');
        for (const [index, part] of parts.slice(0, -1).entries()) {
          const below = parts.slice(0, index + 1).join('/');
          const names = ['.dvcignore', '.dvc'].filter(
            (name) => `${below}/${name}` in golden.files || (name === '.dvc' && golden.repositories.includes(below)),
          );
          folder = folder === null || folder.ignores(part, true) ? null : folder.enter(part, names);
        }
        const isRepository = isFolder && golden.repositories.includes(path);
        expect(folder === null || isRepository || folder.ignores(parts.at(-1) ?? '', isFolder)).toBe(isIgnored || isRepository);
      }
    }
  });

  test('says which line of which file it was', () => {
    const rules = rulesOf({ files: { '.dvcignore': '# c\n*.tmp\n', 'a/.dvcignore': '!keep.tmp\n' }, repositories: [] });
    expect(rules.explain('a/x.tmp', false).patterns.map(({ origin, text }) => `${origin}:${text}`)).toEqual(['.dvcignore:2:*.tmp']);
    expect(rules.explain('a/keep.tmp', false)).toMatchObject({
      isIgnored: false,
      patterns: [{ origin: 'a/.dvcignore:1', text: '!keep.tmp' }],
    });
  });

  test('always leaves out what belongs to Git and DVC', () => {
    const rules = rulesOf({ files: {}, repositories: [] });
    expect(['.git', '.dvc', '.hg', 'a/.git', 'a/.dvc'].map((path) => rules.isIgnored(path, true))).toEqual([true, true, true, true, true]);
    expect(rules.isIgnored('.dvcignore', false)).toBe(false);
  });

  test('refuses a line that DVC could not read, naming it', () => {
    expect(() => rulesOf({ files: { '.dvcignore': 'a\nb\\\n' }, repositories: [] }).isIgnored('x', false)).toThrow('.dvcignore:2');
    expect(() => rulesOf({ files: { '.dvcignore': '[z-a]\n' }, repositories: [] }).isIgnored('x', false)).toThrow('runs backwards');
  });
});

test('Git and DVC differ in what "*/" means', () => {
  expect(compilePattern('*/', '', 'git')?.expression.test('a/')).toBe(true);
  expect(compilePattern('*/', '', 'dvc')?.expression.test('a/')).toBe(false);
});
