// throughline cache dir, migrate

import { cacheDir, cacheMigrate, openRepository } from '@throughline/data-versioning/core';
import { counted } from '@throughline/kernel';

import type { Action } from '../command.ts';
import { flagged, given, levelOf } from './shared.ts';

export const dir: Action = async ({ operands, options, surroundings }) => {
  const [folder] = operands;
  const result = await cacheDir(surroundings, given({ folder: folder ?? null, unset: flagged(options, 'unset'), level: levelOf(options) }));
  return { value: result, lines: () => (folder === undefined && !options.flag('unset') ? [result.folder] : []) };
};

export const migrate: Action = async ({ options, surroundings, terminal }) => {
  const isDry = options.flag('dry');
  const result = await cacheMigrate(await openRepository(surroundings), { dry: isDry, dvcFiles: options.flag('dvcFiles') });
  return {
    value: result,
    *lines() {
      yield `${counted(result.objects, 'object')} ${isDry ? 'would be' : 'were'} given today's names.`;
      for (const file of result.files) yield `${isDry ? 'would rewrite' : 'rewrote'} ${file}`;
    },
    problems: () => result.damaged.map((object) => `${terminal.alarm(object)} is damaged, and was left where it is.`),
    exitCode: result.damaged.length === 0 ? 0 : 1,
  };
};
