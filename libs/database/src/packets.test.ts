// Goal: whatever the pieces in which bytes come, the driver sees all of them, in order, and keeps nothing that is written over. Method: messages of
// any kind and length, cut anywhere; what may be kept is looked at afterwards, the rest before the call returns. And a real server.

import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';

import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { createPackets, createSocket } from './packets.ts';
import { testDatabase } from './testing.ts';
import type { TestDatabase } from './testing.ts';

const SIZE = 64;

const message = fc
  .record({ kind: fc.constantFrom('D', 'd', 'C', 'Z'), body: fc.uint8Array({ maxLength: 3 * SIZE }) })
  .map(({ kind, body }) => {
    const head = Buffer.alloc(5);
    head.write(kind, 'latin1');
    head.writeUInt32BE(body.length + 4, 1);
    return Buffer.concat([head, body]);
  });

describe('bytes that come in pieces', () => {
  it('are handed on once, in order, and views hold whole messages that nobody keeps', () => {
    const messages = fc.array(message, { maxLength: 12 });
    const cuts = fc.array(fc.integer({ min: 1, max: SIZE }), { minLength: 1, maxLength: 40 });
    fc.assert(
      fc.property(messages, cuts, (all, sizes) => {
        const sent = Buffer.concat(all);
        const { seen, kept, own } = handedOn(sent, sizes);
        expect(Buffer.concat(seen)).toEqual(sent);
        for (const [index, bytes] of kept.entries()) {
          if (bytes.buffer !== own) expect(bytes).toEqual(seen[index]);
          else expect(messagesOf(seen[index] ?? bytes).filter(({ kind, isWhole }) => kind === 'd' || !isWhole)).toEqual([]);
        }
      }),
    );
  });
});

/** What is handed on of bytes that come in pieces: as it was then, and the same buffers at the end. */
function handedOn(sent: Buffer, sizes: readonly number[]): { seen: Buffer[]; kept: Buffer[]; own: ArrayBufferLike } {
  const seen: Buffer[] = [];
  const kept: Buffer[] = [];
  const packets = createPackets((bytes, isKept) => {
    seen.push(Buffer.from(bytes));
    kept.push(isKept ? Buffer.from(bytes) : bytes);
  }, SIZE);
  for (let at = 0, turn = 0; at < sent.length; turn += 1) {
    const room = packets.room();
    const count = Math.min(sizes[turn % sizes.length] ?? 1, room.length, sent.length - at);
    expect(count).toBeGreaterThan(0);
    room.set(sent.subarray(at, at + count));
    packets.came(count);
    at += count;
  }
  return { seen, kept, own: packets.room().buffer };
}

function messagesOf(bytes: Buffer): { kind: string; isWhole: boolean }[] {
  const found: { kind: string; isWhole: boolean }[] = [];
  for (let at = 0; at < bytes.length;) {
    const end = at + 1 + (at + 5 <= bytes.length ? bytes.readUInt32BE(at + 1) : Infinity);
    found.push({ kind: String.fromCharCode(bytes[at] ?? 0), isWhole: end <= bytes.length });
    at = end;
  }
  return found;
}

describe('a socket', () => {
  it('that is read as a stream, however slowly, gives all bytes in order', async () => {
    const rows = Array.from({ length: 6_000 }, (_, row) => {
      const body = Buffer.alloc(row % 2_003, row % 251);
      const head = Buffer.from('d0000');
      head.writeUInt32BE(body.length + 4, 1);
      return Buffer.concat([head, body]);
    });
    const server = createServer((peer) => peer.end(Buffer.concat(rows))).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const socket = createSocket();
    socket.connect((server.address() as AddressInfo).port, '127.0.0.1');
    const pieces: Buffer[] = [];
    for await (const piece of socket) {
      pieces.push(piece as Buffer);
      await new Promise((done) => setImmediate(done));
    }
    expect(Buffer.concat(pieces).equals(Buffer.concat(rows))).toBe(true);
    server.close();
  });
});

describe('a connection', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await testDatabase();
  });
  afterAll(() => database.drop());

  it('reads rows of all lengths, those beyond its buffer included', async () => {
    const lengths = [0, 1, 5_000, 131_000, 131_072, 140_000, 3_000_000, 7];
    const rows = await database.database.sql<{ text: string }>(
      `SELECT repeat('ä', n) AS text FROM unnest($1::int[]) WITH ORDINALITY AS u(n, at) ORDER BY at`,
      [lengths],
    );
    expect(rows.map(({ text }) => text.length)).toEqual(lengths);
    expect(rows.every(({ text }) => /^ä*$/.test(text))).toBe(true);
  });

  it('reads many rows on many connections side by side, each its own', async () => {
    const read = (mark: number) =>
      database.database.sql<{ text: string }>(
        `SELECT $1::int || ':' || n || ':' || repeat('x', n % 997) AS text FROM generate_series(1, 5000) n`,
        [mark],
      );
    const all = await Promise.all(Array.from({ length: 8 }, (_, mark) => read(mark)));
    for (const [mark, rows] of all.entries()) {
      expect(rows.findIndex(({ text }, index) => text !== `${mark}:${index + 1}:${'x'.repeat((index + 1) % 997)}`)).toBe(-1);
    }
  });
});
