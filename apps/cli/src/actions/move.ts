// throughline move

import { move, openRepository } from '@throughline/data-versioning/core';

import type { Action } from '../command.ts';

export const run: Action = async ({ operands, surroundings }) => {
  const [from = '', to = ''] = operands;
  const result = await move(await openRepository(surroundings), { from, to });
  return { value: result, lines: () => [`${result.from} is ${result.to} now, recorded in ${result.newFile}`] };
};
