// The settings of a repository: four files, each shadowing the one before (system, global, the repository's, and the local one that Git does not see). Paths in them
// are relative to the file that they stand in. Nothing here reads the environment: where the files of the user and the system lie is told.

import path from 'node:path';
import { DomainError, invalid, notFound } from '@throughline/kernel';
import { ConfigFile } from '../formats/config-file.ts';
import type { ConfigValue } from '../formats/config-file.ts';
import { isMissing } from '../objects/failures.ts';
import { readRegularText } from '../objects/regular-file.ts';
import { writeDurably } from './write.ts';

/** In the order in which they shadow each other. */
export const CONFIG_LEVELS = ['system', 'global', 'repo', 'local'] as const;
export type ConfigLevel = (typeof CONFIG_LEVELS)[number];

/** One setting that counts. */
export interface ConfigEntry {
  readonly section: string;
  readonly name: string | null;
  readonly option: string;
  readonly value: ConfigValue;
  /** Null: a file that was named for this command alone. */
  readonly level: ConfigLevel | null;
  /** The file that it stands in. */
  readonly file: string;
}

/** Options whose values are paths, resolved against their file's folder when they are read. */
const PATH_OPTIONS: Readonly<Record<string, ReadonlySet<string>>> = {
  cache: new Set(['dir']),
  remote: new Set([
    'url',
    'gdrive_user_credentials_file',
    'gdrive_service_account_json_file_path',
    'credentialpath',
    'configpath',
    'keyfile',
    'cert_path',
    'key_path',
  ]),
};

/** Whether an option of a section holds a path. */
export function isPathOption(section: string, option: string): boolean {
  return PATH_OPTIONS[section]?.has(option) === true;
}

export interface ConfigFolders {
  /** `.dvc`; null outside of a repository. */
  readonly dvcFolder: string | null;
  readonly globalConfigFolder: string | null;
  readonly systemConfigFolder: string | null;
  readonly homeFolder: string;
}

/** Settings that are named for one command and go over all others. */
export interface GivenConfig {
  /** What their paths are relative to, by its folder. */
  readonly file: string;
  readonly content: ConfigFile;
}

/** The settings as they were read. */
export class Config {
  readonly folders: ConfigFolders;
  readonly #levels: ReadonlyMap<ConfigLevel, ConfigFile>;
  readonly #given: GivenConfig | null;

  constructor(folders: ConfigFolders, levels: ReadonlyMap<ConfigLevel, ConfigFile>, given: GivenConfig | null) {
    this.folders = folders;
    this.#levels = levels;
    this.#given = given;
  }

  /** What is read, each shadowing the one before. */
  #sources(level: ConfigLevel | undefined): { level: ConfigLevel | null; file: string; content: ConfigFile }[] {
    const levels = CONFIG_LEVELS.filter((current) => level === undefined || current === level).flatMap((current) => {
      const content = this.#levels.get(current);
      return content === undefined ? [] : [{ level: current, file: configFileOf(this.folders, current) ?? '', content }];
    });
    return level !== undefined || this.#given === null ? levels : [...levels, { level: null, ...this.#given }];
  }

  /** What counts, or what stands in one file. */
  entries(level?: ConfigLevel): ConfigEntry[] {
    const found = new Map<string, ConfigEntry>();
    for (const source of this.#sources(level)) {
      for (const { section, key, value } of source.content.entries()) {
        found.set(JSON.stringify([section.section, section.name, key]), {
          section: section.section,
          name: section.name,
          option: key,
          value,
          level: source.level,
          file: source.file,
        });
      }
    }
    return [...found.values()];
  }

  /** A setting as it counts: paths absolute. Null where nothing is set. */
  get(section: string, option: string, name: string | null = null): ConfigValue | null {
    const entry = this.entries().find((item) => item.section === section && item.option === option && item.name === name);
    return entry === undefined ? null : resolvedValue(entry, this.folders.homeFolder);
  }

  /** A setting that is one text. A list is joined by commas. */
  text(section: string, option: string, name: string | null = null): string | null {
    const value = this.get(section, option, name);
    return value === null || typeof value === 'string' ? value : value.join(',');
  }

  /** @throws DomainError `CONFIG_INVALID` unless it is true or false, in any case. */
  flag(section: string, option: string, name: string | null = null): boolean | null {
    const value = this.text(section, option, name)?.toLowerCase() ?? null;
    if (value === null) return null;
    if (value !== 'true' && value !== 'false')
      throw invalid('CONFIG_INVALID', `The setting ${section}.${option} is ${JSON.stringify(value)}: it must be true or false.`);
    return value === 'true';
  }

  /** The names of the remotes, in the order of the files. */
  remotes(): string[] {
    const sections = this.#sources(undefined).flatMap(({ content }) => content.sections());
    const names = sections.flatMap(({ section, name }) => (section === 'remote' && name !== null ? [name] : []));
    return [...new Set(names)];
  }

  /** All options of a remote as they count, paths absolute; null where there is no such remote. */
  remote(name: string): Record<string, string> | null {
    const lowered = name.toLowerCase();
    if (!this.remotes().includes(lowered)) return null;
    const entries = this.entries().filter((entry) => entry.section === 'remote' && entry.name === lowered);
    return Object.fromEntries(entries.map((entry) => [entry.option, asText(resolvedValue(entry, this.folders.homeFolder))]));
  }

  /** The remote that is used where none is named; null where none is set. */
  defaultRemote(): string | null {
    return this.text('core', 'remote')?.toLowerCase() ?? null;
  }
}

