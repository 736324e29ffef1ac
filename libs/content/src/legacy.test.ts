// Goal: the names that DVC 2 gave files. Method: MD5s of what it took the bytes for, and what must hold of any bytes.

import { createHash } from 'node:crypto';

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { createLegacyMeter } from './legacy.ts';

const MIB = 2 ** 20;

function legacyOf(...chunks: readonly Uint8Array[]): string {
  const meter = createLegacyMeter();
  for (const chunk of chunks) meter.update(chunk);
  return meter.finish();
}

const md5Of = (bytes: Uint8Array | string) => createHash('md5').update(bytes).digest('hex');

describe('the name that DVC 2 gave a file', () => {
  it('is that of a text with other line ends', () => {
    expect(legacyOf(Buffer.from('a\r\nb\r\r\nc\r'))).toBe(md5Of('a\nb\r\nc\r'));
    expect(legacyOf()).toBe(md5Of(''));
  });

  it('is that of the bytes themselves where they are no text', () => {
    const withNul = Buffer.from('a\r\nb\0');
    const mostlyHigh = Buffer.concat([Buffer.alloc(4, 0xe9), Buffer.from('ab\r\n')]);
    for (const bytes of [withNul, mostlyHigh]) expect(legacyOf(bytes)).toBe(md5Of(bytes));
  });

  it('is judged by the first 512 bytes', () => {
    const late = Buffer.concat([Buffer.alloc(512, 'x'), Buffer.from('\r\n\0')]);
    expect(legacyOf(late)).toBe(md5Of(Buffer.concat([Buffer.alloc(512, 'x'), Buffer.from('\n\0')])));
  });

  it('keeps a CRLF that two pieces of a MiB share, and judges each piece by itself', () => {
    const first = Buffer.alloc(MIB, 'x');
    first[MIB - 1] = 0x0d;
    const shared = Buffer.concat([first, Buffer.from('\nrest\r\n')]);
    expect(legacyOf(shared)).toBe(md5Of(Buffer.concat([first, Buffer.from('\nrest\n')])));
    const binaryBehind = Buffer.concat([Buffer.alloc(MIB, 'x'), Buffer.from('\0\r\n')]);
    expect(legacyOf(binaryBehind)).toBe(md5Of(binaryBehind));
  });

  it('does not depend on how the bytes arrive', () => {
    const text = fc
      .array(fc.constantFrom('\r\n', '\r', '\n', 'a', '\u00e9', '\0'), { maxLength: 40 })
      .map((parts) => Buffer.from(parts.join('')));
    fc.assert(
      fc.property(text, fc.nat({ max: 40 }), (bytes, cut) => {
        expect(legacyOf(bytes.subarray(0, cut), bytes.subarray(cut))).toBe(legacyOf(bytes));
      }),
    );
  });
});
