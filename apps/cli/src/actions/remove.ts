// throughline remove

import { openRepository, remove } from '@throughline/data-versioning/core';

import type { Action } from '../command.ts';
import { flagged, given } from './shared.ts';

export const run: Action = async ({ operands, options, surroundings }) => {
  const isDry = options.flag('dry');
  const result = await remove(await openRepository(surroundings), {
    targets: operands,
    isDryRun: isDry,
    ...given({ withOutputs: flagged(options, 'outs'), force: flagged(options, 'force') }),
  });
  return {
    value: result,
    *lines() {
      for (const path of result.outputs) yield `${path} ${isDry ? 'would be' : 'is'} tracked no more`;
      for (const path of result.deleted) yield `${path} ${isDry ? 'would be' : 'was'} deleted`;
    },
  };
};
