// The verbs about the repository itself.

import type { CommandSpec, OptionSpec } from '../command.ts';

const LEVELS: readonly OptionSpec[] = [
  { flags: '--global', about: "the user's config", conflicts: ['system', 'project', 'local'] },
  { flags: '--system', about: "the system's config", conflicts: ['project', 'local'] },
  { flags: '--project', about: 'the config that Git tracks: .dvc/config', conflicts: ['local'] },
  { flags: '--local', about: 'the config that Git ignores, for secrets: .dvc/config.local' },
];
const UNSET: OptionSpec = { flags: '-u, --unset', about: 'remove the setting' };
const SHOW_SECRETS: OptionSpec = { flags: '--show-secrets', about: 'print passwords and keys instead of stars' };

export const REPOSITORY: readonly CommandSpec[] = [
  {
    name: 'init',
    summary: 'begin to track data in this Git repository',
    operands: [{ name: '[directory]', about: 'where; here unless given', completes: 'files' }],
    options: [
      { flags: '--no-scm', about: 'without Git' },
      { flags: '-f, --force', about: 'begin anew where there is a .dvc folder: settings are lost, what its cache holds is kept' },
      { flags: '--subdir', about: 'in a folder inside of a Git repository' },
    ],
    examples: ['git init && throughline init && git commit -m "Track data"'],
    load: async () => (await import('../actions/init.ts')).run,
  },
  {
    name: 'config',
    summary: 'read and change settings',
    operands: [
      { name: '[name]', about: 'section.option, or remote.name.option', completes: 'config-names' },
      { name: '[value]', about: 'what to set it to' },
    ],
    options: [
      ...LEVELS,
      UNSET,
      { flags: '-l, --list', about: 'every setting' },
      { flags: '--show-origin', about: 'with the file that says so' },
      SHOW_SECRETS,
    ],
    examples: ['throughline config cache.type hardlink,copy', 'throughline config -l --show-origin'],
    load: async () => (await import('../actions/config.ts')).run,
  },
  {
    name: 'remote',
    summary: 'where data is pushed to and pulled from',
    commands: [
      {
        name: 'add',
        summary: 'name a remote',
        operands: [
          { name: '<name>', about: 'what to call it' },
          { name: '<url>', about: 'throughline://host/<workspace>, https://…, s3://bucket/prefix, or a folder', completes: 'files' },
        ],
        options: [
          ...LEVELS,
          { flags: '-d, --default', about: 'make it the default one' },
          { flags: '-f, --force', about: 'replace the one of this name' },
        ],
        examples: ['throughline remote add -d team throughline://data.example/default', 'throughline remote add minio s3://bucket/data'],
        load: async () => (await import('../actions/remote.ts')).add,
      },
      {
        name: 'list',
        aliases: ['ls'],
        summary: 'the remotes and their addresses',
        options: LEVELS,
        examples: ['throughline remote list'],
        load: async () => (await import('../actions/remote.ts')).list,
      },
      {
        name: 'modify',
        summary: 'change an option of a remote',
        operands: [
          { name: '<name>', about: 'the remote', completes: 'remotes' },
          { name: '<option>', about: 'such as url, endpointurl, profile, password', completes: 'remote-options' },
          { name: '[value]', about: 'what to set it to' },
        ],
        options: [...LEVELS, UNSET],
        examples: [
          'throughline remote modify minio endpointurl http://localhost:9000',
          'throughline remote modify --local minio secret_access_key …',
        ],
        load: async () => (await import('../actions/remote.ts')).modify,
      },
      {
        name: 'remove',
        aliases: ['rm'],
        summary: 'forget a remote; what it holds stays there',
        operands: [{ name: '<name>', about: 'the remote', completes: 'remotes' }],
        options: LEVELS,
        examples: ['throughline remote remove backup'],
        load: async () => (await import('../actions/remote.ts')).remove,
      },
      {
        name: 'rename',
        summary: 'give a remote another name',
        operands: [
          { name: '<name>', about: 'the remote', completes: 'remotes' },
          { name: '<new>', about: 'its new name' },
        ],
        options: LEVELS,
        examples: ['throughline remote rename backup archive'],
        load: async () => (await import('../actions/remote.ts')).rename,
      },
      {
        name: 'default',
        summary: 'which remote is taken where none is named',
        operands: [{ name: '[name]', about: 'the remote', completes: 'remotes' }],
        options: [...LEVELS, UNSET],
        examples: ['throughline remote default team'],
        load: async () => (await import('../actions/remote.ts')).defaultRemote,
      },
    ],
  },
  {
    name: 'cache',
    summary: 'where tracked data is kept on this machine',
    commands: [
      {
        name: 'dir',
        summary: 'the folder of the cache, or another one',
        operands: [{ name: '[value]', about: 'the new folder; the present one is printed unless given', completes: 'files' }],
        options: [...LEVELS, UNSET],
        examples: ['throughline cache dir', 'throughline cache dir /mnt/shared/cache'],
        load: async () => (await import('../actions/cache.ts')).dir,
      },
      {
        name: 'migrate',
        summary: 'bring a cache of DVC 2 to the form of DVC 3',
        options: [
          { flags: '--dvc-files', about: 'the .dvc files and dvc.lock as well' },
          { flags: '--dry', about: 'say what would be done, and do nothing' },
        ],
        examples: ['throughline cache migrate --dry', 'throughline cache migrate --dvc-files'],
        load: async () => (await import('../actions/cache.ts')).migrate,
      },
    ],
  },
  {
    name: 'check-ignore',
    summary: 'whether .dvcignore leaves out a path, and by which line',
    details: 'Ends with 0 where at least one path is left out, with 1 where none is.',
    operands: [{ name: '[targets...]', about: 'paths', completes: 'files' }],
    options: [
      { flags: '-d, --details', about: 'with the file, the line and the pattern that decides' },
      { flags: '-n, --non-matching', about: 'with --details: paths that no pattern matches as well' },
      { flags: '--stdin', about: 'read the paths from the standard input, one a line' },
    ],
    examples: ['throughline check-ignore data/tmp -d', 'find data -type f | throughline check-ignore --stdin'],
    load: async () => (await import('../actions/check-ignore.ts')).run,
  },
  {
    name: 'log',
    summary: 'the Git commits in which tracked data has changed',
    operands: [
      { name: '[targets...]', about: 'tracked files or folders, or files inside of them; everything unless given', completes: 'targets' },
    ],
    options: [
      { flags: '-n, --num <number>', about: 'so many at most; 50 unless given', isCount: true },
      { flags: '--rev <commit>', about: 'back from this commit; HEAD unless given' },
    ],
    examples: ['throughline log data', 'throughline log data/penguins.csv --json'],
    load: async () => (await import('../actions/log.ts')).run,
  },
  {
    name: 'install',
    summary: 'install Git hooks, and the driver that merges .dvc files of folders',
    details:
      'After a Git checkout the data is checked out, before a commit its status is shown, before a push it is pushed. Hooks that are there already are left alone.',
    options: [
      { flags: '-f, --force', about: 'replace hooks that are there' },
      { flags: '--use-pre-commit-tool', about: 'add them to .pre-commit-config.yaml of the pre-commit tool instead' },
    ],
    examples: ['throughline install', 'throughline install --use-pre-commit-tool'],
    load: async () => (await import('../actions/install.ts')).run,
  },
  {
    name: 'merge-driver',
    summary: 'merge two versions of a .dvc file; Git calls it after throughline install',
    isHidden: true,
    options: [
      { flags: '--ancestor <file>', about: 'the version that both came from' },
      { flags: '--our <file>', about: 'the version of this branch; the merged one is written there' },
      { flags: '--their <file>', about: 'the version of the other branch' },
    ],
    load: async () => (await import('../actions/install.ts')).merge,
  },
  {
    name: 'doctor',
    aliases: ['version'],
    summary: 'look at this installation and repository: versions, links, remotes, what is wrong',
    examples: ['throughline doctor', 'throughline doctor --json'],
    load: async () => (await import('../actions/doctor.ts')).run,
  },
  {
    name: 'root',
    summary: "the way from here to the repository's folder",
    examples: ['cd "$(throughline root)"'],
    load: async () => (await import('../actions/root.ts')).run,
  },
  {
    name: 'destroy',
    summary: 'stop tracking all data: remove .dvc files, the .dvc folder and with it the cache',
    options: [
      { flags: '-f, --force', about: 'without asking' },
      { flags: '--dry', about: 'list what would be removed, and remove nothing' },
    ],
    examples: ['throughline destroy --dry'],
    load: async () => (await import('../actions/destroy.ts')).run,
  },
];
