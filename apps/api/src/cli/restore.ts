// throughline restore <folder>

import { counted, humanBytes } from '@throughline/kernel';

import { restoreBackup } from '../backup/restore.ts';
import { openObjects } from '../objects.ts';
import type { Command } from './command.ts';
import { connect } from './connect.ts';

const HELP = `Brings a backup back: into an empty database, and the object store of these settings, whatever both were when it was made.

  npx throughline restore <folder> [options]

  --dry-run   reads the whole backup and checks every hash, and changes nothing
  --force     replaces what the database holds; its stored files stay until npx throughline gc finds that nothing needs them
  --json      answers JSON
  --help      this text

Every hash is looked at before anything is used, and all rows come in one transaction: whatever goes wrong, the database is as it was.
Stop the server first. One that was cut goes on when it is run again. What a purge was removing, and what webhooks waited to be sent,
when the backup was made, is not gone on with.

Examples:
  npx throughline restore /mnt/backup/throughline --dry-run
  THROUGHLINE_DATA_DIR=~/restored npx throughline restore /mnt/backup/throughline
`;

export const restoreCommand: Command = {
  help: HELP,
  operands: ['The folder'],
  options: { 'dry-run': { type: 'boolean', default: false }, force: { type: 'boolean', default: false } },
  run: async ({ terminal, config: read, operands, path, flag }) => {
    const config = read();
    const connection = await connect(config, terminal.note, { bringUpToDate: false });
    const bars = { bytes: terminal.progress('Files', 'bytes'), rows: terminal.progress('Rows', 'things') };
    try {
      const report = await restoreBackup({
        database: connection.database,
        objects: await openObjects(config.objects),
        folder: path(operands[0] ?? ''),
        force: flag('force'),
        dryRun: flag('dry-run'),
        onProgress: (what, done, total) => bars[what].at(done, total),
      });
      bars.bytes.end();
      bars.rows.end();
      if (flag('json')) {
        terminal.say(JSON.stringify(report, null, 2));
      } else {
        terminal.say(
          `${report.dryRun ? 'Checked' : 'Restored'} ${counted(report.rows, 'row')} and ${counted(report.files, 'stored file')} (${humanBytes(report.bytes)}), ` +
            `as of ${report.createdAt}, written by release ${report.version}.`,
        );
      }
      if (report.lost > 0)
        terminal.note(`${counted(report.lost, 'file')} had been lost before the backup was made; they are marked as damaged.`);
      return 0;
    } finally {
      await connection.close();
    }
  },
};
