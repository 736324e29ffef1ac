// throughline doctor

import { existsSync } from 'node:fs';
import { join } from 'node:path';

import type { Terminal } from '@throughline/kernel';
import { counted, humanBytes } from '@throughline/kernel';

import type { Config } from '../config.ts';
import type { Check } from '../doctor/checks.ts';
import {
  checkClock,
  checkConfiguration,
  checkDatabase,
  checkDisk,
  checked,
  checkMigrations,
  checkSecretKey,
  checkStore,
} from '../doctor/checks.ts';
import type { DeepReport, Found } from '../doctor/deep.ts';
import { lookDeep } from '../doctor/deep.ts';
import { openObjects } from '../objects.ts';
import { usage } from './command.ts';
import type { Command, Invocation } from './command.ts';
import { connect } from './connect.ts';

const HELP = `Looks whether everything is well: the settings, the database, the disk, the object store, the clocks, the key of webhooks' secrets. It
changes nothing, but for a small object that it stores and takes away again.

  npx throughline doctor [options]

  --deep   reads and hashes every stored file too, and finds files that are missing, damaged, or named by nothing, and manifests that are wrong
  --fix    with --deep: writes down what was found about each file, as a verification does
  --json   answers JSON
  --help   this text

It answers 1 where something is wrong. A file that is missing or damaged is healed by uploading the same content again, or from a backup.
Files that nothing names are removed by npx throughline gc.

Examples:
  npx throughline doctor
  npx throughline doctor --deep --json | jq .deep.damaged
`;

export const doctorCommand: Command = {
  help: HELP,
  operands: [],
  options: { deep: { type: 'boolean', default: false }, fix: { type: 'boolean', default: false } },
  run: async (invocation) => {
    const { terminal, flag } = invocation;
    if (flag('fix') && !flag('deep')) throw usage('--fix means nothing without --deep.', 'doctor');
    const checks: Check[] = [];
    const show = (check: Check) => {
      checks.push(check);
      if (!flag('json')) terminal.say(lineOf(terminal, check));
    };
    const deep = await examine(invocation, show);
    const isWell = checks.every(({ state }) => state !== 'PROBLEM');
    if (flag('json')) terminal.say(JSON.stringify({ ok: isWell, checks, deep }, null, 2));
    return isWell ? 0 : 1;
  },
};

const MARKS = { OK: 'ok', WARNING: 'warning', PROBLEM: 'PROBLEM' } as const;

function lineOf(terminal: Terminal, { name, state, message, hint }: Check): string {
  const mark = MARKS[state].padEnd(8);
  const coloured = state === 'OK' ? terminal.good(mark) : state === 'PROBLEM' ? terminal.bad(mark) : mark;
  return `${coloured} ${name.padEnd(14)} ${message}${hint === undefined ? '' : `\n${' '.repeat(24)}${hint}`}`;
}

/** Goes from what everything stands on to what stands on it; ends where the next look would tell nothing. */
async function examine({ config: readSettings, terminal, flag }: Invocation, show: (check: Check) => void): Promise<DeepReport | null> {
  const read: { config: Config | null } = { config: null };
  show(
    await checked('configuration', async () => {
      read.config = readSettings();
      return checkConfiguration(read.config);
    }),
  );
  const { config } = read;
  if (config === null) return null;
  if (config.databaseUrl === null && !existsSync(join(config.dataDir, 'postgres'))) {
    show({
      name: 'database',
      state: 'WARNING',
      message: `There is none yet in ${config.dataDir}.`,
      hint: 'The server makes it when it starts: npm start',
    });
    return null;
  }
  show(await checked('disk', () => checkDisk(config)));
  const store = await openObjects(config.objects).catch((error: unknown) => error as Error);
  show(await checked('object store', () => (store instanceof Error ? Promise.reject(store) : checkStore(store))));
  const connection = await connect(config, terminal.note, { bringUpToDate: false }).catch((error: unknown) => error as Error);
  if (connection instanceof Error) {
    show(await checked('database', () => Promise.reject(connection)));
    return null;
  }
  try {
    const { database } = connection;
    show(await checked('database', () => checkDatabase(database)));
    const migrations = await checked('migrations', () => checkMigrations(database));
    show(migrations);
    show(await checked('clock', () => checkClock(database)));
    if (migrations.state === 'OK') show(await checked('secret key', () => checkSecretKey(database, config)));
    if (!flag('deep') || store instanceof Error) return null;
    if (migrations.state !== 'OK') {
      show({ name: 'stored files', state: 'PROBLEM', message: 'Not looked at: the tables are not those of this release.' });
      return null;
    }
    const bar = terminal.progress('Reading files', 'bytes');
    const seen: { report: DeepReport | null } = { report: null };
    const looked = await checked('stored files', async () => {
      const report = await lookDeep({ database, objects: store, fix: flag('fix'), onProgress: (done, total) => bar.at(done, total) });
      seen.report = report;
      return { state: 'OK', message: `${counted(report.files, 'file')} read, ${humanBytes(report.bytes)}` };
    });
    bar.end();
    show(looked);
    if (seen.report !== null) for (const check of judged(seen.report)) show(check);
    return seen.report;
  } finally {
    await connection.close();
  }
}

/** What a deep look means. Files that nothing names are untidy, and no loss. */
function judged({ missing, damaged, orphaned, wrongManifests, manifests }: DeepReport): Check[] {
  const heal = 'Upload the same content again, which heals it, or bring it back from a backup.';
  const listed = (found: Found<string>, what: string) =>
    `${counted(found.count, what)}:\n${found.first.map((one) => `${' '.repeat(24)}${one}`).join('\n')}${found.count > found.first.length ? `\n${' '.repeat(24)}and ${found.count - found.first.length} more` : ''}`;
  return [
    missing.count === 0
      ? { name: 'missing', state: 'OK', message: 'none' }
      : { name: 'missing', state: 'PROBLEM', message: listed(missing, 'file'), hint: heal },
    damaged.count === 0
      ? { name: 'damaged', state: 'OK', message: 'none' }
      : { name: 'damaged', state: 'PROBLEM', message: listed(damaged, 'file'), hint: heal },
    wrongManifests.count === 0
      ? { name: 'manifests', state: 'OK', message: `${counted(manifests, 'manifest')}, each makes its digest` }
      : {
          name: 'manifests',
          state: 'PROBLEM',
          message: listed(wrongManifests, 'manifest'),
          hint: 'Their rows were changed in the database. Restore a backup.',
        },
    orphaned.count === 0
      ? { name: 'orphaned', state: 'OK', message: 'none' }
      : {
          name: 'orphaned',
          state: 'WARNING',
          message: `${counted(orphaned.count, 'object')} that nothing names, ${humanBytes(orphaned.bytes)}`,
          hint: 'npx throughline gc removes them.',
        },
  ];
}
