// npm run collect: removes stored files that nothing references any more, beside a running server or without one.

import { parseArgs } from 'node:util';

import { DomainError, invalid } from '@throughline/kernel';

import { readConfig } from '../config.ts';
import { openObjects } from '../objects.ts';
import { createServices } from '../server.ts';
import { connect } from './connect.ts';

const HELP = `Removes stored files that nothing references any more: no run, logged model, model version or dataset version, in any workspace.
What is younger than a day is left alone.

  npm run collect -- --dry-run    counts what would be removed, and removes nothing
  npm run collect                 removes it

  --json   answers JSON
  --help   this text
`;

const OPTIONS = {
  'dry-run': { type: 'boolean', default: false },
  json: { type: 'boolean', default: false },
  help: { type: 'boolean', short: 'h', default: false },
} as const;

function note(text: string): void {
  process.stderr.write(`${text}\n`);
}

function readOptions() {
  try {
    return parseArgs({ options: OPTIONS }).values;
  } catch (error) {
    throw invalid('USAGE', error instanceof Error ? error.message : String(error), { hint: 'npm run collect -- --help says more.' });
  }
}

async function run(dryRun: boolean, json: boolean): Promise<void> {
  const config = readConfig(process.env);
  const connection = await connect(config, note);
  try {
    const services = createServices(connection.database, await openObjects(config.objects), config, note);
    const report = await services.commands.collect({ caller: await services.access.localCaller() }, { dryRun });
    const megabytes = (report.bytes / 1_000_000).toLocaleString('en', { maximumFractionDigits: 1 });
    const text = [
      `${dryRun ? 'Would remove' : 'Removed'} ${report.blobs} files, ${report.manifests} manifests, ${report.fileSets} file sets,`,
      `${report.uploads} abandoned uploads and ${report.objects} stray objects: ${megabytes} MB.`,
    ].join(' ');
    process.stdout.write(`${json ? JSON.stringify({ dryRun, ...report }, null, 2) : text}\n`);
  } finally {
    await connection.close();
  }
}

try {
  const options = readOptions();
  if (options.help) process.stdout.write(HELP);
  else await run(options['dry-run'], options.json);
} catch (error) {
  if (!(error instanceof DomainError)) throw error;
  note(error.message);
  if (error.hint !== undefined) note(error.hint);
  process.exitCode = error.code === 'USAGE' ? 2 : 1;
}
