// throughline init

import { resolve } from 'node:path';

import { init } from '@throughline/data-versioning/core';

import type { Action } from '../command.ts';
import { flagged, given } from './shared.ts';

export const run: Action = async ({ operands, options, surroundings }) => {
  const workingFolder = resolve(surroundings.workingFolder, operands[0] ?? '.');
  const noScm = options.choice('scm') === false ? true : null;
  const result = await init(
    { ...surroundings, workingFolder },
    given({ noScm, subdir: flagged(options, 'subdir'), force: flagged(options, 'force') }),
  );
  return {
    value: result,
    *lines() {
      yield `Data is tracked from here on: ${result.root}`;
      if (result.isStaged) yield 'Git has been told; commit it: git commit -m "Track data"';
      yield 'Next: throughline add <files or folders>';
    },
  };
};
