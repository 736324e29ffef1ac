// Writing what people keep: whole or not at all, whatever happens in between.

import { statSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { DomainError, invalid } from '@throughline/kernel';
import { flawOfPath } from '../formats/paths.ts';
import { replaceFile } from '../objects/durable.ts';
import type { ReplaceOptions } from '../objects/durable.ts';
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

/** Writes a file whole or not at all, keeping the mode of one that is there; a new one gets the mode of the options. Makes its folder. @throws DomainError `WRITE_FAILED`. */
export async function writeDurably(file: string, text: string, options: ReplaceOptions = {}): Promise<void> {
  const mode = statSync(file, { throwIfNoEntry: false })?.mode ?? options.mode ?? 0o666;
  try {
    await mkdir(path.dirname(file), { recursive: true });
    await replaceFile(file, text, { ...options, mode: mode & 0o777 });
  } catch (cause) {
    throw new DomainError({
      kind: 'unavailable',
      code: 'WRITE_FAILED',
      message: `${file} could not be written: ${cause instanceof Error ? cause.message : String(cause)}.`,
      cause,
    });
  }
}
