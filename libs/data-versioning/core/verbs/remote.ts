// `remote add`, `list`, `modify`, `remove`, `rename`, `default`: where the data goes besides the cache.

import { conflict, invalid, notFound } from '@throughline/kernel';
import { closest } from '../formats/closest.ts';
import { checkSetting, isSecretOption, maskedValue } from '../formats/config-options.ts';
import { CONFIG_LEVELS, configFileOf, editConfig, isPathOption, readIfThere, storedPath } from '../repository/config.ts';
import type { Config, ConfigLevel } from '../repository/config.ts';
import type { Surroundings } from '../types.ts';
import { readSettings } from './config.ts';

interface Level {
  /** Absent: the repository's own file. */
  readonly level?: ConfigLevel;
}

export interface RemoteResult {
  readonly name: string;
  /** Without credentials; null for one that has no address yet. */
  readonly url: string | null;
  readonly isDefault: boolean;
}

export interface AddRemoteOptions extends Level {
  readonly name: string;
  readonly url: string;
  /** Makes it the one that is used where none is named. */
  readonly isDefault?: boolean;
  /** Overwrites one of the same name. */
  readonly force?: boolean;
}

/** @throws DomainError `REMOTE_EXISTS`, `REMOTE_NAME_INVALID`, `CONFIG_UNKNOWN`. */
export async function addRemote(surroundings: Surroundings, options: AddRemoteOptions): Promise<RemoteResult> {
  const settings = await readSettings(surroundings);
  const name = checkName(options.name);
  const level = options.level ?? 'repo';
  checkSetting({ section: 'remote', name, option: 'url', url: options.url }, options.url);
  await editConfig(settings.folders, level, (file, folder) => {
    const section = { section: 'remote', name };
    const isThere = file.sections().some((candidate) => candidate.section === 'remote' && candidate.name === name);
    if (isThere && options.force !== true)
      throw conflict('REMOTE_EXISTS', `There is a remote ${JSON.stringify(name)} already.`, {
        hint: 'Overwrite it with --force, or change it by `remote modify`.',
      });
    // Overwritten means: what belonged to the old one, its credentials above all, is gone.
    if (isThere) file.removeSection(section);
    if (options.isDefault === true) file.set({ section: 'core', name: null }, 'remote', name);
    file.set(section, 'url', storedPath(options.url, folder, surroundings.workingFolder));
  });
  return resultOf(await readSettings(surroundings), name);
}

