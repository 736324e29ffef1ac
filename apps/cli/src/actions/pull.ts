// throughline pull

import { openRepository, pull } from '@throughline/data-versioning/core';

import type { Action } from '../command.ts';
import { checkoutLines } from './checkout.ts';
import { failureLines, flagged, given, movedLine, selectionOf } from './shared.ts';

export const run: Action = async (context) => {
  const { options, terminal, surroundings, settings } = context;
  const result = await pull(await openRepository(surroundings), {
    ...selectionOf(context),
    ...given({
      remote: options.text('remote'),
      jobs: options.count('jobs'),
      runCache: options.choice('runCache'),
      force: flagged(options, 'force'),
      allowMissing: flagged(options, 'allowMissing'),
      run: settings.run,
    }),
  });
  const failures = [...result.fetch.failures, ...result.checkout.failed];
  return {
    value: result,
    *lines() {
      yield movedLine('Fetched', result.fetch.fetched, result.fetch.sizeBytes, 'The cache has everything already.');
      yield* checkoutLines(result.checkout, { terminal, isSummary: false });
    },
    problems: () => failureLines(failures, terminal),
    exitCode: failures.length === 0 ? 0 : 1,
  };
};
