// throughline unprotect

import { openRepository, unprotect } from '@throughline/data-versioning/core';
import { counted } from '@throughline/kernel';

import type { Action } from '../command.ts';

export const run: Action = async ({ operands, surroundings }) => {
  const result = await unprotect(await openRepository(surroundings), { targets: operands });
  return { value: result, lines: () => result.unprotected.map(({ path, files }) => `${path}: ${counted(files, 'file')} made writable`) };
};
