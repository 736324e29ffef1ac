// Goal: a line keeps exactly the tracked name out of Git, however odd it is. Method: Git itself is asked about generated names.

import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { addGitignoreLine, gitignoreLine, removeGitignoreLine } from './gitignore-file.ts';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'throughline-gitignore-'));
  execFileSync('git', ['init', '-q', folder]);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function ignored(lines: string, names: readonly string[]): string[] {
  writeFileSync(path.join(folder, '.gitignore'), lines);
  try {
    return execFileSync('git', ['-C', folder, 'check-ignore', '--no-index', '-z', '--stdin'], {
      input: names.map((name) => `${name}\0`).join(''),
    })
      .toString('utf8')
      .split('\0')
      .filter(Boolean);
  } catch (error) {
    // Exit code 1: none of them.
    if (error instanceof Error && 'status' in error && error.status === 1) return [];
    throw error;
  }
}

const unit = fc.constantFrom('a', 'b', ' ', '\t', '\n', '\r', '*', '?', '[', ']', '\\', '!', '#', '.', '-', 'é', '😀', '"', "'", '{', '}');
const name = fc.string({ unit, minLength: 1, maxLength: 8 }).filter((text) => text !== '.' && text !== '..');

describe('a line of .gitignore', () => {
  test('keeps the name that it was made for out of Git', () => {
    fc.assert(
      fc.property(name, (text) => ignored(addGitignoreLine('', gitignoreLine(text)), [text]).length === 1),
      { numRuns: 60 },
    );
  });

  test('keeps no other name out, unless a line end had to be written as any character', () => {
    fc.assert(
      fc.property(
        name,
        name,
        (text, other) => text === other || /[\r\n]/.test(text) || ignored(addGitignoreLine('', gitignoreLine(text)), [other]).length === 0,
      ),
      { numRuns: 60 },
    );
  });

  test('is written once, and taken out again with everything else left as it was', () => {
    fc.assert(
      fc.property(name, fc.array(fc.constantFrom('*.log', '# note', '', '/other'), { maxLength: 4 }), (text, lines) => {
        const before = lines.map((line) => `${line}\n`).join('');
        const once = addGitignoreLine(before, gitignoreLine(text));
        expect(addGitignoreLine(once, gitignoreLine(text))).toBe(once);
        expect(removeGitignoreLine(once, text)).toBe(before === '' ? null : before);
      }),
    );
  });

  test('follows the line ends of its file, and ends a last line that was not ended', () => {
    expect(addGitignoreLine('a\r\nb\r\n', '/x')).toBe('a\r\nb\r\n/x\r\n');
    expect(addGitignoreLine('a', '/x')).toBe('a\n/x\n');
  });

  test('that an older DVC wrote without escapes is taken out, too', () => {
    expect(removeGitignoreLine('/a[1]\n/b\n', 'a[1]')).toBe('/b\n');
  });
});
