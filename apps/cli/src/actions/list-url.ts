// throughline list-url

import { listUrl } from '@throughline/data-versioning/core';

import type { Action } from '../command.ts';
import { listLines } from './listing.ts';
import { flagged, given, pairsOf } from './shared.ts';

export const run: Action = async ({ operands, options, surroundings, terminal }) => {
  const entries = await listUrl(surroundings, {
    url: operands[0] ?? '',
    ...given({
      recursive: flagged(options, 'recursive') ?? flagged(options, 'tree'),
      level: options.count('level'),
      options: pairsOf(options, 'fsConfig', 'list-url'),
    }),
  });
  const listed = entries.map((entry) => ({ ...entry, isout: false, isexec: false }));
  const shape = { terminal, isTree: options.flag('tree'), withSizes: options.flag('size'), withHashes: false };
  return { value: entries, lines: () => listLines(listed, shape) };
};
