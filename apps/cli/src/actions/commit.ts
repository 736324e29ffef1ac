// throughline commit

import { commit, openRepository } from '@throughline/data-versioning/core';

import type { Action } from '../command.ts';
import { flagged, given, selectionOf } from './shared.ts';

export const run: Action = async (context) => {
  const { options, surroundings, terminal, confirm } = context;
  const result = await commit(await openRepository(surroundings), {
    ...selectionOf(context),
    ...given({
      force: flagged(options, 'force'),
      noRelink: options.choice('relink') === false ? true : null,
      // Where nobody can be asked, the core says what to do instead.
      confirm: process.stdin.isTTY && process.stderr.isTTY ? confirm : null,
    }),
  });
  return {
    value: result,
    *lines() {
      const changed = result.committed.filter((stage) => stage.changed);
      for (const { stage } of changed) yield `${terminal.good('recorded')} ${stage}`;
      if (changed.length === 0) yield 'Nothing has changed.';
    },
  };
};
