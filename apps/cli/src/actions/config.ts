// throughline config

import { config } from '@throughline/data-versioning/core';

import type { Action } from '../command.ts';
import { usage } from '../command.ts';
import { flagged, given, levelOf } from './shared.ts';

export const run: Action = async ({ operands, options, surroundings }) => {
  const [name, value] = operands;
  const isList = options.flag('list');
  if (name === undefined && !isList) throw usage('Which setting? Name one, or list them with -l.', 'config');
  if (isList && (name !== undefined || options.flag('unset'))) throw usage('-l lists every setting, and goes with none.', 'config');
  const result = await config(
    surroundings,
    given({
      name: name ?? null,
      value: value ?? null,
      unset: flagged(options, 'unset'),
      level: levelOf(options),
      showSecrets: flagged(options, 'showSecrets'),
    }),
  );
  return {
    value: result,
    *lines() {
      if (result.isChanged) return;
      for (const setting of result.settings) {
        const shown = isList ? `${setting.name}=${setting.value}` : setting.value;
        yield options.flag('showOrigin') ? `${setting.file}\t${shown}` : shown;
      }
    },
  };
};
