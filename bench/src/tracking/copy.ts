// PostgreSQL's fastest way in, as the measure of what storage allows: COPY in its binary form, into a table that is keyed as a history of
// metrics must be, which is what finds duplicates and answers a run's chart. The rows are encoded by hand into one buffer a connection, in
// which only the steps, times and values change from batch to batch, so that next to nothing is spent outside PostgreSQL.
//
// The form: https://www.postgresql.org/docs/current/sql-copy.html#SQL-COPY-FILE-FORMATS

import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { finished } from 'node:stream/promises';

import pg from 'pg';
import { from as copyFrom } from 'pg-copy-streams';

import { closedLoop } from '../harness/load.ts';
import { keyName, pointOf } from './points.ts';
import type { Shape } from './points.ts';
import type { Stand } from './stand.ts';

const SIGNATURE = Buffer.from('PGCOPY\n\u00ff\r\n\0', 'latin1');
/** The signature, no flags, no extension. */
export const COPY_HEADER = Buffer.concat([SIGNATURE, Buffer.alloc(8)]);
/** A count of fields of -1: no row follows. */
export const COPY_TRAILER = Buffer.from([0xff, 0xff]);
const FIELDS = 5;

const TABLE = `
  CREATE TABLE IF NOT EXISTS point (
    run uuid NOT NULL, key text NOT NULL, step bigint NOT NULL, timestamp bigint NOT NULL, value double precision NOT NULL,
    PRIMARY KEY (run, key, step, timestamp, value)
  )`;
const COPY_STATEMENT = 'COPY point FROM STDIN (FORMAT binary)';

/** The rows of a run's batches, encoded one batch at a time into the same buffer. */
export class CopyRows {
  readonly #shape: Shape;
  readonly #buffer: Buffer;
  /** Where each row's step field begins. */
  readonly #steps: number[] = [];

  constructor(run: Buffer, shape: Shape) {
    this.#shape = shape;
    const rows: Buffer[] = [];
    let at = 0;
    for (let step = 0; step < shape.steps; step += 1) {
      for (let key = 0; key < shape.keys; key += 1) {
        const head = Buffer.concat([int16(FIELDS), sized(run), sized(Buffer.from(keyName(key)))]);
        rows.push(head, ...Array.from({ length: 3 }, () => sized(Buffer.alloc(8))));
        this.#steps.push(at + head.length);
        at += head.length + 3 * 12;
      }
    }
    this.#buffer = Buffer.concat(rows);
  }

  /** The turn-th batch. The buffer is valid until the next one is asked for. */
  batch(turn: number): Buffer {
    const { keys, steps } = this.#shape;
    for (const [index, at] of this.#steps.entries()) {
      const { step, timestamp, value } = pointOf(index % keys, turn * steps + Math.floor(index / keys));
      // Four bytes before each field tell its length.
      this.#buffer.writeBigInt64BE(BigInt(step), at + 4);
      this.#buffer.writeBigInt64BE(BigInt(timestamp), at + 16);
      this.#buffer.writeDoubleBE(value, at + 28);
    }
    return this.#buffer;
  }
}

function int16(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeInt16BE(value);
  return bytes;
}

function sized(field: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeInt32BE(field.length);
  return Buffer.concat([length, field]);
}

/** COPY that is committed after every batch, as log-batch is; answers points a second. */
export function committedCopyTurn(stand: Stand, shape: Shape, isWarmUp: boolean): Promise<number> {
  return withEmptyTable(stand, shape, async (connections, rowsOf) => {
    const result = await closedLoop({
      clients: connections.length,
      durationMs: isWarmUp ? stand.scale.turnMs / 2 : stand.scale.turnMs,
      signal: stand.signal,
      async request(client, turn) {
        const stream = connectionAt(connections, client).query(copyFrom(COPY_STATEMENT));
        stream.end(Buffer.concat([COPY_HEADER, rowsOf(client).batch(turn), COPY_TRAILER]));
        await finished(stream);
        return () => shape.keys * shape.steps;
      },
    });
    return { points: result.units, perSecond: result.perSecond };
  });
}

/** One COPY a connection, fed for as long as a turn lasts and committed at its end; answers points a second. */
export function bigCopyTurn(stand: Stand, shape: Shape, isWarmUp: boolean): Promise<number> {
  return withEmptyTable(stand, shape, async (connections, rowsOf) => {
    const durationMs = isWarmUp ? stand.scale.turnMs / 2 : stand.scale.turnMs;
    const begin = performance.now();
    const ended = await Promise.all(
      connections.map(async (connection, client) => {
        const stream = connection.query(copyFrom(COPY_STATEMENT));
        const whole = finished(stream);
        // It is waited for below; until then a failure has no other listener, and would end the process.
        whole.catch(() => undefined);
        stream.write(COPY_HEADER);
        let turns = 0;
        for (; performance.now() - begin < durationMs; turns += 1) {
          stand.signal.throwIfAborted();
          // A copy: the stream may hold it while the next batch is made.
          if (!stream.write(Buffer.from(rowsOf(client).batch(turns)))) await Promise.race([once(stream, 'drain'), whole]);
        }
        stream.end(COPY_TRAILER);
        await whole;
        return { points: turns * shape.keys * shape.steps, elapsedMs: performance.now() - begin };
      }),
    );
    return {
      points: ended.reduce((sum, { points }) => sum + points, 0),
      perSecond: ended.reduce((sum, { points, elapsedMs }) => sum + (points * 1000) / elapsedMs, 0),
    };
  });
}

type Turn = (connections: readonly pg.Client[], rowsOf: (client: number) => CopyRows) => Promise<{ points: number; perSecond: number }>;

/** An empty table at each turn's beginning: its index never outgrows the memory, which is the best that COPY can have. */
async function withEmptyTable(stand: Stand, shape: Shape, turn: Turn): Promise<number> {
  const connections = Array.from({ length: stand.scale.clients }, () => new pg.Client({ connectionString: stand.scratchUrl }));
  try {
    await Promise.all(connections.map((connection) => connection.connect()));
    const first = connectionAt(connections, 0);
    await first.query(TABLE);
    await first.query('TRUNCATE point');
    const rows = connections.map(() => new CopyRows(randomBytes(16), shape));
    const { points, perSecond } = await turn(connections, (client) => {
      const found = rows[client];
      if (found === undefined) throw new RangeError(`there is no client ${client}`);
      return found;
    });
    const { rows: counted } = await first.query<{ count: string }>('SELECT count(*) FROM point');
    if (Number(counted[0]?.count) !== points) throw new Error(`COPY left ${String(counted[0]?.count)} rows instead of ${points}`);
    return perSecond;
  } finally {
    await Promise.all(connections.map((connection) => connection.end()));
  }
}

function connectionAt(connections: readonly pg.Client[], index: number): pg.Client {
  const found = connections[index];
  if (found === undefined) throw new RangeError(`there is no client ${index}`);
  return found;
}
