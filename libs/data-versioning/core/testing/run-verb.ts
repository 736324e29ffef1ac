// A process that runs one verb and nothing else, for tests that kill it: `node run-verb.ts add <folder> <target>…`.

import { openRepository } from '../repository/repository.ts';
import type { Surroundings } from '../types.ts';
import { add } from '../verbs/add.ts';
import { checkout } from '../verbs/checkout.ts';

const [verb, folder, ...targets] = process.argv.slice(2);
const surroundings: Surroundings = {
  workingFolder: folder ?? '.',
  homeFolder: folder ?? '.',
  globalConfigFolder: null,
  systemConfigFolder: null,
  reporter: { task: () => ({ advance: () => undefined, setTotal: () => undefined, end: () => undefined }), warn: () => undefined },
  signal: new AbortController().signal,
  tokenFor: () => null,
};
const repository = await openRepository(surroundings);
// Whoever kills it waits for this word.
process.stdout.write('begun\n');
if (verb === 'add') await add(repository, { targets });
else await checkout(repository, { targets });
