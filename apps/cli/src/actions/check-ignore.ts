// throughline check-ignore

import { checkIgnore, openRepository } from '@throughline/data-versioning/core';

import type { Action } from '../command.ts';
import { usage } from '../command.ts';

export const run: Action = async ({ operands, options, surroundings, readInput }) => {
  const isInput = options.flag('stdin');
  const withDetails = options.flag('details');
  if (isInput === operands.length > 0) throw usage('Name paths, or read them with --stdin.', 'check-ignore');
  if (options.flag('nonMatching') && !withDetails) throw usage('--non-matching goes with --details.', 'check-ignore');
  const targets = isInput ? (await readInput()).split('\n').filter((line) => line !== '') : operands;
  const results = checkIgnore(await openRepository(surroundings), targets);
  return {
    value: results,
    *lines() {
      for (const { target, isIgnored, patterns } of results) {
        const decides = patterns.at(-1);
        if (!withDetails) {
          if (isIgnored) yield target;
        } else if (decides !== undefined) yield `${decides.origin}:${decides.text}\t${target}`;
        else if (options.flag('nonMatching')) yield `::\t${target}`;
      }
    },
    exitCode: results.some(({ isIgnored, patterns }) => (withDetails ? patterns.length > 0 : isIgnored)) ? 0 : 1,
  };
};
