// The verbs about data of other repositories and addresses.

import { JOBS, RECURSIVE, REMOTE } from '../command.ts';
import type { CommandSpec, OperandSpec, OptionSpec } from '../command.ts';

const REPOSITORY: OperandSpec = { name: '<url>', about: 'a Git repository: its address, or its folder', completes: 'files' };
const ADDRESS: OperandSpec = { name: '<url>', about: 'a path, or an https, s3 or remote:// address', completes: 'files' };
const REV: OptionSpec = { flags: '--rev <commit>', about: 'a commit, branch or tag; the default branch unless given' };
const OUT: OptionSpec = { flags: '-o, --out <path>', about: 'where to put it', completes: 'files' };
const FORCE: OptionSpec = { flags: '-f, --force', about: 'replace what stands there' };
const ELSEWHERE: readonly OptionSpec[] = [
  { flags: '--remote <name>', about: 'the remote of that repository to take it from' },
  { flags: '--config <file>', about: 'a config file whose settings go over those of that repository', completes: 'files' },
  { flags: '--remote-config <name=value...>', about: 'options for that remote' },
];
const FS_CONFIG: OptionSpec = { flags: '--fs-config <name=value...>', about: 'options for the address, as of a remote' };
const LIST_OPTIONS: readonly OptionSpec[] = [
  { flags: '-R, --recursive', about: 'files at any depth' },
  { flags: '-T, --tree', about: 'as a tree' },
  { flags: '-L, --level <depth>', about: 'no deeper than this', isCount: true },
  { flags: '--size', about: 'with sizes' },
];

export const SOURCES: readonly CommandSpec[] = [
  {
    name: 'list',
    aliases: ['ls'],
    summary: 'what a repository holds, tracked data included',
    operands: [REPOSITORY, { name: '[path]', about: 'a folder inside of it' }],
    options: [
      ...LIST_OPTIONS,
      { flags: '--dvc-only', about: 'tracked data alone' },
      { flags: '--show-hash', about: 'with hashes' },
      REV,
      ...ELSEWHERE,
    ],
    examples: ['throughline list .', 'throughline list https://git.example/penguins data --rev v1.0 -R --json'],
    load: async () => (await import('../actions/list.ts')).run,
  },
  {
    name: 'list-url',
    aliases: ['ls-url'],
    summary: 'what stands at an address',
    operands: [ADDRESS],
    options: [...LIST_OPTIONS, FS_CONFIG],
    examples: ['throughline list-url s3://bucket/raw -R --size'],
    load: async () => (await import('../actions/list-url.ts')).run,
  },
  {
    name: 'get',
    summary: 'download a file or folder of a repository, without tracking it',
    details: 'Inside of a run (MLFLOW_RUN_ID or THROUGHLINE_RUN_ID) a Throughline server is told which bytes the run read.',
    operands: [REPOSITORY, { name: '<path>', about: 'a file or folder inside of it' }],
    options: [OUT, REV, { flags: '--show-url', about: 'say where the data is stored, and download nothing' }, FORCE, JOBS, ...ELSEWHERE],
    examples: ['throughline get https://git.example/penguins data/penguins.csv --rev v1.0'],
    load: async () => (await import('../actions/get.ts')).run,
  },
  {
    name: 'get-url',
    summary: 'download what stands at an address, without tracking it',
    operands: [ADDRESS, { name: '[out]', about: 'where to put it', completes: 'files' }],
    options: [FORCE, { ...JOBS, isHidden: true }, FS_CONFIG],
    examples: ['throughline get-url https://example.org/penguins.csv data/penguins.csv'],
    load: async () => (await import('../actions/get-url.ts')).run,
  },
  {
    name: 'import',
    summary: 'download a file or folder of a repository and track it, with where it came from',
    operands: [REPOSITORY, { name: '<path>', about: 'a file or folder inside of it' }],
    options: [
      OUT,
      REV,
      FORCE,
      { flags: '--no-exec', about: 'write the .dvc file, and download nothing', conflicts: ['download'] },
      { flags: '--no-download', about: 'write the .dvc file with the hashes, and download nothing' },
      JOBS,
      ...ELSEWHERE,
    ],
    examples: ['throughline import https://git.example/penguins data/penguins.csv'],
    load: async () => (await import('../actions/import.ts')).run,
  },
  {
    name: 'import-url',
    summary: 'download what stands at an address and track it, with where it came from',
    operands: [ADDRESS, { name: '[out]', about: 'where to put it', completes: 'files' }],
    options: [
      { flags: '--to-remote', about: 'store the data in the remote at once, and nothing here' },
      REMOTE,
      { flags: '--no-exec', about: 'write the .dvc file, and download nothing', conflicts: ['download'] },
      { flags: '--no-download', about: 'write the .dvc file with what is known of the address, and download nothing' },
      FORCE,
      JOBS,
      FS_CONFIG,
      { flags: '--version-aware', about: 'follow the versions that a bucket keeps, and take the data from there again' },
    ],
    examples: ['throughline import-url https://example.org/penguins.csv'],
    load: async () => (await import('../actions/import-url.ts')).run,
  },
  {
    name: 'update',
    summary: 'look whether imported data has changed at its source, and bring it up to date',
    operands: [{ name: '<targets...>', about: '.dvc files of imports', completes: 'targets' }],
    options: [
      REV,
      RECURSIVE,
      { flags: '--no-download', about: 'record the new hashes, and download nothing' },
      { flags: '-f, --force', about: 'replace files that have changes' },
      { flags: '--to-remote', about: 'store the data in the remote at once, and nothing here' },
      REMOTE,
      JOBS,
    ],
    examples: ['throughline update penguins.csv.dvc', 'throughline update penguins.csv.dvc --rev v2.0'],
    load: async () => (await import('../actions/update.ts')).run,
  },
];
