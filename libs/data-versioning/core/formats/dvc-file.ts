// `.dvc` files: one stage each, that says which bytes an output has. Written as DVC writes them; what people put in (comments, the order of keys, what they
// noted under `meta`) stays when a file is rewritten. Unknown keys are errors, as in DVC: a misspelt `chache: false` must not be passed over in silence.

import { invalid } from '@throughline/kernel';
import type { Dependency, HashName, ObjectId, Output, RecordedVersion, Stage, TreeEntry } from '../types.ts';
import { parseObjectId } from './object-id.ts';
import { checkPath, folderOf, joinPaths, splitVersion } from './paths.ts';
import { md5OfStage } from './stage-md5.ts';
import { anything, bool, describe, integer, keysOf, listOf, map, optional, text, Where } from './schema.ts';
import type { Check, Table } from './schema.ts';
import { parseDocument, readYaml, yamlLibrary } from './yaml.ts';
import { readPlainYaml } from './yaml-plain.ts';
import { isMap } from './yaml-value.ts';
import type { YamlMap, YamlValue } from './yaml-value.ts';
import { updateYaml } from './yaml-update.ts';
import { printYaml } from './yaml-print.ts';

/** Hashes and facts of a file or folder, with the keys of the file. */
export interface EntryFacts {
  md5?: string;
  etag?: string;
  checksum?: string;
  /** In bytes; of a folder all its files together. */
  size?: number;
  nfiles?: number;
  isexec?: boolean;
  version_id?: string;
}

/** A file of a folder that lists them itself (cloud versioning). */
export interface FileEntry extends EntryFacts {
  relpath: string;
  cloud?: YamlMap;
}

/** An output, with the keys of the file in the order in which DVC writes them. */
export interface OutputEntry extends EntryFacts {
  cloud?: YamlMap;
  /** `md5` since DVC 3; absent in what DVC 2 wrote, whose MD5 is of the text with LF for CRLF. */
  hash?: string;
  path: string;
  fs_config?: YamlMap;
  desc?: string;
  type?: string;
  labels?: string[];
  meta?: YamlValue;
  cache?: boolean;
  persist?: boolean;
  remote?: string;
  push?: boolean;
  files?: FileEntry[];
}

/** What a stage was made from. */
export interface DependencyEntry extends EntryFacts {
  cloud?: YamlMap;
  hash?: string;
  /** A path or an address; a database's has none. */
  path?: string;
  fs_config?: YamlMap;
  persist?: boolean;
  repo?: YamlMap;
  db?: YamlMap;
  files?: FileEntry[];
}

/** A whole file. Lists that are absent are empty; other things that are absent are undefined. */
export interface DvcFile {
  desc?: string;
  md5?: string;
  wdir?: string;
  frozen?: boolean;
  deps: DependencyEntry[];
  outs: OutputEntry[];
  always_changed?: boolean;
  meta?: YamlValue;
}

/** Keys whose values are texts even where they are digits alone. */
export const TEXT_KEYS = new Set(['md5', 'etag', 'checksum']);

function checksum(isLowered: boolean): Check {
  return (value, where) => {
    if (value === null || value === '') return undefined;
    if (typeof value !== 'string') throw where.wrong(`must be a hash, and is ${describe(value)}`);
    if (value.length < 3) throw where.wrong('is too short for a hash');
    return isLowered ? value.toLowerCase() : value;
  };
}

export const FACTS: Table = {
  md5: checksum(true),
  checksum: checksum(true),
  etag: checksum(false),
  size: integer,
  nfiles: integer,
  isexec: bool,
  version_id: text,
};

/** By remote; at most one. */
const cloud: Check = (value, where) => {
  const remotes = map(value, where) as YamlMap;
  const entries = Object.entries(remotes);
  if (entries.length > 1) throw where.wrong('names more than one remote');
  return Object.fromEntries(entries.map(([name, facts]) => [name, keysOf(FACTS)(facts, where.key(name)) ?? null]));
};