/** A name stands in the config file between quotes and in brackets. */
function checkName(name: string): string {
  if (!/^[^\s"'[\]#.=][^"'[\]#=\p{Cc}]{0,127}$/u.test(name)) {
    throw invalid(
      'REMOTE_NAME_INVALID',
      `${JSON.stringify(name)} is no name for a remote: it must have no quotes, brackets, "#" and "=", and begin with neither a blank nor a dot.`,
    );
  }
  return name.toLowerCase();
}

function resultOf(settings: Config, name: string): RemoteResult {
  const url = settings.text('remote', 'url', name);
  return { name, url: url === null ? null : maskedValue('url', url), isDefault: settings.defaultRemote() === name };
}

/** All remotes, or those of one level. */
export async function listRemotes(surroundings: Surroundings, options: Level = {}): Promise<RemoteResult[]> {
  const settings = await readSettings(surroundings);
  const own = new Set(
    settings.entries(options.level).flatMap((entry) => (entry.section === 'remote' && entry.name !== null ? [entry.name] : [])),
  );
  return settings
    .remotes()
    .filter((name) => own.has(name))
    .map((name) => resultOf(settings, name));
}

export interface ModifyRemoteOptions extends Level {
  readonly name: string;
  readonly option: string;
  /** Absent: takes the option out. */
  readonly value?: string;
}

/** @throws DomainError `REMOTE_UNKNOWN`, `CONFIG_UNKNOWN`, `CONFIG_INVALID`. */
export async function modifyRemote(surroundings: Surroundings, options: ModifyRemoteOptions): Promise<RemoteResult> {
  const settings = await readSettings(surroundings);
  const name = knownRemote(settings, options.name);
  const option = options.option.toLowerCase();
  const level = options.level ?? 'repo';
  const { value } = options;
  const section = { section: 'remote', name };
  if (value !== undefined)
    checkSetting({ ...section, option, url: option === 'url' ? value : settings.text('remote', 'url', name) }, value);
  if (value !== undefined && isSecretOption(option) && level === 'repo' && settings.folders.dvcFolder !== null) {
    surroundings.reporter.warn(
      `${option} is written into .dvc/config, which Git keeps for everybody: --local would keep it to this machine.`,
    );
  }
  await editConfig(settings.folders, level, (file, folder) => {
    if (value === undefined) file.unset(section, option);
    else file.set(section, option, isPathOption('remote', option) ? storedPath(value, folder, surroundings.workingFolder) : value);
  });
  return resultOf(await readSettings(surroundings), name);
}

function knownRemote(settings: Config, typed: string): string {
  const name = typed.toLowerCase();
  if (settings.remotes().includes(name)) return name;
  const near = closest(name, settings.remotes());
  throw notFound('REMOTE_UNKNOWN', `There is no remote ${JSON.stringify(name)}.`, {
    hint: near === null ? 'Add it: throughline remote add <name> <url>.' : `Did you mean ${near}?`,
  });
}

/** Takes a remote out, and makes it no level's default any more. @throws DomainError `REMOTE_UNKNOWN`. */
export async function removeRemote(
  surroundings: Surroundings,
  options: Level & { readonly name: string },
): Promise<{ readonly name: string; readonly wasDefault: boolean }> {
  const settings = await readSettings(surroundings);
  const name = knownRemote(settings, options.name);
  const level = options.level ?? 'repo';
  const wasDefault = settings.defaultRemote() === name;
  await editConfig(settings.folders, level, (file) => {
    if (!file.removeSection({ section: 'remote', name }))
      throw notFound('REMOTE_UNKNOWN', `The remote ${JSON.stringify(name)} is not of the level ${level}.`, {
        hint: 'Name its level: --local, --global or --system.',
      });
  });
  await editDefaults(settings, level, name, null);
  return { name, wasDefault };
}

/** @throws DomainError `REMOTE_UNKNOWN`, `REMOTE_EXISTS`. */
export async function renameRemote(
  surroundings: Surroundings,
  options: Level & { readonly name: string; readonly newName: string },
): Promise<RemoteResult> {
  const settings = await readSettings(surroundings);
  const name = knownRemote(settings, options.name);
  const newName = checkName(options.newName);
  if (settings.remotes().includes(newName)) throw conflict('REMOTE_EXISTS', `There is a remote ${JSON.stringify(newName)} already.`);
  const level = options.level ?? 'repo';
  await editConfig(settings.folders, level, (file) => {
    if (!file.renameSection({ section: 'remote', name }, { section: 'remote', name: newName })) {
      throw notFound('REMOTE_UNKNOWN', `The remote ${JSON.stringify(name)} is not of the level ${level}.`, {
        hint: 'Name its level: --local, --global or --system.',
      });
    }
  });
  await editDefaults(settings, level, name, newName);
  return resultOf(await readSettings(surroundings), newName);
}

/** Gives `core.remote` another value wherever it names a remote: in its own level and in those that shadow it. */
async function editDefaults(settings: Config, level: ConfigLevel, name: string, newName: string | null): Promise<void> {
  for (const current of CONFIG_LEVELS.slice(CONFIG_LEVELS.indexOf(level))) {
    const path = configFileOf(settings.folders, current);
    if (path === null || (await readIfThere(path)) === null) continue;
    const isNamed = settings
      .entries(current)
      .some((entry) => entry.section === 'core' && entry.option === 'remote' && String(entry.value).toLowerCase() === name);
    if (!isNamed) continue;
    await editConfig(settings.folders, current, (file) => {
      if (newName === null) file.unset({ section: 'core', name: null }, 'remote');
      else file.set({ section: 'core', name: null }, 'remote', newName);
    });
  }
}

/** What one level says; null where it says nothing. */
function defaultOf(settings: Config, level: ConfigLevel): string | null {
  const entry = settings.entries(level).find(({ section, option }) => section === 'core' && option === 'remote');
  return entry === undefined ? null : String(entry.value).toLowerCase();
}

export interface DefaultRemoteOptions extends Level {
  /** Absent: says which it is, in a level where one is named. */
  readonly name?: string;
  readonly unset?: boolean;
}

/** The default remote's name, after the change where there was one; null for none. @throws DomainError `REMOTE_UNKNOWN`. */
export async function defaultRemote(
  surroundings: Surroundings,
  options: DefaultRemoteOptions = {},
): Promise<{ readonly name: string | null }> {
  const settings = await readSettings(surroundings);
  if (options.name === undefined && options.unset !== true) {
    return { name: options.level === undefined ? settings.defaultRemote() : defaultOf(settings, options.level) };
  }
  const name = options.name === undefined ? null : knownRemote(settings, options.name);
  await editConfig(settings.folders, options.level ?? 'repo', (file) => {
    if (name === null) file.unset({ section: 'core', name: null }, 'remote');
    else file.set({ section: 'core', name: null }, 'remote', name);
  });
  return { name: (await readSettings(surroundings)).defaultRemote() };
}
