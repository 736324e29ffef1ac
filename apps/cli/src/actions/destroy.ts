// throughline destroy

import { destroy, openRepository } from '@throughline/data-versioning/core';

import type { Action } from '../command.ts';

export const run: Action = async ({ options, surroundings, confirm, terminal }) => {
  const repository = await openRepository(surroundings);
  const force = options.flag('force');
  const isDry = options.flag('dry');
  const planned = await destroy(repository, { force, isDryRun: true });
  const isMeant = !isDry && (force || (await isConfirmed()));
  const result = isMeant ? await destroy(repository, { force }) : planned;
  return {
    value: { ...result, isDone: isMeant },
    lines: () => result.files.map((file) => `${isMeant ? 'removed' : 'would remove'} ${file}`),
    problems: () => (isMeant || isDry ? [] : ['Nothing was removed. --dry lists what would be, --force does not ask.']),
    exitCode: isMeant || isDry ? 0 : 1,
  };

  async function isConfirmed(): Promise<boolean> {
    terminal.note(
      `All data in ${repository.root} would be tracked no more; files of the workspace stay. To be removed: ${planned.files.join(', ')}`,
    );
    return confirm('Remove them?');
  }
};
