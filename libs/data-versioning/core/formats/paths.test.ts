// Which paths other people's files may name.

import { expect, test } from 'vitest';
import { flawOfPath } from './paths.ts';

test.each([
  '.git/hooks/pre-commit',
  'a/.GIT/config',
  '.dvc/config',
  '.git./hooks/x',
  '.git /config',
  '.DVC. ./config',
  'GIT~1/hooks/x',
  'a/dvc~1',
  '.git::$INDEX_ALLOCATION/hooks/x',
  '.g\u200cit/hooks/x',
  '.git\ufeff',
  '.d\u202evc/config',
])('%j is refused: some file system takes it for the own folder of Git or DVC', (path) => {
  expect(flawOfPath(path)).toContain("Git's or DVC's own folder");
});

test.each(['.gitignore', '.github/x', 'git/x', 'a.git/x', '.gitx', 'git~', 'x~1', 'a: b', '.dvcignore', 'digit~1', 'e\u200cf', 'a. /b'])(
  '%j is a name like any other',
  (path) => {
    expect(flawOfPath(path)).toBeNull();
  },
);
