// Parameters of a stage: what their file says now, against what dvc.lock says that the stage ran with.

import { existsSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import { readParams } from '../formats/params-file.ts';
import { isMap } from '../formats/yaml-value.ts';
import type { YamlMap, YamlValue } from '../formats/yaml-value.ts';
import { readRegularText } from '../objects/regular-file.ts';
import type { Repository } from '../repository/repository.ts';
import type { StageParams } from '../types.ts';

type ParamStatus = 'new' | 'modified' | 'deleted';

/** What is the matter with a file's parameters; null where nothing is. */
export async function changedParams(
  repository: Repository,
  params: StageParams,
): Promise<ParamStatus | Readonly<Record<string, ParamStatus>> | null> {
  const { repositoryPath: path, locked } = params;
  if (path === null) return null;
  if (!existsSync(repository.toFile(path))) return 'deleted';
  if (locked === null) return 'new';
  const actual = await currentParams(repository, params);
  const changed: Record<string, ParamStatus> = {};
  const names = params.keys.length > 0 ? params.keys : [...new Set([...Object.keys(actual), ...Object.keys(locked)])];
  for (const name of names) {
    if (!Object.hasOwn(actual, name)) changed[name] = 'deleted';
    else if (!Object.hasOwn(locked, name)) changed[name] = 'new';
    else if (!isDeepStrictEqual(actual[name], locked[name])) changed[name] = 'modified';
  }
  return Object.keys(changed).length === 0 ? null : changed;
}

/** Parameters as their file has them now, by their dotted names; what it does not have is left away. */
export async function currentParams(repository: Repository, { repositoryPath: path, keys }: StageParams): Promise<YamlMap> {
  if (path === null) return {};
  const content = await readParams(readRegularText(repository.toFile(path)), path);
  if (!isMap(content)) return {};
  if (keys.length === 0) return content;
  const found: YamlMap = {};
  for (const key of keys) {
    const value = valueAt(content, key);
    if (value !== undefined) found[key] = value;
  }
  return found;
}

function valueAt(content: YamlMap, dotted: string): YamlValue | undefined {
  let value: YamlValue | undefined = content;
  for (const part of dotted.split('.')) {
    if (Array.isArray(value)) value = value[Number(part)];
    else if (isMap(value) && Object.hasOwn(value, part)) value = value[part];
    else return undefined;
  }
  return value;
}
