// throughline get-url

import { relative } from 'node:path';

import { getUrl } from '@throughline/data-versioning/core';
import { counted, humanBytes } from '@throughline/kernel';

import type { Action } from '../command.ts';
import { flagged, given, pairsOf } from './shared.ts';

export const run: Action = async ({ operands, options, surroundings }) => {
  const [url = '', out] = operands;
  const result = await getUrl(surroundings, {
    url,
    ...given({ out: out ?? null, force: flagged(options, 'force'), options: pairsOf(options, 'fsConfig', 'get-url') }),
  });
  const where = relative(surroundings.workingFolder, result.path) || '.';
  return { value: result, lines: () => [`${counted(result.files, 'file')} (${humanBytes(result.sizeBytes)}) in ${where}`] };
};
