// Tracks what lies elsewhere: `add --out` copies it into the cache and to its place here, `add --to-remote` sends it to the remote and leaves nothing here but the `.dvc` file.
// Unlike an import, nothing notes where it came from.

import { invalid } from '@throughline/kernel';
import { printObjectId } from '../formats/object-id.ts';
import { nameOf } from '../formats/paths.ts';
import { openCache } from '../objects/cache.ts';
import { knownFiles } from '../objects/known.ts';
import { openAddress, takeAddress } from '../remotes/address-source.ts';
import type { Repository } from '../repository/repository.ts';
import type { AddOptions, AddResult } from './add-options.ts';
import { targetOf } from './get.ts';
import { placeTaken, undoPlacing } from './placing.ts';
import { toRemote } from './import-url.ts';
import { shownPath, withFacts } from './recording.ts';
import { planTracking, writeTracked } from './tracking.ts';

/** To be called under the lock. @throws DomainError `OPTIONS_EXCLUDE`, `FILE_EXISTS`, and what taking from an address throws. */
export async function addFrom(repository: Repository, options: AddOptions): Promise<AddResult> {
  const [url, ...others] = options.targets;
  if (url === undefined || others.length > 0 || options.glob === true || options.noCommit === true || options.file !== undefined) {
    throw invalid('OPTIONS_EXCLUDE', '--out and --to-remote take one target, and exclude --glob, --no-commit and --file.');
  }
  // Sent to the remote, what lies at its place here already is what is sent.
  await undoPlacing(repository);
  const target = await targetOf(repository.surroundings, url, {
    ...(options.out === undefined ? {} : { out: options.out }),
    force: options.force === true || (options.toRemote === true && options.out === undefined),
  });
  const tracked = await planTracking(repository, repository.toRepositoryPath(target));
  const source = await openAddress(repository.surroundings, { url, config: repository.config });
  try {
    const isSent = options.toRemote === true;
    const transfer = {
      ...(options.remote === undefined ? {} : { remote: options.remote }),
      ...(options.jobs === undefined ? {} : { jobs: options.jobs }),
    };
    const taken = isSent ? await toRemote(repository, source, transfer) : await takeAddress(source, repository);
    await openCache(repository).flush();
    const { id, sizeBytes } = taken;
    const fileCount = taken.isFolder ? taken.files.length : null;
    const isExecutable = !taken.isFolder && taken.files[0]?.isExecutable === true;
    const { desc, type, labels, meta } = options;
    const notes = {
      ...(desc === undefined ? {} : { desc }),
      ...(type === undefined ? {} : { type }),
      ...(labels === undefined ? {} : { labels: [...labels] }),
      ...(meta === undefined ? {} : { meta: { ...meta } }),
    };
    const entry = withFacts({ path: nameOf(tracked.path), ...notes }, { id, sizeBytes, fileCount, isExecutable });
    const record = () => writeTracked(repository, tracked, { deps: [], outs: [entry] });
    const changed = await (isSent ? record() : placeTaken(repository, tracked.path, taken, record));
    knownFiles(repository).save();
    const file = shownPath(repository, tracked.dvcFile);
    return {
      added: [{ path: shownPath(repository, tracked.path), file, md5: printObjectId(id), sizeBytes, fileCount, changed: true }],
      gitFiles: changed.map((one) => shownPath(repository, one)),
    };
  } finally {
    source.storage.close();
  }
}
