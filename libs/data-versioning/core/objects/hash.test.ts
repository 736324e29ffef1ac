import { createHash } from 'node:crypto';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { contentMd5, createContentHash, md5Of, PIECE_BYTES } from './hash.ts';

function md5(bytes: Uint8Array | string): string {
  return createHash('md5').update(bytes).digest('hex');
}

test('the hash of bytes is their MD5', () => {
  fc.assert(
    fc.property(fc.uint8Array(), (bytes) => {
      expect(md5Of(bytes)).toBe(md5(bytes));
    }),
  );
});

test('the hash of DVC 2 reads CRLF as LF in text', () => {
  expect(contentMd5(Buffer.from('a\r\nb\r\n'), 'md5-dos2unix')).toBe(md5('a\nb\n'));
});

test('the hash of DVC 2 leaves a lone carriage return alone', () => {
  expect(contentMd5(Buffer.from('a\rb\n\r'), 'md5-dos2unix')).toBe(md5('a\rb\n\r'));
});

test('the hash of DVC 2 takes bytes with a NUL among the first 512 as they are', () => {
  expect(contentMd5(Buffer.from('a\0\r\n'), 'md5-dos2unix')).toBe(md5('a\0\r\n'));
});

test('the hash of DVC 2 takes bytes of which more than three in ten are no text as they are', () => {
  const binary = Buffer.concat([Buffer.alloc(31, 0xff), Buffer.alloc(67, 'a'), Buffer.from('\r\n')]);
  expect(contentMd5(binary, 'md5-dos2unix')).toBe(md5(binary));
});

test('the hash of DVC 2 reads CRLF as LF where three in ten are no text', () => {
  const text = Buffer.concat([Buffer.alloc(30, 0xff), Buffer.alloc(68, 'a'), Buffer.from('\r\n')]);
  expect(contentMd5(text, 'md5-dos2unix')).toBe(md5(Buffer.concat([text.subarray(0, 98), Buffer.from('\n')])));
});

test('the hash of DVC 2 keeps a CRLF that the end of a mebibyte cuts in two', () => {
  const bytes = Buffer.alloc(PIECE_BYTES + 1, 'a');
  bytes.write('\r\n', PIECE_BYTES - 1);
  expect(contentMd5(bytes, 'md5-dos2unix')).toBe(md5(bytes));
});

test('a hash does not depend on how the bytes are cut', () => {
  const hash = fc.constantFrom('md5', 'md5-dos2unix');
  const text = fc.array(fc.constantFrom('\r\n', '\r', '\n', 'word', '\0')).map((parts) => Buffer.from(parts.join('')));
  fc.assert(
    fc.property(hash, text, fc.array(fc.nat(20)), (name, bytes, cuts) => {
      const content = createContentHash(name);
      let at = 0;
      for (const cut of cuts) content.update(bytes.subarray(at, (at += cut)));
      content.update(bytes.subarray(at));
      expect(content.digest()).toBe(contentMd5(bytes, name));
    }),
  );
});
