// Goal: the canonical form never changes and has exactly one spelling. Method: golden vectors whose bytes were written by hand and whose
// hashes were computed by other programs (sha256sum, Python's json and hashlib), then properties over generated manifests and bytes.

import { createHash } from 'node:crypto';

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { digestOf, dvcDirPieces, dvcMd5Of, encodeManifest, folderTotals, parseManifest } from './manifest.ts';
import type { ManifestContent } from './manifest.ts';
import { compareUtf8 } from './paths.ts';

const SHA_A = createHash('sha256').update('a').digest('hex');
const MD5_A = createHash('md5').update('a').digest('hex');
const entry = (path: string, executable = false) => ({ path, sha256: SHA_A, md5: MD5_A, sizeBytes: 1, executable });

const segment = fc
  .string({ unit: fc.constantFrom('a', 'b', '-', '.', ' ', '"', 'é', '日', '\uffee', '\u{1f600}', '0'), minLength: 1, maxLength: 6 })
  .filter((name) => name !== '.' && name !== '..');
const path = fc.array(segment, { minLength: 1, maxLength: 4 }).map((parts) => parts.join('/'));
const hex = (length: number) =>
  fc.string({ unit: fc.constantFrom(...Array.from('0123456789abcdef')), minLength: length, maxLength: length });
const entries = fc
  .uniqueArray(fc.record({ path, sha256: hex(64), md5: hex(32), sizeBytes: fc.maxSafeNat(), executable: fc.boolean() }), {
    selector: (one) => one.path,
    maxLength: 12,
  })
  .map((all) => all.filter((one) => !all.some((other) => other.path.startsWith(`${one.path}/`))));

