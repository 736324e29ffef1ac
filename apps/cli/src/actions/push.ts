// throughline push

import { openRepository, push } from '@throughline/data-versioning/core';

import type { Action } from '../command.ts';
import { failureLines, given, movedLine, selectionOf } from './shared.ts';
import { registeredLines } from './register.ts';

export const run: Action = async (context) => {
  const { options, terminal, surroundings } = context;
  const repository = await openRepository(surroundings);
  const result = await push(repository, {
    ...selectionOf(context),
    ...given({
      remote: options.text('remote'),
      jobs: options.count('jobs'),
      runCache: options.choice('runCache'),
      register: options.choice('register'),
    }),
  });
  return {
    value: result,
    *lines() {
      yield movedLine('Pushed', result.pushed, result.sizeBytes, 'The remote has everything already.');
      yield* registeredLines(result.registered, terminal);
    },
    problems: () => failureLines(result.failures, terminal),
    exitCode: result.failures.length === 0 ? 0 : 1,
  };
};
