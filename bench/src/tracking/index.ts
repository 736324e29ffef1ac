// The benchmark of tracking: its rows in the order of the bars' table. Memory comes after the ingest, which is what it is about.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import type { Benchmark } from '../harness/benchmark.ts';
import { CREATE_RUN } from './create-run.ts';
import { COPY, LOG_BATCH_1000, LOG_BATCH_1000X1, LOG_BATCH_10X1, LOG_BATCH_500, LOG_METRIC } from './ingest.ts';
import { MEMORY, readIdleMemory } from './memory.ts';
import { FULL, QUICK } from './scale.ts';
import { SEARCH_100, SEARCH_1000, SEARCH_DEEP } from './search.ts';
import { SERIES_WORK } from './series.ts';
import { openStand, query } from './stand.ts';
import type { Work } from './work.ts';

const QUICK_SECONDS = 15;

const WORKS: readonly Work[] = [
  LOG_BATCH_1000,
  LOG_BATCH_500,
  LOG_BATCH_1000X1,
  LOG_BATCH_10X1,
  COPY,
  CREATE_RUN,
  LOG_METRIC,
  MEMORY,
  SERIES_WORK,
  SEARCH_100,
  SEARCH_1000,
  SEARCH_DEEP,
];

export const TRACKING: Benchmark = {
  rows: WORKS.map(({ name }) => name),
  async open({ root, quick, rounds, rows, progress, signal }) {
    const scale = { ...(quick ? QUICK : FULL), ...(rounds === null ? {} : { rounds }) };
    const { stand, lastWords, close } = await openStand({ root, scale, progress, signal });
    try {
      const works = WORKS.filter(({ name }) => rows.includes(name));
      // Idle is what it is before any work.
      if (works.includes(MEMORY)) await readIdleMemory(stand);
      return {
        environment: { versions: versions(root), postgres: await postgresSettings(stand.scratchUrl), scale: { ...scale } },
        rows: works.map((work) => ({
          subject: work,
          seconds: quick ? QUICK_SECONDS : work.seconds,
          run: () => work.run(stand, work),
        })),
        lastWords,
        close,
      };
    } catch (error) {
      await close();
      throw error;
    }
  },
};

function versions(root: string): Record<string, string> {
  const manifest: unknown = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const mlflow = /^mlflow==(.+)$/m.exec(readFileSync(join(root, 'bench/requirements.txt'), 'utf8'))?.[1] ?? '';
  return { throughline: String(Reflect.get(Object(manifest), 'version')), mlflow };
}

const SETTINGS = [
  'server_version',
  'fsync',
  'synchronous_commit',
  'full_page_writes',
  'wal_level',
  'shared_buffers',
  'max_wal_size',
  'checkpoint_timeout',
  'max_connections',
];

/** Of the instance that both servers use. */
async function postgresSettings(url: string): Promise<Record<string, string>> {
  const statement = 'SELECT name, current_setting(name) AS value FROM pg_settings WHERE name = ANY($1) ORDER BY array_position($1, name)';
  const rows = await query<{ name: string; value: string }>(url, statement, [SETTINGS]);
  return Object.fromEntries(rows.map(({ name, value }) => [name, value]));
}
