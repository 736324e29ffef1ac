// Copies of artifacts, beside the journal: hashed while they are copied, and on the disk before the record that names them. What the caller does with
// the source afterwards changes nothing.

import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open, rm, stat } from 'node:fs/promises';
import { basename } from 'node:path';

import { checkArtifactPath } from './checks.ts';
import { invalidInput, systemCode } from './errors.ts';
import { stagedFile } from './folder.ts';
import type { JournalRecord } from './journal.ts';
import type { ArtifactSource } from './types.ts';

/** Where an artifact goes. Throws INVALID_INPUT where that is not said. */
export function artifactPath(source: ArtifactSource, path: string | undefined): string {
  if (path !== undefined) return checkArtifactPath(path);
  if (typeof source !== 'string') throw invalidInput('Bytes and streams need a path to be put at.', "logArtifact(bytes, 'plots/loss.svg')");
  return checkArtifactPath(basename(source));
}

/** Copies a source to `artifacts/<file>`. Throws INVALID_INPUT for a file that cannot be read; then nothing stays behind. */
export async function stage(
  source: ArtifactSource,
  { folder, file, path }: { folder: string; file: string; path: string },
): Promise<Extract<JournalRecord, { type: 'artifact' }>> {
  const target = stagedFile(folder, file);
  const chunks = await chunksOf(source);
  const hash = createHash('sha256');
  let sizeBytes = 0;
  try {
    const handle = await open(target, 'wx');
    try {
      for await (const chunk of chunks) {
        if (!(chunk instanceof Uint8Array)) throw invalidInput('A stream of an artifact must carry bytes.');
        hash.update(chunk);
        await writeWhole(handle, chunk);
        sizeBytes += chunk.length;
      }
      await handle.sync();
    } finally {
      await handle.close();
    }
  } catch (error) {
    await rm(target, { force: true });
    throw error;
  }
  return { type: 'artifact', path, file, sha256: hash.digest('hex'), sizeBytes };
}

async function chunksOf(source: ArtifactSource): Promise<AsyncIterable<Uint8Array> | Iterable<Uint8Array>> {
  if (source instanceof Uint8Array) return [source];
  if (typeof source !== 'string') return source;
  const found = await stat(source).catch((error: unknown) => {
    throw invalidInput(`The file ${source} cannot be read (${systemCode(error) ?? String(error)}).`);
  });
  if (!found.isFile()) throw invalidInput(`${source} is no file.`, 'Log the files in a folder one by one.');
  return createReadStream(source, { highWaterMark: 2 ** 18 });
}

/** A write may take less than it was given. */
async function writeWhole(handle: Awaited<ReturnType<typeof open>>, chunk: Uint8Array): Promise<void> {
  for (let offset = 0; offset < chunk.length;) offset += (await handle.write(chunk, offset)).bytesWritten;
}
