// throughline root

import { relative } from 'node:path';

import { openRepository } from '@throughline/data-versioning/core';

import type { Action } from '../command.ts';

export const run: Action = async ({ surroundings }) => {
  const { root } = await openRepository(surroundings);
  const way = relative(surroundings.workingFolder, root);
  const shown = way === '' ? '.' : way;
  return { value: { root: shown }, lines: () => [shown] };
};
