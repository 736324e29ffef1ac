// The process that reads people's tables. It is given one question as a line of JSON, answers with one, and ends; it ends as well when whoever
// asked is gone. It holds no secret, and what goes wrong in it, to a damaged file's killing it, goes wrong here only.

import { writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';

import { diffTables } from './diff.ts';
import { previewTable } from './preview.ts';
import { profileTable } from './profile.ts';
import { openDatabase, openTable } from './read.ts';
import type { TableAnswers, TableRequest } from './types.ts';

async function answer(request: TableRequest, memoryBytes: number): Promise<TableAnswers[TableRequest['kind']]> {
  const files = request.kind === 'diff' ? [request.before.file, request.after.file] : [request.table.file];
  const connection = await openDatabase(request.folder, files, memoryBytes);
  switch (request.kind) {
    case 'profile':
      return profileTable(connection, await openTable(connection, 'given', request.table), request.table.format);
    case 'preview': {
      // One more says whether there are more.
      const table = await openTable(connection, 'given', request.table, { firstRows: request.rows + 1 });
      return previewTable(connection, table, request.rows);
    }
    case 'diff': {
      const before = await openTable(connection, 'given_before', request.before);
      const after = await openTable(connection, 'given_after', request.after);
      return diffTables(connection, { before, after }, request);
    }
  }
}

/** Tells the answer and ends. What no database takes as text is told as a character that stands for it. */
function tell(said: { value: unknown } | { error: string }): void {
  const text = JSON.stringify(said, (_key, inner: unknown) => (typeof inner === 'string' ? inner.replaceAll('\0', '\ufffd') : inner));
  process.stdout.write(text, () => process.exit(0));
}

const fail = (error: unknown) => tell({ error: error instanceof Error ? error.message : String(error) });

// Where the system runs out of memory, this goes before the server and its database. Only Linux knows of it.
if (process.platform === 'linux') writeFileSync('/proc/self/oom_score_adj', '1000');

const lines = createInterface({ input: process.stdin });
lines.once('line', (line) => {
  process.once('uncaughtException', fail);
  const { request, memoryBytes } = JSON.parse(line) as { request: TableRequest; memoryBytes: number };
  answer(request, memoryBytes).then((value) => tell({ value }), fail);
});
lines.once('close', () => process.exit(1));
