// throughline remote add, list, modify, remove, rename, default

import {
  addRemote,
  defaultRemote as chooseDefault,
  listRemotes,
  modifyRemote,
  removeRemote,
  renameRemote,
} from '@throughline/data-versioning/core';

import type { Action } from '../command.ts';
import { usage } from '../command.ts';
import { flagged, given, levelOf } from './shared.ts';

export const add: Action = async ({ operands, options, surroundings }) => {
  const [name = '', url = ''] = operands;
  const result = await addRemote(surroundings, {
    name,
    url,
    ...given({ level: levelOf(options), isDefault: flagged(options, 'default'), force: flagged(options, 'force') }),
  });
  return { value: result, lines: () => (result.isDefault ? [`'${result.name}' is the default remote.`] : []) };
};

export const list: Action = async ({ options, surroundings, terminal }) => {
  const remotes = await listRemotes(surroundings, given({ level: levelOf(options) }));
  return {
    value: remotes,
    lines: () => remotes.map(({ name, url, isDefault }) => `${name}\t${url ?? ''}${isDefault ? `\t${terminal.faint('(default)')}` : ''}`),
  };
};

export const modify: Action = async ({ operands, options, surroundings }) => {
  const [name = '', option = '', value] = operands;
  if (value === undefined && !options.flag('unset')) throw usage(`To what shall ${option} be set? -u removes it.`, 'remote modify');
  if (value !== undefined && options.flag('unset')) throw usage(`-u removes ${option}, and takes no value.`, 'remote modify');
  return { value: await modifyRemote(surroundings, { name, option, ...given({ value: value ?? null, level: levelOf(options) }) }) };
};

export const remove: Action = async ({ operands, options, surroundings }) => {
  const result = await removeRemote(surroundings, { name: operands[0] ?? '', ...given({ level: levelOf(options) }) });
  return { value: result, lines: () => (result.wasDefault ? ['It was the default remote: there is none now.'] : []) };
};

export const rename: Action = async ({ operands, options, surroundings }) => {
  const [name = '', newName = ''] = operands;
  return { value: await renameRemote(surroundings, { name, newName, ...given({ level: levelOf(options) }) }) };
};

export const defaultRemote: Action = async ({ operands, options, surroundings }) => {
  const [name] = operands;
  const result = await chooseDefault(
    surroundings,
    given({ name: name ?? null, unset: flagged(options, 'unset'), level: levelOf(options) }),
  );
  const isAsked = name === undefined && !options.flag('unset');
  return {
    value: result,
    lines: () => (isAsked ? [result.name ?? 'There is no default remote.'] : []),
    exitCode: isAsked && result.name === null ? 1 : 0,
  };
};