export const FILES = listOf(keysOf({ ...FACTS, relpath: text, cloud }, ['relpath']));
const COMMON: Table = { ...FACTS, path: text, persist: bool, cloud, hash: text, files: FILES, fs_config: map };
const OUTPUT: Table = { ...COMMON, desc: text, type: text, labels: listOf(text), meta: anything, cache: bool, remote: text, push: bool };
const REPO = keysOf({ url: text, rev: text, rev_lock: text, config: anything, remote: anything });
const DATABASE = keysOf({ connection: text, file_format: text, query: text, table: text });
const DEPENDENCY: Table = { ...COMMON, repo: REPO, db: DATABASE };

const DVC_FILE = keysOf({
  md5: checksum(true),
  wdir: optional(text),
  deps: optional(listOf(keysOf(DEPENDENCY))),
  outs: optional(listOf(keysOf(OUTPUT, ['path']))),
  locked: bool,
  frozen: bool,
  meta: anything,
  always_changed: bool,
  desc: text,
});

/**
 * What a `.dvc` file says.
 * @param file Its path in the repository, for the messages.
 * @throws DomainError `YAML_INVALID`, `FILE_INVALID`.
 */
export async function parseDvcFile(content: string, file: string): Promise<DvcFile> {
  const value = await readYaml(content, file, { textKeys: TEXT_KEYS });
  return checkDvcFile(value, file);
}

function checkDvcFile(value: YamlValue, file: string): DvcFile {
  const { locked, frozen, deps, outs, ...rest } = DVC_FILE(value, new Where(file)) as unknown as Partial<DvcFile> & { locked?: boolean };
  const isFrozen = frozen ?? locked;
  return { ...rest, ...(isFrozen === undefined ? {} : { frozen: isFrozen }), deps: deps ?? [], outs: outs ?? [] };
}

const FACTS_ORDER = ['md5', 'etag', 'checksum', 'size', 'nfiles', 'isexec', 'version_id', 'cloud', 'hash', 'path', 'fs_config'] as const;
const OUTPUT_ORDER = [
  ...FACTS_ORDER,
  ...(['desc', 'type', 'labels', 'meta', 'cache', 'persist', 'remote', 'push', 'files'] as const),
] satisfies readonly (keyof OutputEntry)[];
const DEPENDENCY_ORDER = [...FACTS_ORDER, ...(['repo', 'db', 'files'] as const)] satisfies readonly (keyof DependencyEntry)[];
/** What goes without saying is not written. */
const UNSAID: Readonly<Record<string, YamlValue>> = {
  isexec: false,
  cache: true,
  persist: false,
  push: true,
  desc: '',
  type: '',
  remote: '',
  version_id: '',
};

/** A new file's text, its keys in the order of DVC. */
export function printDvcFile(content: DvcFile): string {
  return printYaml(toYaml(content));
}

/** The MD5 that DVC keeps at the top of an import's file. */
export function stageMd5(content: DvcFile): string {
  return md5OfStage(toYaml(content));
}

/** With the MD5 at its top that it has to have: imports have one, data that was added has none. */
export function withStageMd5(content: DvcFile): DvcFile {
  const { md5: _md5, ...rest } = content;
  return isImportFile(content) ? { ...rest, md5: stageMd5(content) } : rest;
}

function isImportFile({ deps, outs }: DvcFile): boolean {
  return deps.length === 1 && outs.length === 1;
}

function toYaml(content: DvcFile): YamlMap {
  const map: YamlMap = {};
  if (content.desc !== undefined && content.desc !== '') map['desc'] = content.desc;
  if (content.md5 !== undefined) map['md5'] = content.md5;
  if (content.wdir !== undefined && content.wdir !== '.') map['wdir'] = content.wdir;
  if (content.frozen === true) map['frozen'] = true;
  if (content.deps.length > 0) map['deps'] = content.deps.map((entry) => ordered({ ...entry }, DEPENDENCY_ORDER));
  if (content.outs.length > 0) map['outs'] = content.outs.map((entry) => ordered({ ...entry }, OUTPUT_ORDER));
  if (content.always_changed === true) map['always_changed'] = true;
  if (content.meta !== undefined && content.meta !== null) map['meta'] = content.meta;
  return map;
}

function ordered(entry: Record<string, unknown>, order: readonly string[]): YamlMap {
  const map: YamlMap = {};
  for (const key of order) {
    const value = entry[key] as YamlValue | undefined;
    if (value === undefined || value === UNSAID[key] || isEmpty(value)) continue;
    map[key] = value;
  }
  return map;
}