function asText(value: ConfigValue): string {
  return typeof value === 'string' ? value : value.join(',');
}

function resolvedValue(entry: ConfigEntry, homeFolder: string): ConfigValue {
  return typeof entry.value === 'string' && isPathOption(entry.section, entry.option)
    ? resolvePath(entry.value, path.dirname(entry.file), homeFolder)
    : entry.value;
}

/** A path of a config file as an absolute one; addresses stay as they are. */
export function resolvePath(value: string, folder: string, homeFolder: string): string {
  if (/^\w+:\/\//.test(value) || path.isAbsolute(value)) return value;
  if (value === '~' || value.startsWith('~/')) return path.join(homeFolder, value.slice(1));
  return path.resolve(folder, value);
}

/** The other way: how a path that somebody typed is written into a config file, so that the repository can move. */
export function storedPath(typed: string, folder: string, workingFolder: string): string {
  if (/^\w+:\/\//.test(typed) || path.isAbsolute(typed) || typed === '~' || typed.startsWith('~/')) return typed;
  return path.relative(folder, path.resolve(workingFolder, typed)).split(path.sep).join('/') || '.';
}

/** Where a level's file lies; null where it has none. */
export function configFileOf(folders: ConfigFolders, level: ConfigLevel): string | null {
  if (level === 'system') return folders.systemConfigFolder === null ? null : path.join(folders.systemConfigFolder, 'config');
  if (level === 'global') return folders.globalConfigFolder === null ? null : path.join(folders.globalConfigFolder, 'config');
  if (folders.dvcFolder === null) return null;
  return path.join(folders.dvcFolder, level === 'repo' ? 'config' : 'config.local');
}

/** Reads the files that are there. @throws DomainError `CONFIG_INVALID`. */
export async function readConfig(folders: ConfigFolders, given: GivenConfig | null = null): Promise<Config> {
  const levels = new Map<ConfigLevel, ConfigFile>();
  for (const level of CONFIG_LEVELS) {
    const file = configFileOf(folders, level);
    const content = file === null ? null : await readIfThere(file);
    if (file !== null && content !== null) levels.set(level, new ConfigFile(content, file));
  }
  return new Config(folders, levels, given);
}

/** Reads a config file that somebody named. @throws DomainError `CONFIG_MISSING`, `CONFIG_INVALID`. */
export async function readGivenConfig(file: string): Promise<GivenConfig> {
  const content = await readIfThere(file);
  if (content === null) throw notFound('CONFIG_MISSING', `The config file ${file} is not there.`);
  return { file, content: new ConfigFile(content, file) };
}

/**
 * Changes one level's file; comments and order stay. Values are checked by whoever sets them.
 * @throws DomainError `CONFIG_INVALID`, `NOT_A_REPOSITORY` where the level has no file here.
 */
export async function editConfig(
  folders: ConfigFolders,
  level: ConfigLevel,
  change: (file: ConfigFile, folder: string) => void,
): Promise<void> {
  const file = configFileOf(folders, level);
  if (file === null) {
    const hint =
      level === 'repo' || level === 'local'
        ? 'Run it inside of a repository, or with --global.'
        : 'The user and the system have no folder for settings here.';
    throw new DomainError({
      kind: 'not_found',
      code: 'NOT_A_REPOSITORY',
      message: `There is no config file of the level ${level} here.`,
      hint,
    });
  }
  const content = (await readIfThere(file)) ?? '';
  const config = new ConfigFile(content, file);
  change(config, path.dirname(file));
  const text = config.print();
  // The local file is where secrets are kept.
  if (text !== content || level === 'repo') await writeDurably(file, text, level === 'local' ? { mode: 0o600 } : {});
}

/** A file's text; null where it is not there. */
export async function readIfThere(file: string): Promise<string | null> {
  try {
    return readRegularText(file);
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
}
