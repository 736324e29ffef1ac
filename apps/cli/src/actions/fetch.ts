// throughline fetch

import { fetch, openRepository } from '@throughline/data-versioning/core';

import type { Action } from '../command.ts';
import { failureLines, given, movedLine, selectionOf } from './shared.ts';

const TYPES = ['metrics', 'plots'] as const;

function typesOf(list: readonly string[] | null) {
  return list === null ? null : TYPES.filter((type) => list.includes(type));
}

export const run: Action = async (context) => {
  const { options, terminal, surroundings, settings } = context;
  const repository = await openRepository(surroundings);
  const result = await fetch(repository, {
    ...selectionOf(context),
    ...given({
      remote: options.text('remote'),
      jobs: options.count('jobs'),
      runCache: options.choice('runCache'),
      types: typesOf(options.list('type')),
      maxSizeBytes: options.count('maxSize'),
      run: settings.run,
    }),
  });
  const isEnough = result.failures.length === 0 || options.flag('allowMissing');
  return {
    value: result,
    lines: () => [movedLine('Fetched', result.fetched, result.sizeBytes, 'The cache has everything already.')],
    problems: () => failureLines(result.failures, terminal),
    exitCode: isEnough ? 0 : 1,
  };
};