function isEmpty(value: YamlValue): boolean {
  return Array.isArray(value) ? value.length === 0 : isMap(value) && Object.keys(value).length === 0;
}

/** The object that an entry names, and null where it names none that can lie in a cache. */
export function objectOfEntry(entry: EntryFacts & { readonly hash?: string }, where: string): ObjectId | null {
  if (entry.md5 === undefined) return null;
  if (entry.hash !== undefined && entry.hash !== 'md5' && entry.hash !== 'md5-dos2unix') {
    throw invalid('HASH_UNKNOWN', `${where} is hashed by ${JSON.stringify(entry.hash)}, which is not known here.`, {
      hint: 'Known is md5.',
    });
  }
  const hash: HashName = entry.hash === 'md5' ? 'md5' : 'md5-dos2unix';
  return parseObjectId(entry.md5, hash);
}

/** A `.dvc` file as a stage: its paths seen from the repository's root. Outputs outside of the repository are refused. */
export function stageOfDvcFile(content: DvcFile, file: string): Stage {
  const folder = stageFolder(file, content.wdir);
  return {
    file,
    name: null,
    isFrozen: content.frozen ?? false,
    isChecksumStale: content.md5 !== (isImportFile(content) ? stageMd5(content) : undefined),
    outputs: content.outs.map((entry) => outputOf(entry, folder, file)),
    dependencies: content.deps.map((entry) => dependencyOf(entry, folder, file)),
  };
}

/** The folder that a stage's paths are relative to. */
export function stageFolder(file: string, wdir: string | undefined): string {
  const folder = joinPaths(folderOf(file), wdir ?? '.');
  if (folder === null) throw invalid('PATH_REFUSED', `${file}: its "wdir" ${JSON.stringify(wdir)} lies outside of the repository.`);
  return folder;
}

function outputOf(entry: OutputEntry, folder: string, file: string): Output {
  const path = outputPath(entry.path, folder, file);
  const id = objectOfEntry(entry, `${file}: ${JSON.stringify(entry.path)}`);
  return {
    path,
    id,
    ...factsOf(entry),
    isCached: entry.cache ?? true,
    remote: entry.remote ?? null,
    isPushed: entry.push ?? true,
    isPersistent: entry.persist ?? false,
    files: entry.files === undefined ? null : filesOf(entry.files, file),
  };
}

/** Where an output lies, seen from the repository's root. */
export function outputPath(path: string, folder: string, file: string): string {
  const joined = path.startsWith('/') || /^[\w+]+:\/\//.test(path) ? null : joinPaths(folder, path);
  if (joined === null || joined === '') {
    throw invalid('PATH_REFUSED', `${file} names the output ${JSON.stringify(path)}, which lies outside of the repository.`, {
      hint: 'Outputs outside of a repository are not supported: use import-url for what lies elsewhere.',
    });
  }
  return checkPath(joined, file);
}

export function factsOf(entry: EntryFacts): Pick<Output, 'sizeBytes' | 'fileCount' | 'isExecutable'> {
  return {
    ...(entry.size === undefined ? {} : { sizeBytes: entry.size }),
    ...(entry.nfiles === undefined ? {} : { fileCount: entry.nfiles }),
    ...(entry.isexec === undefined ? {} : { isExecutable: entry.isexec }),
  };
}

export function filesOf(files: readonly FileEntry[], file: string): TreeEntry[] {
  return files.map((entry) => {
    const path = checkPath(entry.relpath, file);
    const id = entry.md5 === undefined ? null : parseObjectId(entry.md5, 'md5');
    if (id === null || id.isTree) throw new Where(file).wrong(`has no MD5 for ${JSON.stringify(path)}`);
    return { path, md5: id.md5, ...(entry.size === undefined ? {} : { sizeBytes: entry.size }) };
  });
}

