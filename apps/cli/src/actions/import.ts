// throughline import

import { importData, openRepository } from '@throughline/data-versioning/core';

import type { Action } from '../command.ts';
import { importedLine } from './imported.ts';
import { flagged, given, pairsOf } from './shared.ts';

export const run: Action = async ({ operands, options, surroundings }) => {
  const [url = '', path = ''] = operands;
  const result = await importData(await openRepository(surroundings), {
    url,
    path,
    ...given({
      out: options.text('out'),
      rev: options.text('rev'),
      force: flagged(options, 'force'),
      noExec: options.choice('exec') === false ? true : null,
      noDownload: options.choice('download') === false ? true : null,
      remote: options.text('remote'),
      config: options.text('config'),
      remoteOptions: pairsOf(options, 'remoteConfig', 'import'),
      jobs: options.count('jobs'),
    }),
  });
  return { value: result, lines: () => [importedLine(result)] };
};
