#!/usr/bin/env node
// The command. It answers `--version` by itself and loads the rest when there is something to do.

import { VERSION } from './version.ts';

// Whoever reads may leave early, as head does. What was begun is done all the same, and the exit code still tells how it went.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
  });
}

const line = process.argv.slice(2);
if (line.length === 1 && (line[0] === '--version' || line[0] === '-V')) {
  process.stdout.write(`${VERSION}\n`);
} else {
  const { runProgram } = await import('./program.ts');
  process.exitCode = await runProgram(line);
}
