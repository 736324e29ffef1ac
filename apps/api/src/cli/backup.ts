// throughline backup <folder>

import { counted, humanBytes } from '@throughline/kernel';

import { makeBackup } from '../backup/backup.ts';
import { openObjects } from '../objects.ts';
import type { Command } from './command.ts';
import { connect } from './connect.ts';

const HELP = `Saves the database and all stored files to a folder, all of one moment, beside a running server or without one.

  npx throughline backup <folder> [options]

  --quick   trusts files that an earlier backup left there by their size, instead of reading them again
  --json    answers JSON
  --help    this text

Made into the folder of an earlier backup, it copies what is new alone and then takes the place of that one, in one step. A backup that is cut
leaves the earlier one as it was, and goes on when it is run again. To keep several, take several folders.

The folder holds everything: the hashes of tokens, though no token, and all data. Guard it as you guard the server. What it lacks is
the key that the secrets of webhooks are sealed with: keep THROUGHLINE_SECRET_KEY, or secret.key in the data folder, elsewhere.

Examples:
  npx throughline backup /mnt/backup/throughline
  npx throughline backup /mnt/backup/$(date +%F) --json
`;

export const backupCommand: Command = {
  help: HELP,
  operands: ['The folder'],
  options: { quick: { type: 'boolean', default: false } },
  run: async ({ terminal, config: read, operands, path, flag }) => {
    const config = read();
    const connection = await connect(config, terminal.note);
    const bars = { rows: terminal.progress('Saving rows', 'things'), bytes: terminal.progress('Saving files', 'bytes') };
    try {
      const report = await makeBackup({
        database: connection.database,
        objects: await openObjects(config.objects),
        folder: path(operands[0] ?? ''),
        quick: flag('quick'),
        onProgress: (what, done, total) => bars[what].at(done, total),
      });
      bars.rows.end();
      bars.bytes.end();
      const { lost } = report;
      if (flag('json')) {
        terminal.say(JSON.stringify(report, null, 2));
      } else {
        terminal.say(
          `Saved ${counted(report.rows, 'row')} of ${counted(report.tables, 'table')} and ${counted(report.files, 'stored file')} (${humanBytes(report.bytes)}; ` +
            `${counted(report.copiedFiles, 'file')} new, ${humanBytes(report.copiedBytes)}) to ${report.folder}, as of ${report.createdAt}.`,
        );
      }
      if (lost.length === 0) return 0;
      terminal.note(`${terminal.bad(`The server has lost ${counted(lost.length, 'stored file')}`)}, which the backup therefore lacks:`);
      for (const { sha256, why } of lost.slice(0, 20)) terminal.note(`  ${sha256} is ${why.toLowerCase()}`);
      if (lost.length > 20) terminal.note(`  and ${lost.length - 20} more`);
      terminal.note('Everything else is saved. Upload the same content again to heal them; npx throughline doctor --deep says more.');
      return 1;
    } finally {
      await connection.close();
    }
  },
};
