#!/usr/bin/env node
// The command of the package: sends what was kept. Answers go to the standard output, progress to the standard error.

import { parseArgs } from 'node:util';

import { systemCode, ThroughlineError } from '../errors.ts';
import { sync } from '../sync.ts';
import type { SyncedRun, SyncReport } from '../types.ts';
import { VERSION } from '../version.ts';

const HELP = `throughline-client sync [directory] [options]

Sends the runs that are kept in a directory (.throughline, or THROUGHLINE_DIR): those that were logged offline, and those whose
process or server went away. It may be stopped and repeated at any time; nothing shows twice.

  --run <id>       only this run; may be given several times
  --url <address>  the server; THROUGHLINE_URL unless given
  --dry-run        list what would be sent
  --remove         remove what was sent, instead of moving it to <directory>/synced
  --force          take journals that seem to be in use, such as those copied from another machine
  --json           print one JSON object
  --version        this release
  --help           this text

The token is taken from THROUGHLINE_TOKEN.

Exit codes: 0 the server has everything; 1 something was refused or damaged; 2 the command was wrong; 3 the server does not answer.`;

const EXIT = { done: 0, refused: 1, usage: 2, unreachable: 3 } as const;

const OPTIONS = {
  run: { type: 'string', multiple: true },
  url: { type: 'string' },
  'dry-run': { type: 'boolean' },
  remove: { type: 'boolean' },
  force: { type: 'boolean' },
  json: { type: 'boolean' },
  version: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
} as const;

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

function read(args: string[]) {
  try {
    return parseArgs({ args, options: OPTIONS, allowPositionals: true });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

class UsageError extends Error {}

async function main(args: string[]): Promise<number> {
  const { values, positionals } = read(args);
  if (values.version === true) {
    say(VERSION);
    return EXIT.done;
  }
  const [command, dir, ...rest] = positionals;
  if (values.help === true || command === undefined) {
    say(HELP);
    return values.help === true ? EXIT.done : EXIT.usage;
  }
  if (command !== 'sync') throw new UsageError(`'${command}' is no command.`);
  if (rest.length > 0) throw new UsageError(`One directory is synced at a time; '${rest.join(' ')}' is too much.`);
  const isTold = values.json !== true && process.stderr.isTTY;
  const report = await sync({
    ...(dir === undefined ? {} : { dir }),
    ...(values.url === undefined ? {} : { url: values.url }),
    ...(values.run === undefined ? {} : { runs: values.run }),
    dryRun: values['dry-run'] === true,
    remove: values.remove === true,
    force: values.force === true,
    ...(isTold ? { onProgress: ({ runId, sentBytes, totalBytes }) => tell(runId, sentBytes, totalBytes) } : {}),
  });
  say(values.json === true ? JSON.stringify(report, null, 2) : describe(report));
  return exitCode(report, values['dry-run'] === true);
}

function tell(runId: string, sentBytes: number, totalBytes: number): void {
  const percent = Math.floor((sentBytes / Math.max(totalBytes, 1)) * 100);
  process.stderr.write(`\r${runId} ${percent} %${sentBytes >= totalBytes ? '\n' : ''}`);
}

function describe({ runs }: SyncReport): string {
  if (runs.length === 0) return 'There is nothing to send.';
  return runs.flatMap(linesOf).join('\n');
}

function linesOf({ runId, outcome, points, artifacts, refusals, damagedLines, error, folder }: SyncedRun): string[] {
  const counts = outcome === 'in use' ? '' : `, ${count(points, 'point')}, ${count(artifacts, 'artifact')}`;
  return [
    `${runId}: ${outcome}${counts}`,
    ...(error === undefined ? [] : [`  ${error}`]),
    ...refusals.map(({ record, code, message }) => `  refused ${record}: ${message} (${code})`),
    ...(damagedLines === 0 ? [] : [`  ${count(damagedLines, 'damaged line')} in the journal could not be read`]),
    ...(refusals.length + damagedLines === 0 ? [] : [`  kept in ${folder}`]),
  ];
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}

function exitCode({ runs, complete }: SyncReport, isDryRun: boolean): number {
  if (complete || isDryRun) return EXIT.done;
  return runs.some(({ outcome }) => outcome === 'unreachable') ? EXIT.unreachable : EXIT.refused;
}

main(process.argv.slice(2)).then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    const isUsage = error instanceof UsageError || (error instanceof ThroughlineError && error.code === 'INVALID_INPUT');
    const isKnown = isUsage || error instanceof ThroughlineError || systemCode(error) !== undefined;
    console.error(isKnown && error instanceof Error ? `throughline-client: ${error.message}` : error);
    if (isUsage) console.error('Try throughline-client --help.');
    process.exitCode = isUsage ? EXIT.usage : EXIT.refused;
  },
);
