// throughline import: copies another store into this server's, beside a running server or without one.

import { DomainError, humanBytes } from '@throughline/kernel';

import { openObjects } from '../objects.ts';
import { createServices } from '../server.ts';
import { importMlflow } from '../import/importer.ts';
import { openSource } from '../import/open.ts';
import { KINDS } from '../import/report.ts';
import type { ImportReport, Kind } from '../import/report.ts';
import { listOf, usage } from './command.ts';
import type { Command, Invocation } from './command.ts';
import { connect } from './connect.ts';

const HELP = `Copies experiments, runs, metrics, files and the model registry from another store. Ids, names, numbers and times are kept.
Run it again as often as you like: it goes on where it was cut, and brings only what is new. Webhooks are not told. Files that were added to a
run after its end are the one thing that a second import does not see.

  npx throughline import mlflow <address> [options]

  <address>                a server (http://host:5000), its SQLite file (sqlite:///mlflow.db), or a folder of runs (./mlruns)

  --dry-run                counts what would come, and writes nothing
  --experiments <names>    only these, with commas between, and without the model registry
  --artifacts <folder>     where the server's files lie on this machine, where they are not beside its SQLite file
  --no-artifacts           leave the files out
  --workspace <name>       into which; default unless given
  --json                   answers JSON
  --help                   this text

Examples:
  npx throughline import mlflow http://mlflow.example:5000 --dry-run
  npx throughline import mlflow ./mlruns
  npx throughline import mlflow sqlite:///mlflow.db --artifacts ./mlartifacts

A server's credentials are read from MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD, or from MLFLOW_TRACKING_TOKEN.
It answers 1 where something had to be left out, and says what.
`;

const NAMES = {
  experiments: 'Experiments',
  runs: 'Runs',
  points: 'Metric points',
  loggedModels: 'Logged models',
  files: 'Files',
  registeredModels: 'Registered models',
  modelVersions: 'Model versions',
} as const satisfies Record<Kind, string>;

const SHOWN_NOTES = 20;

export const importCommand: Command = {
  help: HELP,
  operands: ['mlflow', 'the address'],
  options: {
    'dry-run': { type: 'boolean', default: false },
    experiments: { type: 'string' },
    artifacts: { type: 'string' },
    'no-artifacts': { type: 'boolean', default: false },
    workspace: { type: 'string', default: 'default' },
  },
  async run(invocation) {
    const { terminal, flag, text, operands, path } = invocation;
    const [kind, address = ''] = operands;
    if (kind !== 'mlflow') throw usage(`Only stores of mlflow can be imported, not '${(kind ?? '').slice(0, 40)}'.`, 'import');
    const artifacts = text('artifacts');
    if (artifacts !== null && flag('no-artifacts')) throw usage('--artifacts and --no-artifacts contradict each other.', 'import');
    const config = invocation.config();
    const source = await openSource(address, {
      path,
      artifactRoots: artifacts === null ? [] : [path(artifacts)],
      credentials: invocation.mlflowCredentials(),
    });
    try {
      const connection = await connect(config, terminal.note, { connections: 8 });
      try {
        const services = createServices(connection.database, await openObjects(config.objects), config, (message) =>
          terminal.note(message),
        );
        const report = await watched(invocation, (options) => {
          services.tracking.engine.start({
            onError: (error) => terminal.note(`What was imported could not be settled yet: ${String(error)}`),
          });
          return services.access
            .localCaller(text('workspace') ?? 'default')
            .then((caller) => importMlflow(services, { caller }, source, options))
            .finally(() => services.tracking.engine.stop());
        });
        terminal.say(flag('json') ? JSON.stringify(report, null, 2) : summaryOf(report));
        return report.leftOut > 0 ? 1 : 0;
      } finally {
        await connection.close();
      }
    } finally {
      await source.close();
    }
  },
};

async function watched(
  { terminal, flag, text }: Invocation,
  work: (options: Parameters<typeof importMlflow>[3]) => Promise<ImportReport>,
): Promise<ImportReport> {
  const bar = terminal.progress(flag('dry-run') ? 'Counting' : 'Importing', 'things');
  const stop = new AbortController();
  // No word about what was to be written: that would be left out, and the import would go on.
  const end = () =>
    stop.abort(
      new DomainError({ kind: 'unavailable', code: 'IMPORT_ENDED', message: 'The import was ended on the way; run it again to go on.' }),
    );
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, end);
  try {
    return await work({
      experiments: listOf(text('experiments')) ?? null,
      files: !flag('no-artifacts'),
      dryRun: flag('dry-run'),
      signal: stop.signal,
      onProgress: (done, total) => bar.at(done, total),
    });
  } finally {
    bar.end();
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.off(signal, end);
  }
}

function summaryOf({ source, dryRun, counts, bytes, leftOut, notes, notesLeftOut }: ImportReport): string {
  const shown = (n: number) => n.toLocaleString('en').padStart(12);
  const head = ['found', dryRun ? 'to copy' : 'copied', 'there', 'left out'].map((word) => word.padStart(12)).join('');
  const kinds = KINDS.filter((kind) => !dryRun || (kind !== 'points' && kind !== 'files'));
  const lines = [
    `${dryRun ? 'Would import' : 'Imported'} ${source}.`,
    `${''.padEnd(18)}${head}`,
    ...kinds.map((kind) => {
      const { found, copied, there, skipped } = counts[kind];
      return `${NAMES[kind].padEnd(18)}${shown(found)}${shown(copied)}${shown(there)}${shown(skipped)}`;
    }),
  ];
  if (!dryRun) lines.push(`${humanBytes(bytes)} of files were copied.`);
  if (leftOut > 0) lines.push(`${leftOut.toLocaleString('en')} ${leftOut === 1 ? 'thing was' : 'things were'} left out:`);
  for (const { what, why } of notes.slice(0, SHOWN_NOTES)) lines.push(`  ${what}: ${why}`);
  const more = notes.length + notesLeftOut - Math.min(notes.length, SHOWN_NOTES);
  if (more > 0) lines.push(`  and ${more.toLocaleString('en')} notes more; --json tells up to 1,000.`);
  return lines.join('\n');
}
