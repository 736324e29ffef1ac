// The verbs that move data between the cache and remotes, and what collects what nobody needs.

import { JOBS, RECURSIVE, REMOTE, REVISIONS, TARGETS, WITH_DEPS } from '../command.ts';
import type { CommandSpec, OptionSpec } from '../command.ts';

const RUN_CACHE: readonly OptionSpec[] = [
  { flags: '--run-cache', about: 'the record of what stages have produced as well' },
  { flags: '--no-run-cache', about: 'without the record of what stages have produced' },
];
const GLOB: OptionSpec = { flags: '--glob', about: 'targets are patterns, such as "raw/*.csv"' };
const ALLOW_MISSING: OptionSpec = { flags: '--allow-missing', about: 'do what can be done where the remote lacks files' };

export const TRANSFER: readonly CommandSpec[] = [
  {
    name: 'push',
    summary: 'upload tracked data to a remote',
    details:
      'What the remote has already is not sent again. On a Throughline server the data is registered as dataset versions too, with the repository, path and ' +
      'Git commit where it was seen.',
    operands: [TARGETS],
    options: [
      REMOTE,
      JOBS,
      ...REVISIONS,
      WITH_DEPS,
      RECURSIVE,
      ...RUN_CACHE,
      GLOB,
      { flags: '--no-register', about: 'on a Throughline server: upload, and register no dataset versions' },
    ],
    examples: ['throughline push', 'throughline push data -r backup', 'throughline push -a -T      # of every branch and tag'],
    load: async () => (await import('../actions/push.ts')).run,
  },
  {
    name: 'pull',
    summary: 'download tracked data, and check it out',
    details:
      'Everything is hashed as it arrives. Inside of a run (MLFLOW_RUN_ID or THROUGHLINE_RUN_ID) a Throughline server is told which bytes the run read.',
    operands: [TARGETS],
    options: [
      REMOTE,
      JOBS,
      ...REVISIONS,
      WITH_DEPS,
      RECURSIVE,
      { flags: '-f, --force', about: 'replace files that have changes which the cache does not hold' },
      ...RUN_CACHE,
      ALLOW_MISSING,
      GLOB,
    ],
    examples: ['throughline pull', 'throughline pull data/images/cat.png'],
    load: async () => (await import('../actions/pull.ts')).run,
  },
  {
    name: 'fetch',
    summary: 'download tracked data into the cache, and leave the workspace alone',
    operands: [TARGETS],
    options: [
      REMOTE,
      JOBS,
      ...REVISIONS,
      WITH_DEPS,
      RECURSIVE,
      ...RUN_CACHE,
      { flags: '--max-size <bytes>', about: 'only files and folders that are smaller', isCount: true },
      {
        flags: '--type <type>',
        about: 'only metrics, or only plots, of pipelines; may be repeated',
        isRepeated: true,
        choices: ['metrics', 'plots'],
        completes: ['metrics', 'plots'],
      },
      ALLOW_MISSING,
    ],
    examples: ['throughline fetch', 'throughline fetch -A', 'throughline fetch --type metrics'],
    load: async () => (await import('../actions/fetch.ts')).run,
  },
  {
    name: 'gc',
    summary: 'remove from the cache, or with -c from the remote, what the named revisions do not need',
    details:
      'Say what must stay: -w, -a, -T, -A, --rev. It tells the count and the bytes before it removes, and removes nothing that a registered dataset version needs, ' +
      'nor what a branch, tag, stash or other working tree needs that you did not name: --drop-unnamed gives that up, as dvc does. ' +
      'Where a file of a revision cannot be read, nothing is removed.',
    options: [
      { flags: '-w, --workspace', about: 'keep what the workspace needs' },
      { flags: '-a, --all-branches', about: "keep what every branch's tip needs" },
      { flags: '-T, --all-tags', about: 'keep what every tag needs' },
      { flags: '-A, --all-commits', about: 'keep what any commit needs' },
      { flags: '--rev <commit>', about: 'keep what this commit needs' },
      { flags: '-n, --num <number>', about: 'with --rev or -a: and so many commits before, itself counted', isCount: true },
      { flags: '--date <yyyy-mm-dd>', about: 'keep what commits since this day need' },
      { flags: '--all-experiments', about: 'keep what experiments need' },
      { flags: '-p, --projects <paths...>', about: 'keep what these other repositories need, which share the cache', completes: 'files' },
      { flags: '--not-in-remote', about: 'keep what the remote does not hold' },
      { flags: '-c, --cloud', about: 'remove from the remote as well' },
      REMOTE,
      { flags: '--drop-unnamed', about: 'remove what branches, tags, stashes and other working trees need that are not named' },
      { flags: '--dry', about: 'list what would be removed, and remove nothing' },
      { flags: '-f, --force', about: 'without asking' },
      { flags: '--skip-failed', about: 'pass over revisions that cannot be read: what they alone need is removed' },
      JOBS,
    ],
    examples: ['throughline gc -w --dry', 'throughline gc -a -T', 'throughline gc -A -c -r backup -f'],
    load: async () => (await import('../actions/gc.ts')).run,
  },
  {
    name: 'register',
    summary: 'register what is pushed as dataset versions on a Throughline server',
    operands: [TARGETS],
    options: [
      REMOTE,
      { flags: '--name <name>', about: "the dataset's name; of the .dvc file's path unless given" },
      { flags: '-m, --message <text>', about: 'what is new in this version' },
      { flags: '--description <text>', about: 'what the dataset is, where it is new' },
      { flags: '--tag <tag>', about: 'a tag for the version; may be repeated', isRepeated: true },
    ],
    examples: ['throughline register data.dvc --name penguins -m "with the islands"'],
    load: async () => (await import('../actions/register.ts')).run,
  },
];
