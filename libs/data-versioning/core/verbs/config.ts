// `config`: reads and changes settings, at the level that is asked for. Secrets are masked unless they are asked for by name with `showSecrets`.

import path from 'node:path';
import { invalid, notFound } from '@throughline/kernel';
import { checkSetting, isSecretOption, maskedValue } from '../formats/config-options.ts';
import { editConfig, isPathOption, readConfig, resolvePath, storedPath } from '../repository/config.ts';
import type { Config, ConfigEntry, ConfigLevel } from '../repository/config.ts';
import { findRepositoryRoot } from '../repository/repository.ts';
import type { Surroundings } from '../types.ts';

export interface ConfigOptions {
  /** `core.remote`, `remote.storage.url`. Absent: lists. */
  readonly name?: string;
  readonly value?: string;
  readonly unset?: boolean;
  /** Absent: reads all of them together, writes the repository's. */
  readonly level?: ConfigLevel;
  readonly showSecrets?: boolean;
}

export interface ConfigResult {
  /** What was asked for, or was set: paths absolute. */
  readonly settings: readonly {
    readonly name: string;
    readonly value: string;
    readonly level: ConfigEntry['level'];
    readonly file: string;
    readonly isMasked: boolean;
  }[];
  readonly isChanged: boolean;
}

/** Settings of where the user stands, inside of a repository or not. */
export async function readSettings(surroundings: Surroundings): Promise<Config> {
  const root = findRepositoryRoot(surroundings.workingFolder);
  const { globalConfigFolder, systemConfigFolder, homeFolder } = surroundings;
  return readConfig({ dvcFolder: root === null ? null : path.join(root, '.dvc'), globalConfigFolder, systemConfigFolder, homeFolder });
}

/** @throws DomainError `CONFIG_UNKNOWN`, `CONFIG_INVALID`, `CONFIG_MISSING`, `NOT_A_REPOSITORY`. */
export async function config(surroundings: Surroundings, options: ConfigOptions): Promise<ConfigResult> {
  const settings = await readSettings(surroundings);
  if (options.name === undefined) return { settings: shown(settings, settings.entries(options.level), options), isChanged: false };
  const setting = parseName(options.name);
  const find = (entry: ConfigEntry): boolean =>
    entry.section === setting.section && entry.name === setting.name && entry.option === setting.option;
  if (options.value === undefined && options.unset !== true) {
    const found = settings.entries(options.level).filter(find);
    if (found.length === 0) {
      checkSetting({ ...setting, url: urlOf(settings, setting.name) }, 'true');
      throw notFound('CONFIG_MISSING', `${options.name} is not set${options.level === undefined ? '' : ` at the level ${options.level}`}.`);
    }
    return { settings: shown(settings, found, options), isChanged: false };
  }
  await change(surroundings, settings, setting, options);
  const after = await readSettings(surroundings);
  return { settings: shown(after, after.entries(options.level ?? 'repo').filter(find), options), isChanged: true };
}

async function change(
  surroundings: Surroundings,
  settings: Config,
  setting: ReturnType<typeof parseName>,
  options: ConfigOptions,
): Promise<void> {
  const section = { section: setting.section, name: setting.name };
  const level = options.level ?? 'repo';
  const { value } = options;
  if (value === undefined) {
    await editConfig(settings.folders, level, (file) => {
      if (!file.unset(section, setting.option)) throw notFound('CONFIG_MISSING', `${options.name ?? ''} is not set at the level ${level}.`);
    });
    return;
  }
  const isUrl = setting.section === 'remote' && setting.option === 'url';
  checkSetting({ ...setting, url: isUrl ? value : urlOf(settings, setting.name) }, value);
  await editConfig(settings.folders, level, (file, folder) => {
    const stored = isPathOption(setting.section, setting.option) ? storedPath(value, folder, surroundings.workingFolder) : value;
    file.set(section, setting.option, setting.section === 'core' && setting.option === 'remote' ? stored.toLowerCase() : stored);
  });
}

function urlOf(settings: Config, name: string | null): string | null {
  return name === null ? null : settings.text('remote', 'url', name);
}

/** `section.option`, or `remote.name.option`. */
function parseName(name: string): { section: string; name: string | null; option: string } {
  const parts = name.toLowerCase().split('.');
  const [first = '', second = '', third] = parts;
  if (
    parts.some((part) => part === '') ||
    parts.length < 2 ||
    parts.length > 3 ||
    (parts.length === 3 && first !== 'remote' && first !== 'db')
  ) {
    throw invalid('CONFIG_UNKNOWN', `${JSON.stringify(name)} is no setting: it must be like core.remote or remote.<name>.url.`);
  }
  if (third !== undefined) return { section: first, name: second, option: third };
  if (first === 'remote')
    throw invalid(
      'CONFIG_UNKNOWN',
      `${JSON.stringify(name)} does not say which setting of the remote is meant: it must be like remote.<name>.url.`,
    );
  return { section: first, name: null, option: second };
}

function shown(settings: Config, entries: readonly ConfigEntry[], options: ConfigOptions): ConfigResult['settings'] {
  return entries.map((entry) => {
    const text = typeof entry.value === 'string' ? entry.value : entry.value.join(',');
    const value = isPathOption(entry.section, entry.option)
      ? resolvePath(text, path.dirname(entry.file), settings.folders.homeFolder)
      : text;
    const isMasked = options.showSecrets !== true && maskedValue(entry.option, value) !== value;
    return {
      name: [entry.section, ...(entry.name === null ? [] : [entry.name]), entry.option].join('.'),
      value: isMasked ? maskedValue(entry.option, value) : value,
      level: entry.level,
      file: entry.file,
      isMasked,
    };
  });
}

/** What is wrong with the settings: unknown names and values that cannot be. */
export function settingProblems(settings: Config): { readonly file: string; readonly message: string }[] {
  return settings.entries().flatMap((entry) => {
    try {
      checkSetting({ ...entry, url: urlOf(settings, entry.name) }, typeof entry.value === 'string' ? entry.value : entry.value.join(','));
      return [];
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      return [{ file: entry.file, message: isSecretOption(entry.option) ? message.replace(String(entry.value), '********') : message }];
    }
  });
}
