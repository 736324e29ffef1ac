// Removes what nothing needs any more, from the cache and, where it is asked for, from a remote. It first finds out everything that is needed, and refuses where it
// cannot; then it tells what it would remove, and only then it removes. What a branch, a tag, a stash or another working tree needs that is not named stays as
// well, unless that is given up by a word of its own: DVC removes it, and nobody who comes back to that branch gets it again. Manifests go before files, so that a folder that is left half removed is missing rather than broken.

import { statSync } from 'node:fs';
import { rm, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { DomainError, invalid, notFound } from '@throughline/kernel';
import { objectPath, printObjectId } from '../formats/object-id.ts';
import { openCache } from '../objects/cache.ts';
import { TEMPORARY_PREFIX } from '../objects/durable.ts';
import { namesIn } from '../objects/names-in.ts';
import { isInsideFolder } from '../remotes/address.ts';
import { inParallel } from '../remotes/pool.ts';
import { openRemote } from '../remotes/open.ts';
import type { Remote } from '../remotes/remote.ts';
import { asksRevisions, commitsOf } from '../remotes/selection.ts';
import type { RevisionOptions } from '../remotes/selection.ts';
import { usedObjects } from '../remotes/used.ts';
import type { UsedObjects } from '../remotes/used.ts';
import { findRepositoryRoot, openRepositoryAt } from '../repository/repository.ts';
import type { Repository } from '../repository/repository.ts';
import type { ObjectId } from '../types.ts';

export interface GcOptions extends RevisionOptions {
  /** Keep what the workspace needs; every other scope includes it. */
  readonly workspace?: boolean;
  /** From the remote as well. */
  readonly cloud?: boolean;
  readonly remote?: string;
  /** Remove from the cache only what the remote has, needed or not. */
  readonly notInRemote?: boolean;
  /** Other repositories that use the same cache or remote. */
  readonly projects?: readonly string[];
  readonly dryRun?: boolean;
  /** Remove what branches, tags, stashes and other working trees need that are not named, too. */
  readonly dropUnnamed?: boolean;
  /** Go on where a folder's manifest is lost, and do not ask. */
  readonly force?: boolean;
  readonly skipFailed?: boolean;
  readonly jobs?: number;
  /** Asked before anything is removed, with all that there is to know. Not asked with `force` or `dryRun`. */
  readonly confirm?: (plan: GcPlan) => Promise<boolean>;
}

export interface GcPart {
  /** The cache's folder, or the remote's address. */
  readonly place: string;
  readonly objects: number;
  readonly sizeBytes: number;
  readonly kept: number;
  /** What only such branches, tags, stashes and other working trees need that are not named: it stays, unless `dropUnnamed` says otherwise. */
  readonly neededElsewhere: { readonly objects: number; readonly sizeBytes: number };
}

export interface GcPlan {
  readonly parts: readonly GcPart[];
  /** Whether the cache lies outside of this repository, so that others may use it, and none was named. */
  readonly isShared: boolean;
}

export interface GcResult extends GcPlan {
  /** False for a dry run, and where the user said no. */
  readonly isDone: boolean;
  /** Names of the objects that were removed, or would be; the first thousand of each place. */
  readonly removed: readonly { readonly place: string; readonly id: string; readonly sizeBytes: number }[];
}

const SHOWN = 1000;

/** @throws DomainError `GC_SCOPE` where nothing says what to keep; `NOT_A_REPOSITORY`, `GC_UNREADABLE`, `GC_TREE_LOST`, `GC_SHALLOW` where it cannot be known. */
export async function gc(repository: Repository, options: GcOptions): Promise<GcResult> {
  checkScope(options);
  const others = await Promise.all((options.projects ?? []).map((folder) => openProject(repository, folder)));
  const all = [repository, ...others.filter(({ root }) => root !== repository.root)];
  return await locked(all, () => gcLocked(repository, all, options));
}

/** A name that was mistyped must not pass for a project that needs nothing. */
async function openProject({ surroundings }: Repository, typed: string): Promise<Repository> {
  const folder = resolve(surroundings.workingFolder, typed);
  const root = statSync(folder, { throwIfNoEntry: false })?.isDirectory() === true ? findRepositoryRoot(folder) : null;
  if (root !== null) return await openRepositoryAt(root, surroundings);
  throw notFound('NOT_A_REPOSITORY', `${folder}, which is named as a project, is no repository: what it needs is not known.`, {
    hint: 'Check how it is written.',
  });
}

function checkScope(options: GcOptions): void {
  if (options.remote !== undefined && options.cloud !== true && options.notInRemote !== true) {
    throw invalid('GC_SCOPE', 'A remote is named, and nothing is to be done with it.', {
      hint: 'Add --cloud or --not-in-remote, or leave --remote away.',
    });
  }
  if (options.cloud === true && options.notInRemote === true) throw invalid('GC_SCOPE', '--cloud and --not-in-remote exclude each other.');
  if (options.workspace !== true && !asksRevisions(options)) {
    throw invalid('GC_SCOPE', 'Nothing says what is to be kept.', {
      hint: 'Give one of -w (workspace), -a (branches), -T (tags), -A (all commits), --all-experiments, --date or --rev.',
    });
  }
  if (options.count !== undefined && (options.revisions ?? []).length === 0 && options.allBranches !== true) {
    throw invalid('GC_SCOPE', '--num counts commits of --rev or --all-branches, and neither is given.');
  }
}

async function locked<T>(repositories: readonly Repository[], work: () => Promise<T>): Promise<T> {
  const [first, ...rest] = repositories;
  if (first === undefined) return await work();
  return await first.withLock('throughline gc', () => locked(rest, work));
}

interface Removing {
  readonly place: string;
  /** What nothing that is named needs. */
  readonly objects: readonly Sized[];
  readonly kept: number;
  remove(objects: readonly Sized[]): Promise<void>;
}

interface Sized {
  readonly id: ObjectId;
  readonly sizeBytes: number;
}

async function gcLocked(repository: Repository, all: readonly Repository[], options: GcOptions): Promise<GcResult> {
  const used = await needed(all, options);
  const removing: Removing[] = [];
  const remote = options.cloud === true || options.notInRemote === true ? await openRemote(repository, options.remote ?? null) : null;
  try {
    const elsewhere = await neededElsewhere(all, used, options);
    if (options.notInRemote === true && remote !== null) for (const one of [used, elsewhere]) await keepOnlyLocal(repository, remote, one);
    removing.push(await fromCache(repository, used));
    if (options.cloud === true && remote !== null) removing.push(await fromRemote(repository, remote, used));
    const parts = removing.map((one) => partOf(one, elsewhere, options.dropUnnamed === true));
    const plan: GcPlan = {
      parts: parts.map(({ part }) => part),
      isShared: all.length === 1 && !isInsideFolder(repository.cacheFolder, repository.root),
    };
    const removed = parts.flatMap(({ part: { place }, going }) =>
      going.slice(0, SHOWN).map(({ id, sizeBytes }) => ({ place, id: printObjectId(id), sizeBytes })),
    );
    const isAgreed = options.dryRun !== true && (options.force === true || (await (options.confirm ?? (async () => false))(plan)));
    if (!isAgreed) return { ...plan, isDone: false, removed };
    for (const [index, one] of removing.entries()) await one.remove(parts[index]?.going ?? []);
    return { ...plan, isDone: true, removed };
  } finally {
    remote?.close();
  }
}

async function needed(all: readonly Repository[], options: GcOptions): Promise<UsedObjects> {
  const used: UsedObjects = new Map();
  for (const repository of all) {
    const revisions = [null, ...(await commitsOf(repository, options))];
    const own = await usedObjects(repository, { revisions, isLenient: options.skipFailed === true, isForced: options.force === true });
    for (const [key, id] of own) used.set(key, id);
  }
  return used;
}

/** What branches, tags, stashes and other working trees need beyond the scope. Of the cache alone, only as far as it could be used from there. */
async function neededElsewhere(all: readonly Repository[], used: UsedObjects, options: GcOptions): Promise<UsedObjects> {
  const more: UsedObjects = new Map();
  for (const repository of all) {
    if (repository.git === null) continue;
    if (options.cloud === true && (await repository.git.isShallow())) throw shallow(repository);
    const revisions = (await repository.git.listRevisions({ everyTip: true })).map(({ commit }) => commit);
    const own = await usedObjects(repository, {
      revisions,
      isLenient: options.skipFailed === true || options.dropUnnamed === true,
      isForced: options.force === true || options.dropUnnamed === true,
      isOfCache: options.cloud !== true,
    });
    for (const [key, id] of own) if (!used.has(key)) more.set(key, id);
  }
  return more;
}

function shallow(repository: Repository): DomainError {
  return new DomainError({
    kind: 'conflict',
    code: 'GC_SHALLOW',
    message: `Nothing was removed: ${repository.root} is a shallow clone, so nobody knows what older commits need of the remote.`,
    hint: 'Get the rest of it: git fetch --unshallow. Or leave --cloud away.',
  });
}

/** What is said of a place, and what goes from there. */
function partOf(
  { place, objects, kept }: Removing,
  elsewhere: UsedObjects,
  dropsUnnamed: boolean,
): { part: GcPart; going: readonly Sized[] } {
  const sum = (list: readonly Sized[]) => list.reduce((total, { sizeBytes }) => total + sizeBytes, 0);
  const wanted = objects.filter(({ id }) => elsewhere.has(objectPath(id)));
  const going = dropsUnnamed ? objects : objects.filter(({ id }) => !elsewhere.has(objectPath(id)));
  const part: GcPart = {
    place,
    objects: going.length,
    sizeBytes: sum(going),
    kept: kept + objects.length - going.length,
    neededElsewhere: { objects: wanted.length, sizeBytes: sum(wanted) },
  };
  return { part, going };
}

/** Only what the remote lacks is kept in the cache, of all that is needed. */
async function keepOnlyLocal(repository: Repository, remote: Remote, used: UsedObjects): Promise<void> {
  const there = await remote.has([...used.values()], { signal: repository.surroundings.signal });
  for (const key of there.keys()) used.delete(key);
}

async function fromCache(repository: Repository, used: UsedObjects): Promise<Removing> {
  const cache = openCache(repository);
  const objects: Sized[] = [];
  let kept = 0;
  for await (const { sizeBytes, ...id } of cache.listAll()) {
    if (used.has(objectPath(id))) kept += 1;
    else objects.push({ id, sizeBytes });
  }
  return {
    place: cache.folder,
    objects,
    kept,
    async remove(going) {
      const { reporter, signal } = repository.surroundings;
      const task = reporter.task('Removing from the cache', 'objects', going.length);
      try {
        for (const isTree of [true, false]) {
          await inParallel(
            going.filter(({ id }) => id.isTree === isTree),
            { jobs: 8, signal },
            async ({ id }) => {
              await cache.remove(id);
              task.advance(1);
            },
          );
        }
      } finally {
        task.end();
      }
    },
  };
}

async function fromRemote(repository: Repository, remote: Remote, used: UsedObjects): Promise<Removing> {
  const { signal } = repository.surroundings;
  if (remote.server !== null) throw serverCollects(remote.url);
  const { list, remove } = remote;
  if (list === null || remove === null) {
    throw new DomainError({
      kind: 'unimplemented',
      code: 'REMOTE_CANNOT_REMOVE',
      message: `The remote ${remote.url} can neither list nor remove objects: a plain web server has no words for it.`,
      hint: 'Clean up where the server keeps its files.',
    });
  }
  const registered = await neededByServers(repository);
  const objects: Sized[] = [];
  let kept = 0;
  for await (const { id, sizeBytes } of list(signal)) {
    if (used.has(objectPath(id)) || (id.hash === 'md5' && registered.has(printObjectId(id)))) kept += 1;
    else objects.push({ id, sizeBytes: sizeBytes ?? 0 });
  }
  return {
    place: remote.url,
    objects,
    kept,
    async remove(going) {
      const of = (isTree: boolean) => going.filter(({ id }) => id.isTree === isTree).map(({ id }) => id);
      await remove(of(true), signal);
      await remove(of(false), signal);
      if (remote.kind === 'folder') await sweep(remote.url);
    },
  };
}

function serverCollects(url: string): DomainError {
  return new DomainError({
    kind: 'unimplemented',
    code: 'SERVER_COLLECTS',
    message: `${url} is a Throughline server: it removes by itself what no dataset version, run or model needs, so nothing is to be done there.`,
    hint: 'Leave --cloud away to clean up the cache alone; retract or delete dataset versions on the server to let their files go.',
  });
}

/** What the registered dataset versions of every server need that this repository is connected with. A server that does not answer ends the command. */
async function neededByServers(repository: Repository): Promise<Set<string>> {
  const found = new Set<string>();
  for (const name of repository.config.remotes()) {
    const url = repository.config.remote(name)?.url ?? '';
    if (!/^throughline:\/\//i.test(url) && !/^https?:\/\/[^?#]*\/dvc\/[^/?#]+\/?$/i.test(url)) continue;
    const remote = await openRemote(repository, name);
    try {
      if (remote.server === null) continue;
      for await (const id of remote.server.needed(repository.surroundings.signal)) found.add(id);
    } finally {
      remote.close();
    }
  }
  return found;
}

/** What uploads that were killed left behind. Two days old, they belong to nobody who is still at work. */
const STALE_MS = 2 * 24 * 3600 * 1000;

async function sweep(folder: string): Promise<void> {
  const bases = [join(folder, 'files', 'md5'), folder];
  for (const base of bases) {
    for (const part of await namesIn(base)) {
      if (!/^[0-9a-f]{2}$/.test(part)) continue;
      for (const name of await namesIn(join(base, part))) {
        if (!name.startsWith(TEMPORARY_PREFIX)) continue;
        const file = join(base, part, name);
        if (Date.now() - (await stat(file)).mtimeMs > STALE_MS) await rm(file, { force: true });
      }
    }
  }
}