function dependencyOf(entry: DependencyEntry, folder: string, file: string): Dependency {
  const { repo } = entry;
  const path = entry.path ?? '';
  const isImport = repo !== undefined || /^[\w+]+:\/\//.test(path);
  const repositoryPath = isImport || entry.db !== undefined || path.startsWith('/') ? null : joinPaths(folder, path);
  return {
    path,
    ...(repositoryPath === null ? {} : { repositoryPath }),
    // An import's source may be hashed in ways of its own: only MD5s are objects.
    id:
      entry.md5 !== undefined && (!isImport || /^[\da-f]{32}(?:\.dir)?$/.test(entry.md5))
        ? objectOfEntry(entry, `${file}: ${JSON.stringify(path)}`)
        : null,
    ...(entry.etag === undefined ? {} : { etag: entry.etag }),
    ...(entry.checksum === undefined ? {} : { checksum: entry.checksum }),
    ...(entry.size === undefined ? {} : { sizeBytes: entry.size }),
    ...(entry.nfiles === undefined ? {} : { fileCount: entry.nfiles }),
    ...(isImport && repo === undefined && followsVersions(entry)
      ? { versions: versionsOf(entry, file), placeOptions: placeOptionsOf(entry) }
      : {}),
    ...(repo === undefined ? {} : { repo: repoOf(repo) }),
  };
}

/** Whether an import keeps to the versions that its place keeps of files: by its options, by its address, or by what is recorded. */
export function followsVersions({ version_id, files, fs_config, path }: DependencyEntry): boolean {
  return (
    version_id !== undefined || files !== undefined || fs_config?.['version_aware'] === true || splitVersion(path ?? '').version !== null
  );
}

function versionsOf(entry: DependencyEntry, file: string): RecordedVersion[] {
  if (entry.files !== undefined) return entry.files.map((one) => ({ path: checkPath(one.relpath, file), ...versionFacts(one) }));
  return entry.etag === undefined && entry.version_id === undefined ? [] : [{ path: '', ...versionFacts(entry) }];
}

function versionFacts({ etag, size, version_id }: EntryFacts): Omit<RecordedVersion, 'path'> {
  return {
    ...(version_id === undefined ? {} : { version: version_id }),
    ...(etag === undefined ? {} : { etag }),
    ...(size === undefined ? {} : { sizeBytes: size }),
  };
}

/** What is written under `fs_config`, as text. */
export function placeOptionsOf({ fs_config }: DependencyEntry): Record<string, string> {
  const texts = Object.entries(fs_config ?? {}).flatMap(([key, value]) => (typeof value === 'string' ? [[key, value]] : []));
  return Object.fromEntries(texts) as Record<string, string>;
}

function repoOf(repo: YamlMap): NonNullable<Dependency['repo']> {
  const { url, rev, rev_lock: revLock, config, remote } = repo;
  return {
    url: typeof url === 'string' ? url : '',
    ...(typeof rev === 'string' ? { rev } : {}),
    ...(typeof revLock === 'string' ? { revLock } : {}),
    ...(config === undefined ? {} : { config }),
    ...(remote === undefined ? {} : { remote }),
  };
}

/**
 * A file's text with other content. Comments, the order of keys and what the change does not touch stay; new keys come last, as DVC puts them.
 * @throws DomainError `YAML_INVALID`.
 */
export async function updateDvcFile(content: string, file: string, change: DvcFile): Promise<string> {
  const wanted = toYaml(change);
  // Without comments and brackets there is nothing to keep but the order: then the text is the one that DVC would write.
  const plain = content.includes('#') ? undefined : readPlainYaml(content, TEXT_KEYS);
  if (isMap(plain)) return printYaml(inOrderOf(plain, wanted) as YamlMap);
  const yaml = await yamlLibrary();
  return updateYaml(yaml, content, parseDocument(yaml, content, file, 'core'), wanted);
}

function inOrderOf(old: YamlValue | undefined, wanted: YamlValue): YamlValue {
  if (isMap(old) && isMap(wanted)) {
    const kept = Object.keys(old).filter((key) => Object.hasOwn(wanted, key));
    const keys = new Set([...kept, ...Object.keys(wanted)]);
    return Object.fromEntries([...keys].map((key) => [key, inOrderOf(old[key], wanted[key] ?? null)]));
  }
  if (Array.isArray(old) && Array.isArray(wanted) && old.length === wanted.length)
    return wanted.map((item, index) => inOrderOf(old[index], item));
  return wanted;
}
