// Goal: the rows that COPY is given say what log-batch's bodies say. Method: take the binary form apart as PostgreSQL's manual tells, and
// compare field by field. (That PostgreSQL itself takes it, every run of the benchmark shows: it counts the rows afterwards.)

import { describe, expect, it } from 'vitest';

import { COPY_HEADER, COPY_TRAILER, CopyRows } from './copy.ts';
import { keyName, pointOf } from './points.ts';

const RUN = Buffer.from('00112233445566778899aabbccddeeff', 'hex');

function rowsOf(bytes: Buffer): Buffer[][] {
  const rows: Buffer[][] = [];
  for (let at = 0; at < bytes.length;) {
    const fields = Array.from({ length: bytes.readInt16BE(at) }, () => Buffer.alloc(0));
    at += 2;
    for (const index of fields.keys()) {
      const length = bytes.readInt32BE(at);
      fields[index] = Buffer.from(bytes.subarray(at + 4, at + 4 + length));
      at += 4 + length;
    }
    rows.push(fields);
  }
  return rows;
}

describe('rows in COPY’s binary form', () => {
  it('hold each point of the batch once: run, key, step, time and value', () => {
    const rows = new CopyRows(RUN, { keys: 2, steps: 2 });
    for (const turn of [0, 7]) {
      const expected = [turn * 2, turn * 2 + 1].flatMap((step) => [0, 1].map((key) => ({ key: keyName(key), ...pointOf(key, step) })));
      const found = rowsOf(rows.batch(turn)).map(([run, key, step, timestamp, value]) => {
        expect(run).toEqual(RUN);
        return {
          key: key?.toString('utf8'),
          step: Number(step?.readBigInt64BE()),
          timestamp: Number(timestamp?.readBigInt64BE()),
          value: value?.readDoubleBE(),
        };
      });
      expect(found).toEqual(expected);
    }
  });

  it('stand between the signature and the end that the manual gives', () => {
    expect(COPY_HEADER.toString('hex')).toBe('5047434f50590aff0d0a000000000000000000');
    expect(COPY_TRAILER.readInt16BE()).toBe(-1);
  });
});
