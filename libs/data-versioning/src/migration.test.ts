// Goal: datasets that were registered before tables were profiled and READMEs were written have both afterwards.
// Method: the migrations up to there, rows of that release, the rest of the migrations; then the domain itself does its work on them.

import { createHash } from 'node:crypto';
import { cp, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { createContent } from '@throughline/content';
import { migrate } from '@throughline/database';
import type { Call, Database } from '@throughline/database';
import { emptyTestDatabase } from '@throughline/database/testing';
import { newId } from '@throughline/kernel';
import { createFilesystemObjectStore } from '@throughline/object-store';
import type { ObjectStore } from '@throughline/object-store';
import { expect, it, vi } from 'vitest';

import { createDataVersioning } from './data-versioning.ts';
import type { DataVersioning } from './data-versioning.ts';
import { newCall } from './testing.ts';
import type { DatasetVersion } from './types.ts';

const MIGRATIONS = fileURLToPath(new URL('../../../prisma/migrations', import.meta.url));
const FIRST_OF_THIS = '20261124005300_dataset_readme';
const FILES = { 'README.md': '# Penguins\n', 'train.csv': 'x,y\n1,2\n3,4\n' };

interface Earlier {
  readonly database: Database;
  readonly objects: ObjectStore;
  readonly workspaceId: string;
}

async function writeBlob({ database, objects, workspaceId }: Earlier, text: string): Promise<Buffer> {
  const [sha256, md5] = [createHash('sha256').update(text).digest(), createHash('md5').update(text).digest()];
  const key = `earlier/${sha256.toString('hex')}`;
  await objects.put(key, single(text), { sizeBytes: text.length });
  await database.sql('INSERT INTO blob (sha256, md5, size_bytes, storage_key) VALUES ($1, $2, $3, $4)', [sha256, md5, text.length, key]);
  await database.sql('INSERT INTO blob_grant (workspace_id, sha256, md5) VALUES ($1, $2, $3)', [workspaceId, sha256, md5]);
  return sha256;
}

async function* single(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text);
}

/** A dataset and its one version, as the earlier release wrote them. */
async function writeEarlier(earlier: Earlier, name: string): Promise<void> {
  const { database, workspaceId } = earlier;
  const [manifest, dataset, version] = [newId(), newId(), newId()];
  const digest = await writeBlob(earlier, `the manifest of ${name}`);
  await database.sql(
    `INSERT INTO manifest (id, workspace_id, digest, kind, file_count, total_bytes, dvc_md5, blob_sha256) VALUES ($1, $2, $3, 'DIR', 2, 23, $4, $3)`,
    [manifest, workspaceId, digest, `${'0'.repeat(32)}.dir`],
  );
  for (const [path, text] of Object.entries(FILES)) {
    const sha256 = await writeBlob(earlier, text);
    await database.sql('INSERT INTO manifest_entry (manifest_id, path, sha256) VALUES ($1, $2, $3)', [manifest, path, sha256]);
  }
  await database.sql('INSERT INTO dataset (id, workspace_id, name, last_version) VALUES ($1, $2, $3, 1)', [dataset, workspaceId, name]);
  await database.sql(
    `INSERT INTO dataset_version (id, workspace_id, dataset_id, number, manifest_id, digest, created_by) VALUES ($1, $2, $3, 1, $4, $5, 'ada')`,
    [version, workspaceId, dataset, manifest, digest],
  );
  await database.sql(`INSERT INTO dataset_pointer (dataset_id, name, version_id) VALUES ($1, 'current', $2)`, [dataset, version]);
}

/** Works until nobody waits for a profile. */
async function profileAll(data: DataVersioning, call: Call, version: DatasetVersion): Promise<void> {
  const end = new AbortController();
  const errors: unknown[] = [];
  const running = data.profiles.run({ signal: end.signal, onError: (error) => errors.push(error) });
  const isProfiled = async () => {
    const table = await data.profiles.findTable(call, version, 'train.csv');
    return table !== null && (await data.profiles.results(call, [table.key]))[0] !== null;
  };
  await vi.waitUntil(isProfiled, { timeout: 60_000, interval: 20 });
  end.abort();
  await running;
  expect(errors).toEqual([]);
}

it('profiles the tables of versions from before there were profiles, and gives their datasets READMEs', async () => {
  const test = await emptyTestDatabase();
  const folder = await mkdtemp(join(tmpdir(), 'throughline-migrations-'));
  try {
    const names = (await readdir(MIGRATIONS, { withFileTypes: true })).filter((entry) => entry.isDirectory()).map(({ name }) => name);
    const before = join(folder, 'before');
    for (const name of names.filter((one) => one < FIRST_OF_THIS))
      await cp(join(MIGRATIONS, name), join(before, name), { recursive: true });
    await migrate(test.database, before);
    const call = newCall();
    const objects = await createFilesystemObjectStore({ root: join(folder, 'objects') });
    await writeEarlier({ database: test.database, objects, workspaceId: call.caller.workspaceId }, 'penguins');
    expect(await migrate(test.database)).toEqual(names.filter((one) => one >= FIRST_OF_THIS).sort());

    const content = createContent({ database: test.database, objects });
    const data = createDataVersioning({
      database: test.database,
      content,
      scratchDir: join(folder, 'scratch'),
      profileLimits: { pollMs: 20 },
    });
    const version = await data.versions.findByRef(call, 'data:penguins@1');
    if (version === null) throw new Error('The version of the earlier release is gone.');
    expect((await data.profiles.requested(call, [version.id])).has(version.id)).toBe(true);
    await profileAll(data, call, version);
    const table = await data.profiles.findTable(call, version, 'train.csv');
    expect(table === null ? null : await data.profiles.results(call, [table.key])).toMatchObject([{ rowCount: 2, columnCount: 2 }]);

    expect(await data.readmes.ofDatasets(call, [version.datasetId])).toEqual(new Map());
    expect(await data.readmes.fileOf(call, version)).toBe('# Penguins\n');
    await data.readmes.write(call, version.datasetId, { text: 'By hand', revision: 0 });
    expect((await data.readmes.ofDatasets(call, [version.datasetId])).get(version.datasetId)).toMatchObject({
      text: 'By hand',
      revision: 1,
    });
  } finally {
    await test.drop();
    await rm(folder, { recursive: true, force: true });
  }
});
