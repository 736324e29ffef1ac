import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { behindPrefix, checkPath, checkTree, compareUtf8, foldersOf, MAX_PATH_BYTES } from './paths.ts';

const text = fc.string({ unit: 'binary', maxLength: 20 });
const byBytes = (a: string, b: string) => Math.sign(Buffer.compare(Buffer.from(a), Buffer.from(b)));

describe('checkPath', () => {
  it.each([
    'a',
    'data/train.csv',
    'ü/日本/😀',
    'with space/and "quotes"',
    '...',
    '.hidden',
    'a..b',
    '100%.txt',
    '100%25.txt',
    'ab:/c',
    '~/x',
  ])('takes %j as it is', (path) => {
    expect(checkPath(path)).toBe(path);
  });

  it.each([
    ['', 'empty'],
    ['/etc/passwd', 'absolute'],
    ['..', "'..'"],
    ['a/../b', "'..'"],
    ['./a', "'.'"],
    ['a/.', "'.'"],
    ['a//b', 'empty part'],
    ['a/', 'empty part'],
    ['a\\b', 'backslash'],
    ['C:/x', 'drive'],
    ['c:x', 'drive'],
    ['a\0b', 'control'],
    ['a\nb', 'control'],
    ['a\u007f', 'control'],
    ['\ud800', 'Unicode'],
    ['a/\udc00/b', 'Unicode'],
    ['%2e%2e/a', 'encoded'],
    ['a/%2E./b', 'encoded'],
    ['a/%252e%252e/b', 'encoded'],
    ['a/%25252e%25252e%252fb', 'encoded'],
    ['a%5c..%5cb', 'encoded'],
  ])('refuses %j', (path, why) => {
    expect(() => checkPath(path)).toThrow(
      expect.objectContaining({ kind: 'invalid', code: 'INVALID_PATH', message: expect.stringContaining(why) as string }) as Error,
    );
  });

  it('counts the bytes of a part and of the whole, not the characters', () => {
    expect(checkPath('é'.repeat(127))).toHaveLength(127);
    expect(() => checkPath('é'.repeat(128))).toThrow('longer than 255 bytes');
    expect(checkPath(`${'a/'.repeat(MAX_PATH_BYTES / 2 - 1)}ab`)).toHaveLength(MAX_PATH_BYTES);
    expect(() => checkPath(`${'a/'.repeat(MAX_PATH_BYTES / 2)}a`)).toThrow('longer than 2048 bytes');
  });

  it('refuses every text in which some part climbs, however it is put together', () => {
    const part = fc.constantFrom('a', '..', '.', '', '%2e%2e', '%252e.', 'b.c');
    fc.assert(
      fc.property(fc.array(part, { minLength: 1, maxLength: 6 }), (parts) => {
        const climbs = parts.some((one) => one !== 'a' && one !== 'b.c');
        if (climbs) expect(() => checkPath(parts.join('/'))).toThrow();
        else expect(checkPath(parts.join('/'))).toBe(parts.join('/'));
      }),
    );
  });
});

describe('the order of paths', () => {
  it('is that of their UTF-8 bytes', () => {
    fc.assert(fc.property(text, text, (a, b) => Math.sign(compareUtf8(a, b)) === byBytes(a, b)));
  });

  it('puts U+FFEE before U+1F600, unlike UTF-16', () => {
    expect(['\u{1f600}', '\uffee'].sort(compareUtf8)).toEqual(['\uffee', '\u{1f600}']);
  });

  it('ends the range of a prefix exactly behind the last text that begins with it', () => {
    fc.assert(
      fc.property(text, text, (prefix, other) => {
        const end = behindPrefix(prefix);
        const inRange = byBytes(other, prefix) >= 0 && (end === null || byBytes(other, end) < 0);
        expect(inRange).toBe(other.startsWith(prefix));
      }),
    );
  });

  it.each([
    ['a', 'b'],
    ['a/', 'a0'],
    ['\ud7ff', '\ue000'],
    ['a\u{10ffff}', 'b'],
    ['\u{10ffff}', null],
    ['', null],
  ])('finds what lies behind the prefix %j', (prefix, end) => {
    expect(behindPrefix(prefix)).toBe(end);
  });
});

describe('folders', () => {
  it('are named outermost first', () => {
    expect(foldersOf('a/b/c')).toEqual(['a', 'a/b']);
  });

  it('refuses a file that is a folder of another, even where others sort in between', () => {
    expect(() => {
      checkTree(new Set(['a', 'a-b', 'a/b']));
    }).toThrow(expect.objectContaining({ code: 'PATH_CONFLICT' }) as Error);
  });
});
