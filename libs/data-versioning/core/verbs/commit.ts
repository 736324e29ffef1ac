// Records what lies in the workspace now: the cache gets the bytes, and `.dvc` files and dvc.lock the hashes, of outputs and of what stages were made from.

import { existsSync, readFileSync } from 'node:fs';
import { conflict, invariant, notFound } from '@throughline/kernel';
import { outputPath, stageFolder, withStageMd5 } from '../formats/dvc-file.ts';
import { updateDvcLock } from '../formats/dvc-lock.ts';
import { printObjectId } from '../formats/object-id.ts';
import { readYaml } from '../formats/yaml.ts';
import { isMap } from '../formats/yaml-value.ts';
import type { YamlMap, YamlValue } from '../formats/yaml-value.ts';
import { buildOutput } from '../objects/build.ts';
import { openCache } from '../objects/cache.ts';
import type { Cache } from '../objects/cache.ts';
import { noteCheckedOut } from '../objects/checked-out.ts';
import { checkoutOutput } from '../objects/checkout.ts';
import { mayNeedRelink } from '../objects/links.ts';
import { knownFiles } from '../objects/known.ts';
import { recover } from '../objects/storing.ts';
import { selectOutputsOf } from '../remotes/selection.ts';
import { writeDvcFile } from '../repository/write.ts';
import { autostage, ignoreInGit } from '../repository/gitignore.ts';
import type { Repository } from '../repository/repository.ts';
import type { ObjectId, Output, Stage } from '../types.ts';
import { currentParams } from './params.ts';
import { buildWithSameHash, changeDvcFile, recordedOf, shownPath, withFacts } from './recording.ts';
import type { Recorded } from './recording.ts';
import { addressOf, placeOf, stageStatus, workspaceStatus } from './status.ts';
import type { StageStatus } from './status.ts';

export interface CommitOptions {
  /** `.dvc` files, stages, outputs and what lies in them, as the user typed them. None: everything. */
  readonly targets?: readonly string[];
  readonly recursive?: boolean;
  readonly withDependencies?: boolean;
  /** Records changes without asking. */
  readonly force?: boolean;
  /** Outputs that are not there keep what is recorded of them. */
  readonly allowMissing?: boolean;
  /** `.dvc` files of data alone, no stages of pipelines. */
  readonly dataOnly?: boolean;
  readonly noRelink?: boolean;
  /** What DVC 2 recorded gets today's hashes though nothing changed. */
  readonly withNewHashes?: boolean;
  /** Asks the user about a stage that changed; absent: it is refused. */
  readonly confirm?: (question: string) => Promise<boolean>;
}

export interface CommittedStage {
  /** As the user names it. */
  readonly stage: string;
  readonly outputs: readonly {
    readonly path: string;
    readonly md5: string;
    readonly sizeBytes: number | null;
    readonly fileCount: number | null;
  }[];
  /** Whether its file says something new now. */
  readonly changed: boolean;
}

export interface CommitResult {
  readonly committed: readonly CommittedStage[];
}

/** @throws DomainError `CHANGES_UNCONFIRMED`, `OUTPUT_MISSING`, `DEPENDENCY_MISSING`, `PARAMETER_MISSING`, `TARGET_UNKNOWN`, and what `buildOutput` throws. */
export async function commit(repository: Repository, options: CommitOptions = {}): Promise<CommitResult> {
  return await repository.withLock('throughline commit', () => new Commit(repository, options).run());
}

class Commit {
  readonly #repository: Repository;
  readonly #options: CommitOptions;
  readonly #cache: Cache;

  constructor(repository: Repository, options: CommitOptions) {
    this.#repository = repository;
    this.#options = options;
    this.#cache = openCache(repository);
  }

