// npx throughline [server] <command>: what whoever runs a server needs beside it. Each command is a file; this is the table of them.

import { coloursOf, createTerminal, DomainError, nearest } from '@throughline/kernel';

import { VERSION } from '../version.ts';
import { readLine, usage } from './command.ts';
import type { Command } from './command.ts';

interface Entry {
  summary: string;
  /** Runs it with the rest of the line; answers the exit code. */
  run: (args: readonly string[]) => Promise<number>;
}

const terminal = createTerminal({ out: process.stdout, err: process.stderr, colours: coloursOf(process.env), progress: 'log' });

/** Commands are loaded when they are asked for: help answers at once. */
const reading = (name: string, load: () => Promise<Command>) => async (args: readonly string[]) => {
  const command = await load();
  const { help, invocation } = readLine(name, command, args, terminal);
  if (!help) return command.run(invocation);
  terminal.say(command.help);
  return 0;
};

/** In the order in which help lists them. */
const COMMANDS: Readonly<Record<string, Entry>> = {
  backup: {
    summary: 'save the database and all files to a folder, beside a running server',
    run: reading('backup', async () => (await import('./backup.ts')).backupCommand),
  },
  restore: {
    summary: 'bring a backup back, into an empty database',
    run: reading('restore', async () => (await import('./restore.ts')).restoreCommand),
  },
  doctor: {
    summary: 'look whether everything is well; --deep reads every stored file',
    run: reading('doctor', async () => (await import('./doctor.ts')).doctorCommand),
  },
  gc: {
    summary: 'remove for good what was deleted, and files that nothing needs',
    run: reading('gc', async () => (await import('./gc.ts')).gcCommand),
  },
  import: {
    summary: 'copy what an MLflow server, its SQLite file or a folder of runs holds',
    run: reading('import', async () => (await import('./import.ts')).importCommand),
  },
  token: { summary: 'make, list and revoke tokens', run: async (args) => (await import('./token.ts')).runToken(args) },
};

const HELP = `Keeps a Throughline server.

  npx throughline [server] <command> [options]

${Object.entries(COMMANDS)
  .map(([name, { summary }]) => `  ${name.padEnd(9)} ${summary}`)
  .join('\n')}

  --help      this text; of a command behind its name: npx throughline backup --help
  --version   the release

Every command takes --json, and answers 0 where all is done and well, 1 where it failed or found something wrong, 2 where it was not understood.
The settings are the server's, from the environment and .env; the server may run or not. Data has a doctor and a gc as well, which are meant in a
repository of data; with the word server in front it is always these. npx throughline --help lists what there is for data.
`;

async function main([name, ...args]: readonly string[]): Promise<number> {
  if (name === undefined || name === 'help' || name === '--help' || name === '-h') {
    (name === undefined ? terminal.note : terminal.say)(HELP);
    return name === undefined ? 2 : 0;
  }
  if (name === '--version') {
    terminal.say(VERSION);
    return 0;
  }
  const entry = COMMANDS[name];
  if (entry === undefined || !Object.hasOwn(COMMANDS, name)) {
    const meant = nearest(name, Object.keys(COMMANDS));
    throw usage(`There is no command '${name.slice(0, 40)}'.${meant === null ? '' : ` Did you mean ${meant}?`}`, null);
  }
  return entry.run(args);
}

// Whoever reads may leave early, as head does. What was begun is done all the same, and the exit code still tells how it went.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
  });
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof DomainError)) throw error;
  terminal.note(error.message);
  if (error.hint !== undefined) terminal.note(error.hint);
  process.exitCode = error.code === 'USAGE' ? 2 : 1;
}