describe('canonical form 1', () => {
  it('writes an empty folder as its header alone', () => {
    expect(encodeManifest({ kind: 'DIR', entries: [] }).toString()).toBe('throughline-manifest 1 dir\n');
    expect(digestOf({ kind: 'DIR', entries: [] })).toBe('f2f85dcdf8edebcb8ae256e79c312e1e42202d46c9c950a408b4a34dad08f0c8');
  });

  it('writes a single file', () => {
    const content: ManifestContent = { kind: 'FILE', entries: [entry('penguins.csv')] };
    expect(encodeManifest(content).toString()).toBe(`throughline-manifest 1 file\n${SHA_A} ${MD5_A} 1 - "penguins.csv"\n`);
    expect(digestOf(content)).toBe('6a8bcb3add30fec6d61c6b694354ec42a8f36322db94aa20d75cde6cbd0c79c4');
  });

  it('writes odd names in byte order, escaping the quotation mark alone', () => {
    const content: ManifestContent = {
      kind: 'DIR',
      entries: [
        entry('z\u{1f600}'),
        entry('z\uffee', true),
        entry('a/b'),
        entry('a.b'),
        entry('a-b'),
        entry('say "hi"'),
        entry('tr\u00e4in'),
      ],
    };
    const lines = ['- "a-b"', '- "a.b"', '- "a/b"', '- "say \\"hi\\""', '- "tr\u00e4in"', 'x "z\uffee"', '- "z\u{1f600}"'];
    expect(encodeManifest(content).toString()).toBe(
      `throughline-manifest 1 dir\n${lines.map((one) => `${SHA_A} ${MD5_A} 1 ${one}\n`).join('')}`,
    );
    expect(digestOf(content)).toBe('3de933e7bdd71ae5587cb4e78ee5eec45406f2a393e50089ef458001b9eff5e6');
    expect(dvcMd5Of({ kind: 'DIR', entries: parseManifest(encodeManifest(content)).entries })).toBe('94e0c360d603d312c4b8ad3af378b695.dir');
  });

  it('reads back what it wrote', () => {
    fc.assert(
      fc.property(entries, (all) => {
        const sorted = [...all].sort((a, b) => compareUtf8(a.path, b.path));
        expect(parseManifest(encodeManifest({ kind: 'DIR', entries: all }))).toEqual({ kind: 'DIR', entries: sorted });
      }),
    );
  });

  it('writes the same bytes whatever order the entries came in', () => {
    fc.assert(
      fc.property(entries, (all) => {
        expect(encodeManifest({ kind: 'DIR', entries: [...all].reverse() })).toEqual(encodeManifest({ kind: 'DIR', entries: all }));
      }),
    );
  });

  it('sorts its lines by the UTF-8 bytes of the paths', () => {
    fc.assert(
      fc.property(entries, (all) => {
        const paths = parseManifest(encodeManifest({ kind: 'DIR', entries: all })).entries.map((one) => Buffer.from(one.path));
        expect(paths).toEqual([...paths].sort((a, b) => Buffer.compare(a, b)));
      }),
    );
  });

  it('reads nothing but what encodes to the same bytes', () => {
    const seed = encodeManifest({ kind: 'DIR', entries: [entry('a'), entry('b/c'), entry('b/"d', true)] });
    fc.assert(
      fc.property(fc.nat(seed.length - 1), fc.nat(255), (at, byte) => {
        const bytes = Buffer.from(seed);
        bytes[at] = byte;
        let parsed: ManifestContent | null = null;
        try {
          parsed = parseManifest(bytes);
        } catch (error) {
          expect(error).toMatchObject({ kind: 'invalid' });
        }
        if (parsed !== null) expect(encodeManifest(parsed)).toEqual(bytes);
      }),
      { numRuns: 1000 },
    );
  });

  it.each([
    ['nothing', ''],
    ['another version', 'throughline-manifest 2 dir\n'],
    ['a missing last line end', 'throughline-manifest 1 dir'],
    ['a carriage return', 'throughline-manifest 1 dir\r\n'],
    ['a byte order mark', '\ufeffthroughline-manifest 1 dir\n'],
    ['a number with a leading zero', `throughline-manifest 1 dir\n${SHA_A} ${MD5_A} 01 - "a"\n`],
    ['an upper-case hash', `throughline-manifest 1 dir\n${SHA_A.toUpperCase()} ${MD5_A} 1 - "a"\n`],
    ['a needless escape', `throughline-manifest 1 dir\n${SHA_A} ${MD5_A} 1 - "\\u0061"\n`],
    ['a wrong order', `throughline-manifest 1 dir\n${SHA_A} ${MD5_A} 1 - "b"\n${SHA_A} ${MD5_A} 1 - "a"\n`],
    ['a doubled path', `throughline-manifest 1 dir\n${SHA_A} ${MD5_A} 1 - "a"\n${SHA_A} ${MD5_A} 1 x "a"\n`],
    ['a file that is a folder', `throughline-manifest 1 dir\n${SHA_A} ${MD5_A} 1 - "a"\n${SHA_A} ${MD5_A} 1 - "a/b"\n`],
    ['a climbing path', `throughline-manifest 1 dir\n${SHA_A} ${MD5_A} 1 - "../a"\n`],
    ['a single file of two', `throughline-manifest 1 file\n${SHA_A} ${MD5_A} 1 - "a"\n${SHA_A} ${MD5_A} 1 - "b"\n`],
    ['a single file of none', 'throughline-manifest 1 file\n'],
  ])('refuses %s', (_what, bytes) => {
    expect(() => parseManifest(Buffer.from(bytes))).toThrow(expect.objectContaining({ kind: 'invalid' }) as Error);
  });

  it('refuses bytes that are not UTF-8', () => {
    const bytes = Buffer.from([...Buffer.from('throughline-manifest 1 dir\n'), 0xff, 0x0a]);
    expect(() => parseManifest(bytes)).toThrow(expect.objectContaining({ code: 'INVALID_MANIFEST' }) as Error);
  });

  it('refuses a path that is named twice', () => {
    expect(() => encodeManifest({ kind: 'DIR', entries: [entry('a'), entry('a')] })).toThrow(
      expect.objectContaining({ code: 'DUPLICATE_PATH' }) as Error,
    );
  });
});

describe("DVC's name of the same content", () => {
  it('is the known one for an empty folder', () => {
    expect(dvcMd5Of({ kind: 'DIR', entries: [] })).toBe('d751713988987e9331980363e24189ce.dir');
  });

  it("is the file's MD5 for a single file", () => {
    expect(dvcMd5Of({ kind: 'FILE', entries: [entry('a')] })).toBe(MD5_A);
  });

  it("writes Python's JSON: blanks behind separators, everything but printable ASCII escaped", () => {
    const list = [
      ...dvcDirPieces([
        { path: 'a "b"/\u00e9', md5: MD5_A },
        { path: '\u{1f600}', md5: MD5_A },
      ]),
    ].join('');
    expect(list).toBe(`[{"md5": "${MD5_A}", "relpath": "a \\"b\\"/\\u00e9"}, {"md5": "${MD5_A}", "relpath": "\\ud83d\\ude00"}]`);
  });
});

describe('folder totals', () => {
  it('count every file in each folder above it', () => {
    const totals = folderTotals([entry('a/b/c'), entry('a/d'), entry('e')]);
    expect(Object.fromEntries(totals)).toEqual({ a: { fileCount: 2, totalBytes: 2 }, 'a/b': { fileCount: 1, totalBytes: 1 } });
  });
});
