// DVC's run cache: what its pipelines produced before, one small file for each run, below `runs/`. It is moved where a remote can list its files.

import { mkdir, readdir, readFile, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { replaceFile } from '../objects/durable.ts';
import { isMissing } from '../objects/failures.ts';
import type { Repository } from '../repository/repository.ts';
import { inParallel } from './pool.ts';
import type { Remote } from './remote.ts';
import type { Storage } from './storage.ts';

const RUN = /^runs\/[0-9a-f]{2}\/[0-9a-f]{64}\/[0-9a-f]{64}$/;
/** One file lists a stage's inputs and outputs. */
const MAX_RUN_BYTES = 16 * 1024 * 1024;

/** Sends what the remote does not have. Answers how many; null where the remote cannot keep a run cache. */
export async function pushRunCache(repository: Repository, remote: Remote, signal: AbortSignal): Promise<number | null> {
  const { storage } = remote;
  if (storage.list === null) return null;
  const there = await runsOf(storage, signal);
  const missing = (await localRuns(repository.cacheFolder)).filter((path) => !there.has(path));
  await inParallel(missing, { jobs: remote.jobs, signal }, async (path) => {
    const bytes = await readFile(join(repository.cacheFolder, path));
    await storage.write(path, { sizeBytes: bytes.length, md5: null, open: () => once(bytes) }, signal);
  });
  await storage.flush();
  return missing.length;
}

async function* once(bytes: Buffer): AsyncGenerator<Uint8Array> {
  if (bytes.length > 0) yield bytes;
}

/** Fetches what is not here. Answers how many; null where the remote cannot keep a run cache. */
export async function fetchRunCache(repository: Repository, remote: Remote, signal: AbortSignal): Promise<number | null> {
  const { storage } = remote;
  if (storage.list === null) return null;
  const here = new Set(await localRuns(repository.cacheFolder));
  const missing = [...(await runsOf(storage, signal))].filter((path) => !here.has(path));
  await inParallel(missing, { jobs: remote.jobs, signal }, async (path) => {
    const file = join(repository.cacheFolder, path);
    const bytes = await readWhole(storage, path, signal);
    await mkdir(dirname(file), { recursive: true });
    await replaceFile(file, bytes);
  });
  return missing.length;
}

async function runsOf(storage: Storage, signal: AbortSignal): Promise<Set<string>> {
  const found = new Set<string>();
  if (storage.list === null) return found;
  for await (const { path } of storage.list('runs/', signal)) if (RUN.test(path)) found.add(path);
  return found;
}

async function readWhole(storage: Storage, path: string, signal: AbortSignal): Promise<Buffer> {
  const { chunks } = await storage.read(path, { signal });
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of chunks) {
    size += chunk.length;
    if (size > MAX_RUN_BYTES) throw new RangeError(`${path} has more than ${MAX_RUN_BYTES} bytes`);
    parts.push(chunk);
  }
  return Buffer.concat(parts);
}

/** Paths of the runs below a cache's folder. */
export async function localRuns(cacheFolder: string): Promise<string[]> {
  const found: string[] = [];
  for (const prefix of await names(join(cacheFolder, 'runs'))) {
    for (const key of await names(join(cacheFolder, 'runs', prefix))) {
      for (const value of await names(join(cacheFolder, 'runs', prefix, key))) {
        const path = `runs/${prefix}/${key}/${value}`;
        if (RUN.test(path) && (await stat(join(cacheFolder, path))).isFile()) found.push(path);
      }
    }
  }
  return found;
}

async function names(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
}