  async run(): Promise<CommitResult> {
    await recover(this.#repository);
    const selection = await selectOutputsOf(this.#repository, this.#options);
    const stages = selection.stages.filter(
      (stage) => this.#options.dataOnly !== true || (stage.name === null && stage.dependencies.length === 0),
    );
    for (const stage of stages) await this.#ask(stage);
    const committed: CommittedStage[] = [];
    for (const stage of stages) committed.push(await this.#commitStage(stage));
    knownFiles(this.#repository).save();
    return { committed };
  }

  async #ask(stage: Stage): Promise<void> {
    if (this.#options.force === true) return;
    const changes = (await stageStatus(this.#repository, this.#cache, stage, [])).flatMap(describeChange);
    const outputs: string[] = [];
    // What the cache lacks and what did not change is simply stored.
    for (const output of stage.outputs)
      if ((await workspaceStatus(this.#repository, this.#cache, output)) !== null) outputs.push(shownPath(this.#repository, output.path));
    if (outputs.length > 0) changes.push(`The outputs ${outputs.join(', ')}`);
    if (changes.length === 0) return;
    const name = addressOf(this.#repository, stage);
    const { confirm } = this.#options;
    const isConfirmed = confirm !== undefined && (await confirm(`${changes.join(' and ')} of ${name} changed. Record that?`));
    if (isConfirmed) return;
    throw conflict('CHANGES_UNCONFIRMED', `${changes.join(' and ')} of ${name} changed, and nobody said to record that.`, {
      hint: 'Repeat it with --force.',
    });
  }

  async #commitStage(stage: Stage): Promise<CommittedStage> {
    const facts = new Map<string, Recorded>();
    for (const output of stage.outputs) {
      const recorded = await this.#commitOutput(output);
      if (recorded !== null) facts.set(output.path, recorded);
    }
    const dependencies = new Map<string, Recorded>();
    for (const dependency of stage.dependencies) {
      const place = placeOf(this.#repository, dependency);
      if (place === null || !this.#isThere(place, stage)) continue;
      dependencies.set(place, recordedOf(await this.#build(place, dependency.id, false)));
    }
    await this.#cache.flush();
    const changed =
      stage.name === null ? await this.#writeDvcFile(stage, facts, dependencies) : await this.#writeLock(stage, facts, dependencies);
    noteCheckedOut(this.#repository, new Map([...facts].map(([path, { id }]) => [path, id])));
    for (const output of stage.outputs) await this.#relink(output, facts.get(output.path));
    return {
      stage: addressOf(this.#repository, stage),
      outputs: [...facts].map(([path, { id, sizeBytes, fileCount }]) => ({
        path: shownPath(this.#repository, path),
        md5: printObjectId(id),
        sizeBytes,
        fileCount,
      })),
      changed,
    };
  }

  /** @throws DomainError `DEPENDENCY_MISSING`: what a stage was made from cannot be recorded. */
  #isThere(path: string, stage: Stage): boolean {
    if (existsSync(this.#repository.toFile(path))) return true;
    if (this.#options.allowMissing === true || stage.isFrozen) return false;
    throw notFound(
      'DEPENDENCY_MISSING',
      `${JSON.stringify(path)}, which ${addressOf(this.#repository, stage)} depends on, does not exist.`,
    );
  }

  async #commitOutput(output: Output): Promise<Recorded | null> {
    if (!existsSync(this.#repository.toFile(output.path))) {
      if (this.#options.allowMissing === true) return null;
      throw notFound('OUTPUT_MISSING', `${JSON.stringify(output.path)} does not exist.`, {
        hint: 'Check it out first, or leave it away with --allow-missing.',
      });
    }
    return recordedOf(await this.#build(output.path, output.id, output.isCached));
  }

  async #build(path: string, before: ObjectId | null, store: boolean) {
    const mayHardlink = this.#options.noRelink !== true && this.#repository.linkTypes[0] === 'hardlink';
    const id = this.#options.withNewHashes === true ? null : before;
    return await buildWithSameHash(this.#repository, this.#cache, { path, id }, { store, mayHardlink });
  }

  async #writeDvcFile(stage: Stage, facts: ReadonlyMap<string, Recorded>, dependencies: ReadonlyMap<string, Recorded>): Promise<boolean> {
    const gitFiles = [stage.file, ...(await this.#ignoreOutputs(stage))];
    const changed = await changeDvcFile(this.#repository, stage.file, (content) => {
      const folder = stageFolder(stage.file, content.wdir);
      const outs = content.outs.map((entry) => {
        const recorded = facts.get(outputPath(entry.path, folder, stage.file));
        return recorded === undefined ? entry : withFacts(entry, recorded);
      });
      const deps = content.deps.map((entry) => {
        const isLocal =
          entry.repo === undefined && entry.db === undefined && entry.path !== undefined && !/^[\w+]+:\/\/|^\//.test(entry.path);
        const recorded = isLocal && entry.path !== undefined ? dependencies.get(outputPath(entry.path, folder, stage.file)) : undefined;
        return recorded === undefined || entry.path === undefined
          ? entry
          : { ...entry, ...withFacts({ ...entry, path: entry.path }, recorded) };
      });
      return withStageMd5({ ...content, outs, deps });
    });
    if (changed) await autostage(this.#repository, gitFiles);
    return changed;
  }

  /** Has Git leave alone what the cache keeps; answers the files that say so. */
  async #ignoreOutputs(stage: Stage): Promise<string[]> {
    const files: string[] = [];
    for (const output of stage.outputs) {
      const ignored = output.isCached ? await ignoreInGit(this.#repository, output.path) : null;
      if (ignored !== null) files.push(ignored);
    }
    return files;
  }

  async #writeLock(stage: Stage, facts: ReadonlyMap<string, Recorded>, dependencies: ReadonlyMap<string, Recorded>): Promise<boolean> {
    invariant(stage.name !== null, 'Only stages with a name stand in a lock file.');
    const file = stage.file.replace(/yaml$/, 'lock');
    const absolute = this.#repository.toFile(file);
    const before = existsSync(absolute) ? readFileSync(absolute, 'utf8') : '';
    const parsed =
      before.trim() === ''
        ? { schema: '2.0', stages: {} }
        : await readYaml(before, file, { textKeys: new Set(['md5', 'etag', 'checksum']) });
    const lock: YamlMap = isMap(parsed) ? parsed : {};
    const stages = isMap(lock['stages']) ? lock['stages'] : {};
    const old = isMap(stages[stage.name]) ? (stages[stage.name] as YamlMap) : {};
    const entry = await this.#lockEntry(stage, old, facts, dependencies);
    const gitFiles = [file, ...(await this.#ignoreOutputs(stage))];
    const after = await updateDvcLock(before, file, { ...lock, schema: '2.0', stages: { ...stages, [stage.name]: entry } });
    if (after === before) return false;
    await writeDvcFile(this.#repository, file, after);
    await autostage(this.#repository, gitFiles);
    return true;
  }

  async #lockEntry(
    stage: Stage,
    old: YamlMap,
    facts: ReadonlyMap<string, Recorded>,
    dependencies: ReadonlyMap<string, Recorded>,
  ): Promise<YamlMap> {
    const entry: YamlMap = { cmd: stage.command?.current ?? null };
    const deps = stage.dependencies.flatMap((dependency) => {
      const recorded = dependencies.get(placeOf(this.#repository, dependency) ?? '');
      return recorded === undefined ? entriesOf(old['deps'], dependency.path) : [lockedFacts(dependency.path, recorded)];
    });
    if (deps.length > 0) entry['deps'] = byPath(deps);
    const params: YamlMap = {};
    for (const file of stage.params ?? []) {
      const { repositoryPath, locked } = file;
      const isThere = repositoryPath !== null && this.#isThere(repositoryPath, stage);
      const values = isThere ? await currentParams(this.#repository, file) : (locked ?? {});
      const missing = isThere && !stage.isFrozen ? file.keys.filter((key) => !Object.hasOwn(values, key)) : [];
      if (missing.length > 0) {
        throw notFound(
          'PARAMETER_MISSING',
          `${file.path} has no ${missing.join(', ')}, which ${addressOf(this.#repository, stage)} depends on.`,
        );
      }
      params[file.path] = Object.fromEntries(Object.entries(values).sort(([a], [b]) => (a < b ? -1 : 1)));
    }
    if (Object.keys(params).length > 0) entry['params'] = params;
    const outs = stage.outputs.flatMap((output) => {
      const recorded = facts.get(output.path);
      const path = output.writtenPath ?? output.path;
      return recorded === undefined ? entriesOf(old['outs'], path) : [lockedFacts(path, recorded)];
    });
    if (outs.length > 0) entry['outs'] = byPath(outs);
    return entry;
  }

  async #relink(output: Output, recorded: Recorded | undefined): Promise<void> {
    if (this.#options.noRelink === true || !output.isCached || recorded === undefined) return;
    const built = await buildOutput(this.#repository, this.#cache, output.path, { store: false, hash: recorded.id.hash });
    if (!mayNeedRelink(built, this.#repository.linkTypes)) return;
    const target = { path: output.path, id: recorded.id, files: null, isExecutable: recorded.isExecutable };
    await checkoutOutput(this.#repository, this.#cache, target, { force: false, relink: true });
  }
}

function describeChange(change: StageStatus): string[] {
  if (typeof change === 'string') return change === 'changed command' ? ['The command'] : [];
  return 'changed deps' in change ? [`The dependencies ${Object.keys(change['changed deps']).join(', ')}`] : [];
}

function lockedFacts(path: string, { id, sizeBytes, fileCount, isExecutable }: Recorded): YamlMap {
  return {
    path,
    ...(id.hash === 'md5' ? { hash: 'md5' } : {}),
    md5: printObjectId(id),
    ...(sizeBytes === null ? {} : { size: sizeBytes }),
    ...(fileCount === null ? {} : { nfiles: fileCount }),
    ...(isExecutable ? { isexec: true } : {}),
  };
}

function entriesOf(list: YamlValue | undefined, path: string): YamlMap[] {
  return Array.isArray(list) ? list.filter(isMap).filter((entry) => entry['path'] === path) : [];
}

function byPath(entries: readonly YamlMap[]): YamlMap[] {
  const key = (entry: YamlMap) => (typeof entry['path'] === 'string' ? entry['path'] : '');
  return [...entries].sort((a, b) => (key(a) < key(b) ? -1 : key(a) > key(b) ? 1 : 0));
}
