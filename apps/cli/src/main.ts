#!/usr/bin/env node
// The command. It answers `--version` by itself and loads the rest when there is something to do.

import { writeSync } from 'node:fs';

import { VERSION } from './version.ts';

const line = process.argv.slice(2);
if (line.length === 1 && (line[0] === '--version' || line[0] === '-V')) sayVersion();
else void start();

/** Without Node's own stream, which takes longer to make than everything else here. */
function sayVersion(): void {
  try {
    writeSync(1, `${VERSION}\n`);
  } catch {
    // A pipe that is full for now, or has no reader any more: the stream knows what to do.
    tellOfEarlyEnds();
    process.stdout.write(`${VERSION}\n`);
  }
}

async function start(): Promise<void> {
  tellOfEarlyEnds();
  const { runProgram } = await import('./program.ts');
  process.exitCode = await runProgram(line);
}

/** Whoever reads may leave early, as head does. What was begun is done all the same, and the exit code still tells how it went. */
function tellOfEarlyEnds(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') throw error;
    });
  }
}
