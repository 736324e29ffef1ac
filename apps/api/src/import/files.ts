// Copies the files of a run or a logged model. Each is hashed on its way in, as every upload is.

import { DomainError } from '@throughline/kernel';
import type { LoggedModel, Run } from '@throughline/tracking';

import type { Importing } from './importing.ts';
import { eachOf, isAboutInput } from './parts.ts';
import { leaveOut } from './report.ts';
import { UnreachableFiles } from './source.ts';
import type { FileOwner, SourceFile } from './source.ts';

/** Files of one owner that are copied at once. */
const WIDTH = 4;

/** Copies all files of an owner; what cannot be reached or is refused is noted, and the others come. Answers whether all came. */
export async function copyFiles(importing: Importing, from: FileOwner, to: Run | LoggedModel): Promise<boolean> {
  const { services, call, source, options, report } = importing;
  if (!options.files) return false;
  const owner = services.tracking.artifacts.ownedBy(to);
  const count = report.counts.files;
  let isWhole = true;
  const skip = (path: string, why: string) => {
    isWhole = false;
    leaveOut(report, `${path === '' ? 'the files' : path} of ${from.kind === 'run' ? 'run' : 'logged model'} ${from.id}`, why, 'files');
  };
  const copy = async (file: SourceFile): Promise<void> => {
    options.signal?.throwIfAborted();
    count.found += 1;
    try {
      const blob = await services.content.putBlob(call, await file.open(), file.sizeBytes === null ? {} : { sizeBytes: file.sizeBytes });
      await services.tracking.artifacts.put(call, owner, file.path, blob.sha256);
      count.copied += 1;
      report.bytes += blob.sizeBytes;
    } catch (error) {
      if (!(error instanceof UnreachableFiles) && !isAboutInput(error)) throw error;
      skip(file.path, error.message);
    }
  };
  try {
    await eachOf(source.files(from), WIDTH, copy);
  } catch (error) {
    if (!(error instanceof UnreachableFiles) && !(error instanceof DomainError && error.code === 'BAD_SOURCE')) throw error;
    skip('', error.message);
  }
  return isWhole;
}
