import type { Tx } from '@throughline/database';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { startWorld } from '../testing/world.ts';
import type { World } from '../testing/world.ts';

/** More than the thousand entries that one answer once held: MLflow's clients ask for no second page. */
const MANY = 1_001;

let world: World;
let location: string;
let runId: string;

beforeAll(async () => {
  world = await startWorld();
  const { access, database, tracking } = world.services;
  const { run } = await world.mlflow<{ run: { info: { run_id: string; artifact_uri: string } } }>('runs/create', { experiment_id: '0' });
  runId = run.info.run_id;
  location = run.info.artifact_uri.replace('mlflow-artifacts:/', '');
  const sha256 = await world.upload(Buffer.from('x'));
  const caller = await access.localCaller();
  const putAll = async (tx: Tx) => {
    const call = { caller, tx };
    const owner = tracking.artifacts.ownedBy(await tracking.runs.get(call, { runId }));
    for (let index = 0; index < MANY; index += 1)
      await tracking.artifacts.put(call, owner, `many/${String(index).padStart(4, '0')}`, sha256);
  };
  // One transaction, to be quick; a busy machine takes longer over it than a request may.
  await database.transaction(putAll, { timeoutMs: 110_000 });
}, 120_000);
afterAll(() => world.close());

describe('a folder of more files than a page', () => {
  it.each([
    ['the artifact proxy', () => `/api/2.0/mlflow-artifacts/artifacts?path=${location}/many`, '1000'],
    ['the listing of a run', () => `/ajax-api/2.0/mlflow/artifacts/list?run_id=${runId}&path=many`, 'many/1000'],
  ])('is listed whole by %s', async (_name, path, last) => {
    const { files } = JSON.parse((await world.send('GET', path())).text) as { files: { path: string }[] };
    expect([files.length, files.at(-1)?.path]).toEqual([MANY, last]);
  });
});
