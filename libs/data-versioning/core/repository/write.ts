// Writing what people keep: whole or not at all, whatever happens in between.

import { statSync } from 'node:fs';
import { mkdir, open, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { DomainError, invalid } from '@throughline/kernel';
import { flawOfPath } from '../formats/paths.ts';
import type { Repository } from './repository.ts';

/**
 * Writes a `.dvc` file (or dvc.yaml, dvc.lock, .gitignore) so that a crash leaves the old text or the new one: written beside it, synced, renamed.
 * What the file names must be durable before.
 * @throws DomainError `PATH_REFUSED` for what lies outside of the repository.
 */
export async function writeDvcFile(repository: Repository, file: string, text: string): Promise<void> {
  const flaw = flawOfPath(file);
  if (flaw !== null) throw invalid('PATH_REFUSED', `${JSON.stringify(file)} cannot be written: it ${flaw}.`);
  await writeDurably(repository.toFile(file), text, { temporaryFolder: repository.temporaryFolder });
}

export interface WriteOptions {
  /** Where the new text is written first; beside the file where it is absent or on another file system. */
  readonly temporaryFolder?: string;
  /** The mode of a file that is not there yet; the usual one where it is absent. */
  readonly mode?: number;
}

/** Writes a file whole or not at all, keeping the mode of one that is there. @throws DomainError `WRITE_FAILED`. */
export async function writeDurably(file: string, text: string, options: WriteOptions = {}): Promise<void> {
  const mode = statSync(file, { throwIfNoEntry: false })?.mode ?? options.mode ?? 0o666;
  try {
    await mkdir(path.dirname(file), { recursive: true });
    if (options.temporaryFolder === undefined || !(await replace(file, text, options.temporaryFolder, mode)))
      await replace(file, text, path.dirname(file), mode);
  } catch (cause) {
    throw new DomainError({
      kind: 'unavailable',
      code: 'WRITE_FAILED',
      message: `${file} could not be written: ${cause instanceof Error ? cause.message : String(cause)}.`,
      cause,
    });
  }
}

let count = 0;

/** False where the folder lies on another file system. */
async function replace(file: string, text: string, folder: string, mode: number): Promise<boolean> {
  await mkdir(folder, { recursive: true });
  const temporary = path.join(folder, `.${path.basename(file).slice(0, 100)}.${process.pid}.${count++}.tmp`);
  try {
    const handle = await open(temporary, 'w', mode & 0o777);
    try {
      await handle.writeFile(text);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporary, file);
    return true;
  } catch (error) {
    await rm(temporary, { force: true });
    if (error instanceof Error && 'code' in error && error.code === 'EXDEV') return false;
    throw error;
  }
}
