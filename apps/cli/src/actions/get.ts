// throughline get

import { relative } from 'node:path';

import { get } from '@throughline/data-versioning/core';
import { counted, humanBytes } from '@throughline/kernel';

import type { Action } from '../command.ts';
import { flagged, given, pairsOf } from './shared.ts';

export const run: Action = async ({ operands, options, surroundings, settings }) => {
  const [url = '', path = ''] = operands;
  const result = await get(surroundings, {
    url,
    path,
    ...given({
      out: options.text('out'),
      rev: options.text('rev'),
      force: flagged(options, 'force'),
      remote: options.text('remote'),
      config: options.text('config'),
      remoteOptions: pairsOf(options, 'remoteConfig', 'get'),
      jobs: options.count('jobs'),
      showUrl: flagged(options, 'showUrl'),
      run: settings.run,
    }),
  });
  return {
    value: result,
    *lines() {
      if (result.url !== null) yield result.url;
      if (result.path === null) return;
      yield `${counted(result.files, 'file')} (${humanBytes(result.sizeBytes)}) in ${relative(surroundings.workingFolder, result.path) || '.'}`;
    },
  };
};
