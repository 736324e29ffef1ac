// What a run has read, told to the server with the SHA-256 of every file: where they equal a dataset version's, the edge between run and data is matched
// rather than only asserted. Files that came now were hashed on their way; those that lay in the cache are hashed here.

import { createReadStream } from 'node:fs';
import { objectPath, printObjectId } from '../formats/object-id.ts';
import { readTree } from '../objects/cache.ts';
import type { Cache } from '../objects/cache.ts';
import type { Reporter } from '../types.ts';
import { localDamaged } from './failures.ts';
import { throwIfAborted } from './retry.ts';
import type { Throughline } from './throughline.ts';
import { createMeter, feed, hashOf } from './verified.ts';
import { filesOf } from './wanted.ts';
import type { WantedObject, WantedOutput } from './wanted.ts';

export interface ReadsOptions {
  readonly server: Throughline;
  readonly cache: Cache;
  readonly run: string;
  /** SHA-256 of what came now, by `objectPath`. */
  readonly known: ReadonlyMap<string, string>;
  readonly reporter: Reporter;
  readonly signal: AbortSignal;
}

/** Reports each output; a file alone has the empty path. */
export async function reportReads(outputs: readonly WantedOutput[], options: ReadsOptions): Promise<void> {
  const { server, cache, run, signal, reporter } = options;
  for (const wanted of outputs) {
    const files: { path: string; object: WantedObject }[] = wanted.id.isTree
      ? filesOf(await readTree(cache, wanted.id), wanted).map((object) => ({ path: object.path.slice(wanted.path.length + 1), object }))
      : [{ path: '', object: wanted }];
    const task = reporter.task(`Hashing ${wanted.path} for the run`, 'files', files.length);
    try {
      const hashed: { path: string; sha256: string }[] = [];
      for (const { path, object } of files) {
        throwIfAborted(signal);
        hashed.push({ path, sha256: options.known.get(objectPath(object.id)) ?? (await sha256OfObject(object, cache)) });
        task.advance(1);
      }
      await server.reportRead({ run, id: printObjectId(wanted.id), digest: null, files: hashed }, signal);
    } finally {
      task.end();
    }
  }
}

/** @throws DomainError `CACHE_OBJECT_DAMAGED`: nothing wrong is ever reported as read. */
async function sha256OfObject({ id }: WantedObject, cache: Cache): Promise<string> {
  const file = cache.fileOf(id);
  const meter = createMeter(hashOf(id), true);
  for await (const chunk of createReadStream(file, { highWaterMark: 1024 * 1024 }) as AsyncIterable<Buffer>) feed(meter, chunk);
  const actual = meter.content.digest();
  if (actual !== id.md5 || meter.sha256 === null) throw localDamaged(file, id.md5, actual);
  return meter.sha256.digest('hex');
}
