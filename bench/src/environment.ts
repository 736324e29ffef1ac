// Where it ran: without it, figures mean nothing.

import { readFileSync } from 'node:fs';
import { availableParallelism, cpus, loadavg, totalmem } from 'node:os';
import { join } from 'node:path';

import { query } from './tracking/stand.ts';

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

export interface Environment {
  startedAt: string;
  platform: string;
  cores: number;
  processor: string;
  memoryGigabytes: number;
  /** Of the machine before anything was started: others' work makes every figure worse. */
  loadAverage: number[];
  versions: Record<string, string>;
  /** Of the instance that both servers use. */
  postgres: Record<string, string>;
}

/** Read before anything is started, but for PostgreSQL's settings. */
export function machine(root: string): Omit<Environment, 'postgres'> {
  const manifest: unknown = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const mlflow = /^mlflow==(.+)$/m.exec(readFileSync(join(root, 'bench/requirements.txt'), 'utf8'))?.[1] ?? '';
  return {
    startedAt: new Date().toISOString(),
    platform: `${process.platform} ${process.arch}`,
    cores: availableParallelism(),
    processor: cpus()[0]?.model ?? '',
    memoryGigabytes: Number((totalmem() / 2 ** 30).toFixed(1)),
    loadAverage: loadavg().map((load) => Number(load.toFixed(2))),
    versions: { throughline: String(Reflect.get(Object(manifest), 'version')), mlflow, node: process.versions.node },
  };
}

export async function postgresSettings(url: string): Promise<Record<string, string>> {
  const rows = await query<{ name: string; value: string }>(
    url,
    'SELECT name, current_setting(name) AS value FROM pg_settings WHERE name = ANY($1) ORDER BY name',
    [SETTINGS],
  );
  return Object.fromEntries(rows.map(({ name, value }) => [name, value]));
}

export function environmentText({ platform, cores, processor, memoryGigabytes, loadAverage, versions, postgres }: Environment): string {
  const settings = Object.entries(postgres).map(([name, value]) => `${name}=${value}`);
  return [
    `${cores} cores (${processor}), ${memoryGigabytes} GB, ${platform}, load average ${loadAverage.join(' ')}`,
    Object.entries(versions)
      .map(([name, version]) => `${name} ${version}`)
      .join(', '),
    `one PostgreSQL for both: ${settings.join(', ')}`,
  ].join('\n');
}
