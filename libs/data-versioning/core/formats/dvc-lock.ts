// dvc.lock: what each stage of the dvc.yaml beside it used and made when it ran last.

import { invalid } from '@throughline/kernel';
import { FACTS, FILES, TEXT_KEYS } from './dvc-file.ts';
import type { EntryFacts, FileEntry } from './dvc-file.ts';
import { anything, mapOf, keysOf, listOf, map, text, Where } from './schema.ts';
import type { Check } from './schema.ts';
import { parseDocument, readYaml, yamlLibrary } from './yaml.ts';
import { printYaml } from './yaml-print.ts';
import { updateYaml } from './yaml-update.ts';
import { isMap } from './yaml-value.ts';
import type { YamlMap, YamlValue } from './yaml-value.ts';

/** A file or folder of a stage. */
export interface LockEntry extends EntryFacts {
  path: string;
  hash?: string;
  files?: FileEntry[];
}

/** What is locked of one stage. */
export interface LockedStage {
  cmd: YamlValue;
  deps?: LockEntry[];
  /** By file, by the parameter's dotted name. */
  params?: Record<string, YamlMap>;
  outs?: LockEntry[];
}

const command: Check = (value, where) => (Array.isArray(value) ? value : text(value, where));
const ENTRY = keysOf({ ...FACTS, path: text, cloud: map, files: FILES, hash: text, dataset: anything }, ['path']);
const STAGE = keysOf({ cmd: command, deps: listOf(ENTRY), params: mapOf(map), outs: listOf(ENTRY) }, ['cmd']);

/**
 * The stages of a dvc.lock, by their names.
 * @throws DomainError `YAML_INVALID`, `FILE_INVALID`.
 */
export async function parseDvcLock(content: string, file: string): Promise<ReadonlyMap<string, LockedStage>> {
  const value = await readYaml(content, file, { textKeys: TEXT_KEYS });
  const where = new Where(file);
  if (!isMap(value)) throw where.wrong('holds no map of keys');
  // An empty file is one that nothing ran for yet.
  if (Object.keys(value).length === 0) return new Map();
  if (value['schema'] !== '2.0') {
    throw invalid('FILE_INVALID', `${file} is of a form that is not known: its "schema" must be '2.0'.`, {
      hint: 'Run `dvc repro` or `dvc commit` once with DVC 2 or 3: it rewrites the file.',
    });
  }
  const { stages } = keysOf({ schema: text, datasets: anything, stages: mapOf(STAGE) })(value, where) as { stages?: YamlMap };
  return new Map(Object.entries(stages ?? {})) as unknown as ReadonlyMap<string, LockedStage>;
}

/** A lock's text with other content: what DVC would write, or where people wrote comments into it, the text edited where it stands. */
export async function updateDvcLock(content: string, file: string, wanted: YamlMap): Promise<string> {
  if (!content.includes('#')) return printYaml(wanted);
  const yaml = await yamlLibrary();
  return updateYaml(yaml, content, parseDocument(yaml, content, file, 'core'), wanted);
}
