// npm run bench: reads the arguments, opens the benchmark, runs its rows, and says what they found. Started by scripts/bench.mjs over a channel,
// through which it asks for what has to be made first (the dashboard, the environment of the server that ours is compared with).

import { once } from 'node:events';
import { resolve } from 'node:path';

import { helpText, readArguments } from './arguments.ts';
import type { Asked } from './arguments.ts';
import type { Benchmark, OpenBenchmark } from './harness/benchmark.ts';
import { environmentText, machine } from './harness/environment.ts';
import { openProgress } from './harness/progress.ts';
import { failedRow, report, rowText, summaryText } from './harness/report.ts';
import type { Row } from './harness/report.ts';
import { DATA } from './data/index.ts';
import { TRACKING } from './tracking/index.ts';

/** Then what is left is not measured: within 25 minutes it must be over, the end of everything included. */
const TIME_LIMIT_MS = 23.5 * 60_000;
/** As shells have it for Ctrl-C. */
const INTERRUPTED_STATUS = 130;

/** Why everything ends where somebody wanted it to: then nothing was found that could be told. */
const INTERRUPTED = new Error('interrupted');

const ROOT = resolve(import.meta.dirname, '../..');
const BENCHMARKS = new Map<string, Benchmark>([
  ['tracking', TRACKING],
  ['data', DATA],
]);
const CATALOGUE = Object.fromEntries([...BENCHMARKS].map(([name, { rows }]) => [name, rows]));

const asked = readArguments(process.argv.slice(2), CATALOGUE);
const benchmark = asked.kind === 'run' ? BENCHMARKS.get(asked.benchmark) : undefined;
if (asked.kind === 'help') {
  process.stdout.write(`${helpText(CATALOGUE)}\n`);
} else if (asked.kind === 'fault' || benchmark === undefined) {
  process.stderr.write(`${asked.kind === 'fault' ? asked.message : ''}\nnpm run bench -- --help tells more.\n`);
  process.exitCode = 2;
} else {
  await prepared(asked.benchmark);
  process.exitCode = await run(benchmark, asked);
}
process.removeAllListeners('disconnect');
if (process.connected) process.disconnect();

async function run(benchmark: Benchmark, asked: Extract<Asked, { kind: 'run' }>): Promise<number> {
  const begin = performance.now();
  const { json, quick, rows: names, rounds } = asked;
  const facts = machine();
  const progress = openProgress(process.stderr);
  const over = new AbortController();
  const clock = setTimeout(() => over.abort(new Error('the time that a benchmark may take was up')), TIME_LIMIT_MS);

  progress.begin('starting what is measured', 35);
  const opening = benchmark.open({ root: ROOT, quick, rounds, rows: names, progress, signal: over.signal });
  endWhenTold(over, opening);
  const { environment: more, rows: runnable, lastWords, close } = await opening;
  try {
    progress.end();
    const environment = { ...facts, ...more };
    const say = (text: string) => (json ? undefined : process.stdout.write(`${text}\n`));
    say(`${environmentText(environment)}\n`);
    const rows: Row[] = [];
    for (const [index, { subject, seconds, run: measure }] of runnable.entries()) {
      progress.begin(`[${index + 1}/${runnable.length}] ${subject.name}`, seconds);
      const found = await measure().catch((error: unknown) => failedRow(subject, reason(error)));
      progress.end();
      if (over.signal.reason === INTERRUPTED) return INTERRUPTED_STATUS;
      if (found.failure !== undefined && !over.signal.aborted)
        process.stderr.write(`${subject.name} failed: ${found.failure}\n${lastWords()}\n\n`);
      rows.push(found);
      say(`${rowText(found)}\n`);
    }
    const elapsedSeconds = Math.round((performance.now() - begin) / 1000);
    const found = report({ benchmark: asked.benchmark, proves: !quick, environment, rows, elapsedSeconds });
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
async function prepared(name: string): Promise<void> {
  if (process.send === undefined) throw new Error('the benchmarks are started by scripts/bench.mjs: npm run bench');
  process.send({ type: 'prepare', benchmark: name });
  await once(process, 'message');
}

/** Ctrl-C, or a launcher that is gone: ends everything that was started, in order, and then this process. */
function endWhenTold(over: AbortController, opening: Promise<OpenBenchmark>): void {
  let ending = false;
  const end = () => {
    if (ending) return;
    ending = true;
    process.stderr.write('\nStopping what was started …\n');
    over.abort(INTERRUPTED);
    void opening
      .then(({ close }) => close())
      .catch((error: unknown) => process.stderr.write(`${reason(error)}\n`))
      .finally(() => process.exit(INTERRUPTED_STATUS));
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, end);
  process.on('disconnect', end);
}
