// vitest's globalSetup for projects whose tests need a database: one throwaway cluster for the run, unless the caller started one.

import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { startEmbeddedPostgres, stopOrphan } from './embedded.ts';
import { TEST_POSTGRES } from './testing.ts';

export interface ThrowawayOptions {
  /** True for what measures: as safe against power loss, and so as slow, as a server in use. False unless told. */
  durable?: boolean;
  /** The folder under which the cluster's own is made; one among the system's temporary files, which may lie in memory, unless told. */
  under?: string;
}

/** Starts a throwaway PostgreSQL, fast and without safety against power loss unless told; answers its URL and how to remove it. */
export async function startThrowawayPostgres(options: ThrowawayOptions = {}): Promise<{ url: string; remove: () => Promise<void> }> {
  const shared = options.under ?? join(tmpdir(), `throughline-tests-${process.getuid?.() ?? 'me'}`);
  mkdirSync(shared, { recursive: true, mode: 0o755 });
  await sweep(shared);
  const folder = mkdtempSync(join(shared, 'cluster-'));
  const server = await startEmbeddedPostgres({ dataDir: join(folder, 'data'), durable: options.durable ?? false });
  return {
    url: server.url,
    async remove() {
      await server.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Removes what runs that were killed left behind. A folder without any note is one that is just being made. */
async function sweep(shared: string): Promise<void> {
  for (const name of readdirSync(shared)) {
    const folder = join(shared, name);
    const dataDir = join(folder, 'data');
    if (!readdirSync(folder).includes('data.launcher.json')) continue;
    if ((await stopOrphan(dataDir)) !== 'in use') rmSync(folder, { recursive: true, force: true });
  }
}

export default async function setup(): Promise<(() => Promise<void>) | undefined> {
  if (process.env[TEST_POSTGRES] !== undefined) return undefined;
  const { url, remove } = await startThrowawayPostgres();
  process.env[TEST_POSTGRES] = url;
  return async () => {
    Reflect.deleteProperty(process.env, TEST_POSTGRES);
    await remove();
  };
}
