import { crc32 } from 'node:zlib';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { decodeState, encodeState, KEPT_FACTS, readState, slowChecksum, writeState } from './state.ts';
import type { State } from './state.ts';
import { MD5_BYTES } from './tasks.ts';

const name = fc.string({ minLength: 1, unit: 'grapheme' }).filter((text) => !text.includes('\0') && text.isWellFormed());

const folder = fc.uniqueArray(name, { maxLength: 8 }).chain((names) =>
  fc.record({
    path: fc.oneof(fc.constant(''), name),
    names: fc.constant(names),
    facts: fc
      .array(fc.double({ noNaN: true }), { minLength: names.length * KEPT_FACTS, maxLength: names.length * KEPT_FACTS })
      .map((values) => Float64Array.from(values)),
    digests: fc.uint8Array({ minLength: names.length * MD5_BYTES, maxLength: names.length * MD5_BYTES }),
  }),
);

const state: fc.Arbitrary<State> = fc.record({
  path: name,
  hash: fc.constantFrom('md5', 'md5-dos2unix'),
  treeMd5: fc.option(fc.constant('d751713988987e9331980363e24189ce')),
  sizeBytes: fc.nat(),
  fileCount: fc.nat(),
  folders: fc.array(folder, { maxLength: 5 }),
});

test('a state that was written is read as it was', () => {
  fc.assert(
    fc.property(state, (written) => {
      expect(decodeState(encodeState(written))).toEqual(written);
    }),
  );
});

test('a state is read wherever its bytes lie in memory', () => {
  fc.assert(
    fc.property(state, fc.nat(16), (written, offset) => {
      const bytes = encodeState(written);
      const moved = Buffer.concat([Buffer.alloc(offset), bytes]).subarray(offset);
      expect(decodeState(moved)).toEqual(written);
    }),
  );
});

test('a state of which any byte was changed is as good as none', () => {
  fc.assert(
    fc.property(state, fc.nat(), fc.integer({ min: 1, max: 255 }), (written, place, change) => {
      const bytes = encodeState(written);
      const at = place % bytes.length;
      bytes[at] = (bytes[at] ?? 0) ^ change;
      expect(decodeState(bytes)).toBeNull();
    }),
  );
});

test('a state that was cut short is as good as none', () => {
  fc.assert(
    fc.property(state, fc.nat(), (written, place) => {
      const bytes = encodeState(written);
      expect(decodeState(bytes.subarray(0, place % bytes.length))).toBeNull();
    }),
  );
});

test('the checksum of old versions of Node is the same as that of new ones', () => {
  fc.assert(
    fc.property(fc.uint8Array(), (bytes) => {
      expect(slowChecksum(bytes)).toBe(crc32(bytes));
    }),
  );
});

test('what cannot be written down is done without', () => {
  const file = '/sys/throughline/state';
  writeState(file, { path: 'data', hash: 'md5', treeMd5: null, sizeBytes: 0, fileCount: 0, folders: [] });
  expect(readState(file)).toBeNull();
});
