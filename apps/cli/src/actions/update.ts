// throughline update

import { openRepository, update } from '@throughline/data-versioning/core';
import type { UpdatedImport } from '@throughline/data-versioning/core';
import type { Terminal } from '@throughline/kernel';

import type { Action } from '../command.ts';
import { flagged, given } from './shared.ts';

export const run: Action = async ({ operands, options, surroundings, terminal }) => {
  const updated = await update(await openRepository(surroundings), {
    targets: operands,
    ...given({
      recursive: flagged(options, 'recursive'),
      rev: options.text('rev'),
      noDownload: options.choice('download') === false ? true : null,
      toRemote: flagged(options, 'toRemote'),
      remote: options.text('remote'),
      force: flagged(options, 'force'),
      jobs: options.count('jobs'),
    }),
  });
  return { value: updated, lines: () => updated.map((one) => updatedLine(one, terminal)) };
};

function updatedLine({ path, isChanged, commit }: UpdatedImport, terminal: Terminal): string {
  const where = commit === null ? '' : ` (${commit.slice(0, 10)})`;
  return `${isChanged ? terminal.good('updated  ') : 'unchanged'} ${path}${where}`;
}
