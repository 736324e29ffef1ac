// throughline add

import { add, openRepository } from '@throughline/data-versioning/core';
import type { AddedOutput } from '@throughline/data-versioning/core';
import { counted, humanBytes } from '@throughline/kernel';
import type { Terminal } from '@throughline/kernel';

import type { Action } from '../command.ts';
import { flagged, given, pairsOf } from './shared.ts';

export const run: Action = async ({ operands, options, surroundings, terminal }) => {
  const repository = await openRepository(surroundings);
  const result = await add(repository, {
    targets: operands,
    ...given({
      glob: flagged(options, 'glob'),
      noCommit: options.choice('commit') === false ? true : null,
      noRelink: options.choice('relink') === false ? true : null,
      file: options.text('file'),
      out: options.text('out'),
      toRemote: flagged(options, 'toRemote'),
      remote: options.text('remote'),
      jobs: options.count('remoteJobs'),
      force: flagged(options, 'force'),
      desc: options.text('desc'),
      type: options.text('type'),
      labels: options.list('label'),
      meta: pairsOf(options, 'meta', 'add'),
    }),
  });
  return {
    value: result,
    *lines() {
      for (const one of result.added) yield addedLine(one, terminal);
      if (result.gitFiles.length > 0) yield `For Git: git add ${result.gitFiles.map(quoted).join(' ')}`;
    },
  };
};

function addedLine({ path, file, sizeBytes, fileCount, changed }: AddedOutput, terminal: Terminal): string {
  const facts = [fileCount === null ? null : counted(fileCount, 'file'), sizeBytes === null ? null : humanBytes(sizeBytes)];
  const shown = facts.filter((fact) => fact !== null).join(', ');
  return `${changed ? terminal.good('recorded ') : 'unchanged'} ${path}${shown === '' ? '' : ` (${shown})`} in ${file}`;
}

/** As a shell takes it. */
function quoted(path: string): string {
  return /^[\w@%+=:,./-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`;
}
