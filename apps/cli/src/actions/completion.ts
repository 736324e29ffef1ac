// throughline completion, and what its scripts call

import type { Action } from '../command.ts';
import { usage } from '../command.ts';
import { completeLine, completionLines, SCRIPTS, SHELLS } from '../completion.ts';
import { askRepository } from '../repository-words.ts';

export const run: Action = async ({ operands }) => {
  const shell = SHELLS.find((one) => one === operands[0]);
  if (shell === undefined)
    throw usage(`There is no completion for '${operands[0] ?? ''}'; there is for ${SHELLS.join(', ')}.`, 'completion');
  return { value: { shell, script: SCRIPTS[shell] }, lines: () => [SCRIPTS[shell].trimEnd()] };
};

export const complete: Action = async ({ commandLine, operands, surroundings }) => {
  const words = operands[0] === '--' ? operands.slice(1) : operands;
  const found = await completeLine(commandLine, words, askRepository(surroundings));
  return { value: found, lines: () => completionLines(found) };
};
