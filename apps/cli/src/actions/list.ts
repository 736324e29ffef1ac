// throughline list

import { list } from '@throughline/data-versioning/core';

import type { Action } from '../command.ts';
import { listLines } from './listing.ts';
import { flagged, given, pairsOf } from './shared.ts';

export const run: Action = async ({ operands, options, surroundings, terminal }) => {
  const [url = '', path] = operands;
  const entries = await list(surroundings, {
    url,
    ...given({
      path: path ?? null,
      rev: options.text('rev'),
      recursive: flagged(options, 'recursive') ?? flagged(options, 'tree'),
      level: options.count('level'),
      dvcOnly: flagged(options, 'dvcOnly'),
      remote: options.text('remote'),
      config: options.text('config'),
      remoteOptions: pairsOf(options, 'remoteConfig', 'list'),
    }),
  });
  return {
    value: entries,
    lines: () =>
      listLines(entries, { terminal, isTree: options.flag('tree'), withSizes: options.flag('size'), withHashes: options.flag('showHash') }),
  };
};
