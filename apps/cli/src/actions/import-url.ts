// throughline import-url

import { importUrl, openRepository } from '@throughline/data-versioning/core';

import type { Action } from '../command.ts';
import { importedLine } from './imported.ts';
import { flagged, given, pairsOf } from './shared.ts';

export const run: Action = async ({ operands, options, surroundings }) => {
  const [url = '', out] = operands;
  const result = await importUrl(await openRepository(surroundings), {
    url,
    ...given({
      out: out ?? null,
      force: flagged(options, 'force'),
      noExec: options.choice('exec') === false ? true : null,
      noDownload: options.choice('download') === false ? true : null,
      toRemote: flagged(options, 'toRemote'),
      remote: options.text('remote'),
      options: pairsOf(options, 'fsConfig', 'import-url'),
      jobs: options.count('jobs'),
      versionAware: flagged(options, 'versionAware'),
    }),
  });
  return { value: result, lines: () => [importedLine(result)] };
};
