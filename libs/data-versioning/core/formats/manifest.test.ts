// Goal: manifests are DVC's to the byte, and nothing that a stranger put into one gets past reading.
// Method: manifests that the real library made; generated trees there and back; hand-made bad ones.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { goldenCases } from './golden/read.ts';
import { decodeManifest, encodeManifest, manifestId } from './manifest.ts';
import { printObjectId } from './object-id.ts';
import { comparePaths, flawOfPath } from './paths.ts';

const golden = goldenCases<{ entries: { path: string; md5: string }[]; bytes: string; name: string }>('manifests');
const md5 = fc.stringMatching(/^[0-9a-f]{32}$/);
const path = fc
  .array(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 6 }), { minLength: 1, maxLength: 3 })
  .map((parts) => parts.join('/'))
  .filter((text) => flawOfPath(text) === null);
const tree = fc.uniqueArray(fc.record({ path, md5 }), { selector: (entry) => entry.path, maxLength: 12 }).filter((entries) => {
  const paths = entries.map((entry) => entry.path);
  return !paths.some((one) => paths.some((other) => other.startsWith(`${one}/`)));
});

function problemOf(text: string): string {
  try {
    decodeManifest(Buffer.from(text), 'the manifest x');
    return '';
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

describe('manifests', () => {
  test('are byte for byte what the real library writes, under the same names', () => {
    for (const { entries, bytes, name } of golden) {
      const encoded = encodeManifest(entries);
      expect(encoded.toString('latin1')).toBe(bytes);
      expect(printObjectId(manifestId(encoded))).toBe(name);
    }
  });

  test('of nothing are the empty list, whose name every DVC repository knows', () => {
    expect(printObjectId(manifestId(encodeManifest([])))).toBe('d751713988987e9331980363e24189ce.dir');
  });

  test('come back as they were, in the order of their paths as bytes', () => {
    fc.assert(
      fc.property(tree, (entries) => {
        const decoded = decodeManifest(encodeManifest(entries), 'it');
        expect(decoded).toEqual([...entries].sort((a, b) => Buffer.compare(Buffer.from(a.path), Buffer.from(b.path))));
      }),
    );
  });

  test('have one form, whatever order the files were given in', () => {
    fc.assert(fc.property(tree, (entries) => encodeManifest(entries).equals(encodeManifest([...entries].reverse()))));
  });

  test('of more files than are printed at once are whole', () => {
    const entries = Array.from({ length: 25_001 }, (_, index) => ({ path: `f${String(index).padStart(6, '0')}`, md5: '0'.repeat(32) }));
    expect(JSON.parse(encodeManifest(entries).toString())).toHaveLength(25_001);
  });

  test.each([
    ['{}', 'is no list of files'],
    ['[', 'is no JSON'],
    ['[1]', 'something else than a file at place 1'],
    ['[{"md5": "d41d8cd98f00b204e9800998ecf8427e"}]', 'no "relpath"'],
    ['[{"md5": "d41d8cd98f00b204e9800998ecf8427", "relpath": "a"}]', 'no MD5'],
    ['[{"md5": "d41d8cd98f00b204e9800998ecf8427e.dir", "relpath": "a"}]', 'no MD5'],
    ['[{"md5": "d41d8cd98f00b204e9800998ecf8427e", "relpath": "../a"}]', 'has the part ".."'],
    ['[{"md5": "d41d8cd98f00b204e9800998ecf8427e", "relpath": "/etc/passwd"}]', 'is absolute'],
    ['[{"md5": "d41d8cd98f00b204e9800998ecf8427e", "relpath": "a/.GIT/hooks/x"}]', "Git's"],
    ['[{"md5": "d41d8cd98f00b204e9800998ecf8427e", "relpath": ".dvc/config"}]', "DVC's own folder"],
    ['[{"md5": "d41d8cd98f00b204e9800998ecf8427e", "relpath": "C:/x"}]', 'begins with a drive'],
    ['[{"md5": "d41d8cd98f00b204e9800998ecf8427e", "relpath": "a\\u0000"}]', 'NUL'],
    ['[{"md5": "d41d8cd98f00b204e9800998ecf8427e", "relpath": "\\ud800"}]', 'no valid Unicode'],
    ['[{"md5": "d41d8cd98f00b204e9800998ecf8427e", "relpath": "a"}, {"md5": "d41d8cd98f00b204e9800998ecf8427e", "relpath": "a"}]', 'twice'],
    [
      '[{"md5": "d41d8cd98f00b204e9800998ecf8427e", "relpath": "a"}, {"md5": "d41d8cd98f00b204e9800998ecf8427e", "relpath": "a-b"}, {"md5": "d41d8cd98f00b204e9800998ecf8427e", "relpath": "a/b"}]',
      'both as a file and as a folder',
    ],
  ])('that say %s are refused with the reason', (text, reason) => {
    expect(problemOf(text)).toContain(reason);
  });
});

test('paths are ordered as their UTF-8 bytes are', () => {
  const text = fc.string({
    unit: fc.constantFrom('a', 'b', '/', '-', 'é', '\ud7ff', '\ue000', '\uffee', '😀', '\u{10000}', '\u{10ffff}'),
    maxLength: 4,
  });
  fc.assert(
    fc.property(text, text, (a, b) => {
      expect(Math.sign(comparePaths(a, b))).toBe(Buffer.compare(Buffer.from(a), Buffer.from(b)));
    }),
  );
});
