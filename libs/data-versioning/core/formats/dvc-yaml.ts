// dvc.yaml: pipelines. Of each stage, this says what it reads and makes, with foreach and matrix written out and all templates filled in; together with dvc.lock that
// is which bytes its outputs have. Running stages is not part of it.

import { DomainError, invalid } from '@throughline/kernel';
import type { Dependency, Output, ShownAs, Stage, StageParams } from '../types.ts';
import { objectOfEntry, outputPath, stageFolder } from './dvc-file.ts';
import type { LockedStage, LockEntry } from './dvc-lock.ts';
import { factsOf, filesOf } from './dvc-file.ts';
import { readParams } from './params-file.ts';
import { folderOf, joinPaths } from './paths.ts';
import { anything, bool, mapOf, keysOf, listOf, map, text, Where } from './schema.ts';
import type { Check } from './schema.ts';
import { Context, DEFAULT_PARSING, hasExpression, printValue, resolveValue } from './templating.ts';
import type { ParsingConfig } from './templating.ts';
import { readYaml } from './yaml.ts';
import { isMap } from './yaml-value.ts';
import type { YamlMap, YamlValue } from './yaml-value.ts';

/** Stages of one file, those of foreach and matrix counted. */
const MAX_STAGES = 100_000;
const DEFAULT_PARAMS = 'params.yaml';

const either =
  (...checks: readonly Check[]): Check =>
  (value, where) => {
    const check = checks.find((candidate, index) => index === checks.length - 1 || passes(candidate, value, where)) ?? anything;
    return check(value, where);
  };

function passes(check: Check, value: YamlValue, where: Where): boolean {
  try {
    check(value, where);
    return true;
  } catch (error) {
    if (error instanceof DomainError) return false;
    throw error;
  }
}

const list: Check = listOf(anything);
const FLAGS = {
  desc: text,
  type: text,
  labels: listOf(text),
  meta: anything,
  cache: bool,
  persist: bool,
  checkpoint: bool,
  remote: text,
  push: bool,
};
const PLOT = { ...FLAGS, template: text, x: text, y: text, x_label: text, y_label: text, title: text, header: bool };
const OUTS = listOf(either(text, mapOf(keysOf(FLAGS))));
const PLOTS = listOf(either(text, mapOf(either(listOf(keysOf(PLOT)), keysOf(PLOT)))));
const VARS = listOf(either(text, map));
const STAGE_KEYS = {
  matrix: mapOf(either(text, list)),
  cmd: either(text, list),
  wdir: text,
  deps: listOf(text),
  params: listOf(either(text, map)),
  vars: VARS,
  frozen: bool,
  meta: anything,
  desc: text,
  always_changed: bool,
  outs: OUTS,
  metrics: OUTS,
  plots: PLOTS,
};
const STAGE = keysOf(STAGE_KEYS, ['cmd']);
const LOOP = keysOf({ foreach: either(text, list, map), do: STAGE }, ['foreach', 'do']);
const PIPELINE = keysOf({
  datasets: anything,
  plots: list,
  stages: mapOf((value, where) => (isMap(value) && ('foreach' in value || 'do' in value) ? LOOP(value, where) : STAGE(value, where))),
  vars: VARS,
  params: listOf(text),
  metrics: listOf(text),
  artifacts: mapOf(map),
});

/** Where the files that a pipeline names are read from: the workspace, or a revision. */
export interface PipelineSource {
  /** A file's text by its repository path; null where it is not there. */
  readText(path: string): Promise<string | null>;
  readonly parsing?: ParsingConfig;
}

export interface Pipeline {
  readonly stages: Stage[];
  /** Files that the pipeline shows beside what its stages list, as repository paths. */
  readonly shown: Readonly<Record<ShownAs, string[]>>;
}

/**
 * The stages of a dvc.yaml as they are meant, with what dvc.lock says of them.
 * @param file Its repository path.
 * @throws DomainError that names the file and the stage.
 */
export async function parseDvcYaml(
  content: string,
  file: string,
  locked: ReadonlyMap<string, LockedStage>,
  source: PipelineSource,
): Promise<Pipeline> {
  const value = await readYaml(content, file);
  const pipeline = PIPELINE(value, new Where(file)) as YamlMap;
  const resolver = new Resolver(file, source);
  await resolver.load(pipeline['vars']);
  const stages: Stage[] = [];
  for (const [name, definition] of Object.entries((pipeline['stages'] ?? {}) as Record<string, YamlMap>)) {
    for (const resolved of await resolver.stages(name, definition)) {
      stages.push(stageOf(resolved, file, locked.get(resolved.name)));
      if (stages.length > MAX_STAGES) throw invalid('FILE_INVALID', `${file} stands for more than ${MAX_STAGES} stages.`);
    }
  }
  return { stages, shown: resolver.shown(pipeline) };
}

