// The verbs that work between the workspace and the cache.

import { RECURSIVE, REMOTE, REVISIONS, TARGETS, WITH_DEPS, JOBS } from '../command.ts';
import type { CommandSpec } from '../command.ts';

export const WORKSPACE: readonly CommandSpec[] = [
  {
    name: 'add',
    summary: 'track files or folders: store them in the cache, and write a .dvc file for Git',
    details:
      'A .dvc file stands for the data in Git; the data itself goes into the cache and, by push, to a remote. Adding again what has changed records the change; ' +
      'a path inside of a tracked folder updates that folder.',
    operands: [{ name: '<targets...>', about: 'files or folders of this repository', completes: 'files' }],
    options: [
      { flags: '-o, --out <path>', about: 'copy the target, which may lie anywhere, to this path and track it there', completes: 'files' },
      { flags: '--file <path>', about: 'write this .dvc file instead of <target>.dvc', completes: 'files' },
      { flags: '--desc <text>', about: 'say in the .dvc file what the data is' },
      { flags: '--type <type>', about: 'say in the .dvc file of which type the data is' },
      { flags: '--label <label>', about: 'label the data in the .dvc file; may be repeated', isRepeated: true },
      { flags: '--meta <key=value>', about: 'more to say of the data in the .dvc file; may be repeated', isRepeated: true },
      { flags: '--glob', about: 'targets are patterns, such as "raw/*.csv"' },
      { flags: '--no-commit', about: 'hash and record, and store nothing in the cache' },
      { flags: '--no-relink', about: 'leave the files in the workspace as they are, whatever the link type' },
      { flags: '-f, --force', about: 'replace what stands at the path of --out, or a .dvc file that is about something else' },
      { flags: '--to-remote', about: 'store the data in the remote at once, and nothing here', conflicts: ['commit'] },
      REMOTE,
      { flags: '-j, --remote-jobs <number>', about: 'with --to-remote: how many requests at a time', isCount: true },
    ],
    examples: ['throughline add data', 'throughline add images/*.png', 'throughline add /mnt/raw/penguins.csv --out data/penguins.csv'],
    load: async () => (await import('../actions/add.ts')).run,
  },
  {
    name: 'commit',
    summary: 'record what has changed in tracked files and folders',
    operands: [TARGETS],
    options: [
      { flags: '-f, --force', about: 'without asking, even where dependencies have changed' },
      WITH_DEPS,
      RECURSIVE,
      { flags: '--no-relink', about: 'leave the files in the workspace as they are, whatever the link type' },
    ],
    examples: ['throughline commit', 'throughline commit data.dvc -f'],
    load: async () => (await import('../actions/commit.ts')).run,
  },
  {
    name: 'status',
    summary: 'what differs between the workspace, or with -c the remote, and what is recorded',
    details: 'Ends with 0 whether or not something has changed; with --quiet it says nothing and ends with 1 where something has.',
    operands: [TARGETS],
    options: [
      { flags: '-c, --cloud', about: 'compare the cache with the remote instead' },
      REMOTE,
      ...REVISIONS,
      WITH_DEPS,
      RECURSIVE,
      JOBS,
      { flags: '--no-updates', about: 'without asking the repositories that imports came from whether they have moved on' },
    ],
    examples: ['throughline status', 'throughline status --json', 'throughline status -c -r backup   # is everything pushed?'],
    load: async () => (await import('../actions/status.ts')).run,
  },
  {
    name: 'data',
    summary: 'look at tracked data',
    commands: [
      {
        name: 'status',
        summary: 'changes of tracked data: since the last Git commit, and not committed to the cache',
        operands: [TARGETS],
        options: [
          { flags: '--granular', about: 'file by file inside of tracked folders' },
          { flags: '--unchanged', about: 'what has not changed as well' },
          {
            flags: '--untracked-files [which]',
            about: 'files that neither Git nor a .dvc file tracks: no, or all',
            completes: ['no', 'all'],
          },
          { flags: '--not-in-remote', about: 'what the remote lacks' },
          { flags: '--no-remote-refresh', about: 'nothing: the remote is asked each time', isHidden: true },
          REMOTE,
        ],
        examples: ['throughline data status', 'throughline data status --granular --json'],
        load: async () => (await import('../actions/data-status.ts')).run,
      },
    ],
  },
  {
    name: 'diff',
    summary: 'what was added, changed, renamed and deleted between two commits, or since one',
    operands: [
      { name: '[a_rev]', about: 'the older commit; HEAD unless given' },
      { name: '[b_rev]', about: 'the newer commit; the workspace unless given' },
    ],
    options: [
      { flags: '--targets <paths...>', about: 'these paths alone', completes: 'targets' },
      { flags: '--show-hash', about: 'with the hashes' },
      { flags: '--md', about: 'as a table in Markdown' },
      { flags: '--hide-missing', about: 'nothing of what the cache does not hold' },
    ],
    examples: ['throughline diff', 'throughline diff v1.0 v2.0 --json', 'throughline diff main --targets data'],
    load: async () => (await import('../actions/diff.ts')).run,
  },
  {
    name: 'checkout',
    summary: 'bring the workspace to what is recorded, out of the cache',
    details:
      'Files that hold changes of yours are never overwritten silently: they are named, and --force replaces them. What was interrupted goes on when it is run again.',
    operands: [TARGETS],
    options: [
      { flags: '-f, --force', about: 'replace or remove files that have changes which the cache does not hold' },
      { flags: '--relink', about: 'make all links anew, as after a change of cache.type' },
      { flags: '--allow-missing', about: 'do what can be done where the cache lacks files' },
      { flags: '--summary', about: 'counts instead of names' },
      { flags: '--dry', about: 'say what would be deleted and replaced, and do nothing' },
      WITH_DEPS,
      RECURSIVE,
    ],
    examples: [
      'throughline checkout',
      'git checkout v1.0 && throughline checkout',
      'throughline checkout --dry',
      'throughline checkout data --relink',
    ],
    load: async () => (await import('../actions/checkout.ts')).run,
  },
  {
    name: 'unprotect',
    summary: 'make linked files of the workspace writable, by copies',
    operands: [{ name: '<targets...>', about: 'tracked files or folders', completes: 'targets' }],
    examples: ['throughline unprotect data'],
    load: async () => (await import('../actions/unprotect.ts')).run,
  },
  {
    name: 'remove',
    aliases: ['rm'],
    summary: 'stop tracking; the data stays where it is',
    operands: [{ name: '<targets...>', about: '.dvc files, or stages of dvc.yaml', completes: 'targets' }],
    options: [
      { flags: '--outs', about: 'remove the data from the workspace as well' },
      { flags: '-f, --force', about: 'with --outs: even data that the cache does not hold' },
      { flags: '--dry', about: 'say what would be removed, and remove nothing' },
    ],
    examples: ['throughline remove data.dvc', 'throughline remove data.dvc --outs --dry'],
    load: async () => (await import('../actions/remove.ts')).run,
  },
  {
    name: 'move',
    aliases: ['mv'],
    summary: 'rename or move tracked data, with its .dvc file',
    operands: [
      { name: '<src>', about: 'what is tracked', completes: 'targets' },
      { name: '<dst>', about: 'where it goes: a new name, or a folder', completes: 'files' },
    ],
    examples: ['throughline move data.csv raw/data.csv'],
    load: async () => (await import('../actions/move.ts')).run,
  },
];
