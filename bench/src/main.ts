// npm run bench: reads the arguments, starts what the rows run against, runs them, and says what they found. Started by scripts/bench.mjs over
// a channel, through which it asks for what has to be made first (the dashboard, MLflow's environment).

import { once } from 'node:events';
import { join, resolve } from 'node:path';

import { helpText, readArguments } from './arguments.ts';
import type { Asked } from './arguments.ts';
import { environmentText, machine, postgresSettings } from './environment.ts';
import { openProgress } from './harness/progress.ts';
import { failedRow, report, rowText, summaryText } from './harness/report.ts';
import type { Row } from './harness/report.ts';
import { beforeTracking, TRACKING } from './tracking/index.ts';
import { FULL, QUICK } from './tracking/scale.ts';
import { openStand } from './tracking/stand.ts';
import type { OpenStand } from './tracking/stand.ts';

/** Then what is left is not measured: within 25 minutes it must be over, the ends of everything included. */
const TIME_LIMIT_MS = 23.5 * 60_000;

const ROOT = resolve(import.meta.dirname, '../..');
const CATALOGUE = { tracking: TRACKING.map(({ name }) => name) };

const asked = readArguments(process.argv.slice(2), CATALOGUE);
if (asked.kind === 'help') {
  process.stdout.write(`${helpText(CATALOGUE)}\n`);
} else if (asked.kind === 'fault') {
  process.stderr.write(`${asked.message}\nnpm run bench -- --help tells more.\n`);
  process.exitCode = 2;
} else {
  await prepared();
  process.exitCode = await run(asked);
}
process.removeAllListeners('disconnect');
if (process.connected) process.disconnect();

async function run({ benchmark, json, quick, rows: names, rounds }: Extract<Asked, { kind: 'run' }>): Promise<number> {
  const begin = performance.now();
  const environment = machine(ROOT);
  const scale = { ...(quick ? QUICK : FULL), ...(rounds === null ? {} : { rounds }) };
  const works = TRACKING.filter(({ name }) => names.includes(name));
  const progress = openProgress(process.stderr);
  const over = new AbortController();
  const clock = setTimeout(() => over.abort(new Error('the time that a benchmark may take was up')), TIME_LIMIT_MS);

  progress.begin('starting PostgreSQL and this server', 15);
  const opening = openStand({ root: ROOT, python: join(ROOT, '.throughline/bench-venv/bin'), scale, progress, signal: over.signal });
  endWhenTold(over, opening);
  const { stand, postgresUrl, close } = await opening;
  try {
    const told = { ...environment, postgres: await postgresSettings(postgresUrl) };
    progress.end();
    const say = (text: string) => (json ? undefined : process.stdout.write(`${text}\n`));
    say(`${environmentText(told)}\n`);
    await beforeTracking(stand, works);
    const rows: Row[] = [];
    for (const [index, work] of works.entries()) {
      progress.begin(`[${index + 1}/${works.length}] ${work.name}`, quick ? 15 : work.seconds);
      const found = await work.run(stand, work).catch((error: unknown) => failedRow(work, reason(error)));
      progress.end();
      rows.push(found);
      say(`${rowText(found)}\n`);
    }
    const elapsedSeconds = Math.round((performance.now() - begin) / 1000);
    const found = report({ benchmark, proves: !quick, environment: told, rows, elapsedSeconds });
    process.stdout.write(json ? `${JSON.stringify(found, null, 2)}\n` : `${summaryText(found)}\n`);
    return found.holds ? 0 : 1;
  } finally {
    progress.end();
    clearTimeout(clock);
    await close();
  }
}

function reason(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Waits until the launcher has made what is not there yet. */
async function prepared(): Promise<void> {
  if (process.send === undefined) throw new Error('the benchmarks are started by scripts/bench.mjs: npm run bench');
  process.send({ type: 'prepare' });
  await once(process, 'message');
}

/** Ctrl-C, or a launcher that is gone: ends everything that was started, in order, and then this process. */
function endWhenTold(over: AbortController, opening: Promise<OpenStand>): void {
  let ending = false;
  const end = () => {
    if (ending) return;
    ending = true;
    process.stderr.write('\nStopping what was started …\n');
    // What is at work fails from here on, and has nobody to tell.
    process.stdout.write = () => true;
    over.abort(new Error('interrupted'));
    void opening
      .then(({ close }) => close())
      .catch((error: unknown) => process.stderr.write(`${reason(error)}\n`))
      .finally(() => process.exit(130));
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, end);
  process.on('disconnect', end);
}