interface ResolvedStage {
  readonly name: string;
  readonly definition: YamlMap;
}

class Resolver {
  readonly #file: string;
  readonly #source: PipelineSource;
  readonly #parsing: ParsingConfig;
  readonly #context = new Context();

  constructor(file: string, source: PipelineSource) {
    this.#file = file;
    this.#source = source;
    this.#parsing = source.parsing ?? DEFAULT_PARSING;
  }

  /** Takes params.yaml and the file's own `vars` in. */
  async load(vars: YamlValue | undefined): Promise<void> {
    await this.#at('vars', async () => {
      const folder = folderOf(this.#file);
      const params = joinPaths(folder, DEFAULT_PARAMS) ?? DEFAULT_PARAMS;
      if ((await this.#source.readText(params)) !== null) await this.#import(this.#context, DEFAULT_PARAMS, folder);
      await this.#loadVars(this.#context, (vars ?? []) as YamlValue[], folder);
    });
  }

  async #at<T>(where: string, work: () => Promise<T> | T): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof DomainError) || error.code !== 'TEMPLATE_INVALID') throw error;
      throw invalid('FILE_INVALID', `${this.#file}: ${JSON.stringify(where)}: ${error.message}`);
    }
  }

  async #loadVars(context: Context, vars: readonly YamlValue[], folder: string): Promise<void> {
    for (const [index, item] of vars.entries()) {
      if (hasExpression(item)) throw invalid('TEMPLATE_INVALID', 'vars take no expressions.');
      if (isMap(item)) context.merge(item, `vars[${index}]`);
      else await this.#import(context, printValue(item), folder);
    }
  }

  /** `file`, or `file:key,key`. */
  async #import(context: Context, item: string, folder: string): Promise<void> {
    const [name, keyText] = split(item, ':');
    const keys = keyText === '' ? null : keyText.split(',').filter((key) => key !== '');
    const path = joinPaths(folder, name);
    if (path === null) throw invalid('TEMPLATE_INVALID', `vars names ${JSON.stringify(name)}, which lies outside of the repository.`);
    const before = context.imports.get(path);
    if (before === null && keys === null) return;
    const isTwice = before !== undefined && (before === null || keys === null || keys.some((key) => before.includes(key)));
    if (isTwice) throw invalid('TEMPLATE_INVALID', `${JSON.stringify(item)} was taken in already, as a whole or in part.`);
    context.merge(chosen(await this.#readParams(path), keys, path), path);
    context.imports.set(path, keys === null ? null : [...(before ?? []), ...keys]);
  }

  async #readParams(path: string): Promise<YamlMap> {
    const content = await this.#source.readText(path);
    if (content === null) throw invalid('TEMPLATE_INVALID', `${path} is not there, and vars names it.`);
    const value = await readParams(content, path);
    if (!isMap(value)) throw invalid('TEMPLATE_INVALID', `${path} must hold a map of keys.`);
    return value;
  }

  /** What the top of the file shows; what lies outside of the repository is nobody's output. */
  shown(pipeline: YamlMap): Pipeline['shown'] {
    const valueOf = (key: string) => resolveValue(pipeline[key] ?? [], this.#context, { key: null, parsing: this.#parsing });
    const pathsOf = (paths: readonly string[]) => paths.flatMap((path) => joinPaths(folderOf(this.#file), path) ?? []);
    return {
      metrics: pathsOf(listed(valueOf('metrics')).map((item) => printValue(item))),
      plots: pathsOf(listed(valueOf('plots')).flatMap(plotFiles)),
    };
  }

  /** A definition's stages: one, or those of its loop. */
  async stages(name: string, definition: YamlMap): Promise<ResolvedStage[]> {
    const { foreach, do: template, matrix, ...plain } = definition;
    if (foreach !== undefined) {
      const items = await this.#at(`stages.${name}.foreach`, () => this.#foreach(foreach));
      return this.#generated(name, template as YamlMap, items);
    }
    if (matrix === undefined) return [await this.#stage(name, plain, this.#context)];
    const combinations = await this.#at(`stages.${name}.matrix`, () => this.#matrix(matrix as YamlMap));
    return this.#generated(name, plain, combinations);
  }

  async #generated(name: string, template: YamlMap, loops: ReadonlyMap<string, YamlMap>): Promise<ResolvedStage[]> {
    const stages: ResolvedStage[] = [];
    for (const [key, loop] of loops) stages.push(await this.#stage(`${name}@${key}`, template, this.#context.with(loop)));
    return stages;
  }

  #foreach(value: YamlValue): ReadonlyMap<string, YamlMap> {
    const items = resolveValue(value, this.#context, { key: null, parsing: this.#parsing });
    if (isMap(items)) return new Map(Object.entries(items).map(([key, item]) => [key, { item, key }]));
    if (!Array.isArray(items)) throw invalid('TEMPLATE_INVALID', 'foreach must be a list or a map.');
    const isComposite = items.some((item) => Array.isArray(item) || isMap(item));
    return new Map(items.map((item, index) => [isComposite ? String(index) : printValue(item), { item }]));
  }

  #matrix(value: YamlMap): ReadonlyMap<string, YamlMap> {
    const resolved = resolveValue(value, this.#context, { key: null, parsing: this.#parsing }) as YamlMap;
    let combinations: { readonly parts: readonly string[]; readonly item: YamlMap }[] = [{ parts: [], item: {} }];
    for (const [name, values] of Object.entries(resolved)) {
      const choices = isMap(values) ? Object.keys(values) : values;
      if (!Array.isArray(choices)) throw invalid('TEMPLATE_INVALID', `${JSON.stringify(name)} of matrix must be a list.`);
      if (combinations.length * choices.length > MAX_STAGES)
        throw invalid('TEMPLATE_INVALID', `matrix stands for more than ${MAX_STAGES} stages.`);
      combinations = combinations.flatMap(({ parts, item }) =>
        choices.map((choice, index) => ({
          parts: [...parts, Array.isArray(choice) || isMap(choice) ? `${name}${index}` : printValue(choice)],
          item: { ...item, [name]: choice },
        })),
      );
    }
    return new Map(combinations.map(({ parts, item }) => [parts.join('-'), { key: parts.join('-'), item }]));
  }

  async #stage(name: string, definition: YamlMap, context: Context): Promise<ResolvedStage> {
    return this.#at(`stages.${name}`, async () => {
      const { vars, ...rest } = definition;
      let own = context;
      if (Array.isArray(vars) && vars.length > 0) {
        own = context.clone();
        const wdir = rest['wdir'] === undefined ? '' : printValue(resolveValue(rest['wdir'], own, { key: null, parsing: this.#parsing }));
        await this.#loadVars(own, vars, stageFolder(this.#file, wdir === '' ? undefined : wdir));
      }
      const entries = Object.entries(rest).map(
        ([key, value]) => [key, resolveValue(value ?? null, own, { key, parsing: this.#parsing })] as const,
      );
      return { name, definition: Object.fromEntries(entries) };
    });
  }
}

function listed(value: YamlValue): readonly YamlValue[] {
  return Array.isArray(value) ? value : [];
}

/** The files that a plot draws: it is named for its file, unless its axes name others. */
function plotFiles(plot: YamlValue): string[] {
  if (!isMap(plot)) return [printValue(plot)];
  return Object.entries(plot).flatMap(([name, properties]) => {
    const { x, y } = isMap(properties) ? properties : {};
    return isMap(y) ? [...Object.keys(y), ...(isMap(x) ? Object.keys(x) : [])] : [name];
  });
}

function chosen(values: YamlMap, keys: readonly string[] | null, path: string): YamlMap {
  if (keys === null) return values;
  const missing = keys.find((key) => !Object.hasOwn(values, key));
  if (missing !== undefined) throw invalid('TEMPLATE_INVALID', `${path} has no key ${JSON.stringify(missing)}, which vars names.`);
  return Object.fromEntries(keys.map((key) => [key, values[key] ?? null]));
}

function split(value: string, separator: string): [string, string] {
  const at = value.indexOf(separator);
  return at === -1 ? [value, ''] : [value.slice(0, at), value.slice(at + 1)];
}

function stageOf({ name, definition }: ResolvedStage, file: string, locked: LockedStage | undefined): Stage {
  const wdir = definition['wdir'] ?? null;
  const folder = stageFolder(file, wdir === null ? undefined : printValue(wdir));
  const made = new Map((locked?.outs ?? []).map((entry) => [entry.path, entry]));
  const used = new Map((locked?.deps ?? []).map((entry) => [entry.path, entry]));
  const outputs = (['outs', 'metrics', 'plots'] as const).flatMap((kind) =>
    [...flagsByPath(definition[kind])].flatMap(
      ([path, flags]) => outputOf({ path, flags, entry: made.get(path), folder, file, kind }) ?? [],
    ),
  );
  return {
    file,
    name,
    isFrozen: definition['frozen'] === true,
    isAlwaysChanged: definition['always_changed'] === true,
    outputs,
    dependencies: ((definition['deps'] ?? []) as YamlValue[]).map((item) => dependencyOf(printValue(item), folder, used, file)),
    command: { current: definition['cmd'] ?? null, locked: locked?.cmd ?? null },
    params: paramsOf(definition['params'], folder, locked),
  };
}

/** Paths with their flags: an entry may be a path or a map of paths, and name one twice. */
function flagsByPath(value: YamlValue | undefined): Map<string, YamlMap> {
  const found = new Map<string, YamlMap>();
  for (const item of Array.isArray(value) ? value : []) {
    const entries: [string, YamlValue][] = isMap(item) ? Object.entries(item) : [[printValue(item), {}]];
    for (const [path, flags] of entries) found.set(path, { ...found.get(path), ...(isMap(flags) ? flags : {}) });
  }
  return found;
}

interface OutputParts {
  readonly path: string;
  readonly flags: YamlMap;
  readonly kind: ShownAs | 'outs';
  readonly entry: LockEntry | undefined;
  readonly folder: string;
  readonly file: string;
}

/** Null for what lies elsewhere and is not stored: nothing is versioned of it. */
function outputOf({ path, flags, entry, folder, file, kind }: OutputParts): Output | null {
  const isCached = flags['cache'] !== false;
  if (!isCached && (path.startsWith('/') || /^[\w+]+:\/\//.test(path) || joinPaths(folder, path) === null)) return null;
  return {
    path: outputPath(path, folder, file),
    writtenPath: path,
    id: entry === undefined ? null : objectOfEntry(entry, `${file.replace(/yaml$/, 'lock')}: ${JSON.stringify(path)}`),
    ...(entry === undefined ? {} : factsOf(entry)),
    isCached,
    remote: typeof flags['remote'] === 'string' ? flags['remote'] : null,
    isPushed: flags['push'] !== false,
    isPersistent: flags['persist'] === true,
    ...(kind === 'outs' ? {} : { shownAs: kind }),
    files: entry?.files === undefined ? null : filesOf(entry.files, file),
  };
}

function dependencyOf(path: string, folder: string, used: ReadonlyMap<string, LockEntry>, file: string): Dependency {
  const entry = used.get(path);
  const isAddress = /^[\w+]+:\/\//.test(path);
  const repositoryPath = isAddress || path.startsWith('/') ? null : joinPaths(folder, path);
  const outsidePath = path.startsWith('/') || folder === '' ? path : `${folder}/${path}`;
  return {
    path,
    ...(repositoryPath !== null ? { repositoryPath } : isAddress ? {} : { outsidePath }),
    id: entry?.md5 === undefined || isAddress ? null : objectOfEntry(entry, `${file}: ${JSON.stringify(path)}`),
    ...(entry?.etag === undefined ? {} : { etag: entry.etag }),
    ...(entry?.checksum === undefined ? {} : { checksum: entry.checksum }),
    ...(entry?.size === undefined ? {} : { sizeBytes: entry.size }),
    ...(entry?.nfiles === undefined ? {} : { fileCount: entry.nfiles }),
  };
}

/** Which parameters a stage depends on, by file. */
function paramsOf(value: YamlValue | undefined, folder: string, locked: LockedStage | undefined): StageParams[] {
  const byFile = new Map<string, string[]>();
  const whole = new Set<string>();
  const note = (file: string, keys: readonly string[]): void => void byFile.set(file, [...(byFile.get(file) ?? []), ...keys]);
  for (const item of Array.isArray(value) ? value : []) {
    if (!isMap(item)) note(DEFAULT_PARAMS, [printValue(item)]);
    else {
      for (const [file, keys] of Object.entries(item)) {
        if (!Array.isArray(keys) || keys.length === 0) whole.add(file);
        note(file, Array.isArray(keys) ? keys.map((key) => printValue(key)) : []);
      }
    }
  }
  return [...byFile].map(([path, keys]) => ({
    path,
    repositoryPath: joinPaths(folder, path),
    keys: whole.has(path) ? [] : keys,
    locked: locked?.params?.[path] ?? null,
  }));
}
