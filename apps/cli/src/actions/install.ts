// throughline install, and the merge driver that it installs

import { resolve } from 'node:path';

import { install, mergeDriver, openRepository } from '@throughline/data-versioning/core';

import type { Action } from '../command.ts';
import { usage } from '../command.ts';
import { flagged, given } from './shared.ts';

export const run: Action = async ({ options, surroundings }) => {
  const result = await install(
    await openRepository(surroundings),
    given({ force: flagged(options, 'force'), usePreCommitTool: flagged(options, 'usePreCommitTool') }),
  );
  return {
    value: result,
    *lines() {
      for (const hook of result.hooks) yield `wrote ${hook}`;
      if (result.preCommit !== null) {
        const { file, added } = result.preCommit;
        yield added.length === 0 ? `${file} has the hooks already.` : `added ${added.join(', ')} to ${file}`;
        yield 'Have the tool install them: pre-commit install -t pre-commit -t pre-push -t post-checkout';
      }
      if (result.missingAttribute !== null) yield `For the merge driver, add to .gitattributes: ${result.missingAttribute}`;
    },
  };
};

/** Git calls it, from the top of its working tree. */
export const merge: Action = async ({ options, surroundings }) => {
  const file = (name: string) => {
    const given = options.text(name);
    if (given === null) throw usage(`--${name} is missing.`, 'merge-driver');
    return resolve(surroundings.workingFolder, given);
  };
  const files = { ancestor: file('ancestor'), our: file('our'), their: file('their') };
  return { value: await mergeDriver(await openRepository(surroundings), files) };
};
