// Filling MLflow's own tables by COPY: through its API, a store that is worth searching would take hours.

import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

import pg from 'pg';
import { from as copyFrom } from 'pg-copy-streams';

/** Text that is sent at once: a row each would be a packet each. */
const CHUNK_CHARACTERS = 256 * 1024;

/** Copies rows, each a line of COPY's text form with its newline, into one table. */
export async function copyMlflowRows(url: string, table: string, columns: readonly string[], rows: Iterable<string>): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const stream = client.query(copyFrom(`COPY ${table} (${columns.join(', ')}) FROM STDIN`));
    await pipeline(Readable.from(chunked(rows), { objectMode: true, highWaterMark: 1 }), stream);
  } finally {
    await client.end();
  }
}

function* chunked(rows: Iterable<string>): Generator<Buffer> {
  let chunk = '';
  for (const line of rows) {
    chunk += line;
    if (chunk.length < CHUNK_CHARACTERS) continue;
    yield Buffer.from(chunk);
    chunk = '';
  }
  if (chunk !== '') yield Buffer.from(chunk);
}
