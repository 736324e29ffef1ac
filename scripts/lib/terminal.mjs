// What the scripts say, and how they run programs. Plain Node 20: these files run before anything is installed.

import { spawn } from 'node:child_process';

const TAIL_LINES = 40;

/** Programs that run for this script; none may outlive it. */
const running = new Set();

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.on(signal, () => {
    for (const child of running) child.kill(signal);
    // start.mjs waits for its server instead; every other script ends here.
    if (!waits) process.exit(130);
  });
}

// npm passes a SIGTERM on to the shell that it starts scripts through, and the shell ends by it without a word to this script. Elsewhere than on
// POSIX the number of the parent never changes.
if (process.env.npm_lifecycle_event !== undefined) {
  const parent = process.ppid;
  const watching = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(watching);
    process.kill(process.pid, 'SIGTERM');
  }, 500).unref();
}

let waits = false;

/** From here on a signal is the caller's to answer; this script does not end by itself. */
export function answerSignals() {
  waits = true;
}

let output = process.stdout;

/** From here on `say` and `step` leave stdout to the program that the script runs. */
export function sayOnStderr() {
  output = process.stderr;
}

export function say(line) {
  output.write(`${line}\n`);
}

/** Ends the script with a clear last word. */
export function fail(line) {
  process.stderr.write(`\n${line}\n`);
  process.exit(1);
}

/** Says what happens, then, every ten seconds, that it still does, then how long it took. */
export async function step(title, work) {
  const begin = Date.now();
  const seconds = () => Math.round((Date.now() - begin) / 1000);
  say(`${title} …`);
  const ticking = setInterval(() => say(`  … ${seconds()} s`), 10_000);
  try {
    const result = await work();
    if (seconds() >= 1) say(`  done in ${seconds()} s`);
    return result;
  } finally {
    clearInterval(ticking);
  }
}

/**
 * Runs a program to its end. `show: true` lets it speak for itself; otherwise what it says is kept. Answers { code, output }: a program
 * that a signal ended has code 1, one that cannot be started has code 127.
 */
export function run(command, args, { env = process.env, cwd, show = false } = {}) {
  return new Promise((done) => {
    const child = spawn(command, args, { env, cwd, stdio: show ? ['ignore', 'inherit', 'inherit'] : ['ignore', 'pipe', 'pipe'] });
    running.add(child);
    let output = '';
    const keep = (chunk) => (output += chunk);
    child.stdout?.setEncoding('utf8').on('data', keep);
    child.stderr?.setEncoding('utf8').on('data', keep);
    child.once('error', (error) => {
      running.delete(child);
      done({ code: 127, output: `${output}${error.message}` });
    });
    child.once('close', (code) => {
      running.delete(child);
      done({ code: code ?? 1, output });
    });
  });
}

/** Runs a program that must succeed; otherwise says the end of what it said, and ends the script. */
export async function mustRun(command, args, options = {}) {
  const { code, output } = await run(command, args, options);
  if (code === 0) return output;
  const tail = output.trimEnd().split('\n').slice(-TAIL_LINES).join('\n');
  fail(`${tail}${tail === '' ? '' : '\n\n'}${options.failure ?? `${command} ${args.join(' ')} failed (status ${code}).`}`);
}

/** Keeps a started program on the list of those that a signal must reach. */
export function track(child) {
  running.add(child);
  child.once('exit', () => running.delete(child));
  return child;
}
