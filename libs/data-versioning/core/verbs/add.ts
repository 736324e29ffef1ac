// Takes files and folders of the workspace under control: the cache gets their bytes, a `.dvc` file their hashes, `.gitignore` their names. Everything is checked before anything
// is hashed, and nothing is written down before the cache has it durably.

import { existsSync, lstatSync, readdirSync, statSync } from 'node:fs';
import { conflict, invalid, notFound } from '@throughline/kernel';
import { encodeManifest, manifestId, sortTree } from '../formats/manifest.ts';
import { checkPath, folderOf, isInside, nameOf } from '../formats/paths.ts';
import { buildOutput } from '../objects/build.ts';
import type { Built } from '../objects/build.ts';
import { openCache, readTree } from '../objects/cache.ts';
import type { Cache } from '../objects/cache.ts';
import { checkoutOutput } from '../objects/checkout.ts';
import { noteCheckedOut } from '../objects/checked-out.ts';
import { mayNeedRelink } from '../objects/links.ts';
import { quoted } from '../objects/failures.ts';
import { knownFiles } from '../objects/known.ts';
import { recover } from '../objects/storing.ts';
import { WorkspaceFolders } from '../objects/workspace.ts';
import { globExpression } from '../remotes/selection.ts';
import { collectStages } from '../repository/stages.ts';
import { autostage, ignoreInGit, requireSeenByGit } from '../repository/gitignore.ts';
import type { Repository } from '../repository/repository.ts';
import type { ObjectId, Output, Stage, TreeEntry } from '../types.ts';
import { buildWithSameHash, changeDvcFile, recordedOf, shownPath, withFacts } from './recording.ts';
import type { Recorded } from './recording.ts';
import type { AddedOutput, AddOptions, AddResult } from './add-options.ts';

/**
 * @throws DomainError `TARGET_MISSING`, `TARGET_TRACKED_BY_GIT`, `OUTPUTS_OVERLAP`, `TARGET_OF_PIPELINE`, `TARGET_IGNORED`, `TARGET_REFUSED`, `IGNORED_BY_GIT`, `STAGE_FILE_EXISTS`, `LINKED_FOLDER`,
 * and what `buildOutput` throws. Targets before the one that failed may be hashed, but none is written down.
 */
export async function add(repository: Repository, options: AddOptions): Promise<AddResult> {
  if (options.toRemote !== true && (options.remote !== undefined || options.jobs !== undefined)) {
    throw invalid('OPTIONS_EXCLUDE', '--remote and --remote-jobs need --to-remote.');
  }
  return await repository.withLock('throughline add', async () => {
    if (options.out === undefined && options.toRemote !== true) return await new Add(repository, options).run();
    const { addFrom } = await import('./add-from.ts');
    return await addFrom(repository, options);
  });
}

/** What file systems take for one name. */
const MAX_NAME_BYTES = 255;

/** What a target turned out to be. */
interface Plan {
  /** What the user named: an output, new or not, or something inside of one. */
  readonly target: string;
  readonly output: string;
  readonly file: string;
  /** Null: it is tracked from now on. */
  readonly known: Output | null;
}

class Add {
  readonly #repository: Repository;
  readonly #options: AddOptions;
  readonly #cache: Cache;

  constructor(repository: Repository, options: AddOptions) {
    this.#repository = repository;
    this.#options = options;
    this.#cache = openCache(repository);
  }

  async run(): Promise<AddResult> {
    const targets = this.#targets();
    if (this.#options.file !== undefined && targets.length !== 1)
      throw invalid('OPTION_REFUSED', 'A name for the .dvc file goes with one target only.');
    const { stages, unreadable } = await collectStages(this.#repository);
    const [broken] = unreadable;
    if (broken !== undefined) throw broken.error;
    const plans = targets.map((target) => this.#plan(target, stages));
    requireApart(plans);
    await this.#askGit(plans);
    await recover(this.#repository);
    // One output after the other may be changed by several targets.
    const recorded: { plan: Plan; facts: Recorded; built: Built | null }[] = [];
    const latest = new Map<string, Recorded>();
    for (const plan of plans) {
      const { facts, built } = await this.#build(plan, latest.get(plan.output) ?? null);
      latest.set(plan.output, facts);
      recorded.push({ plan, facts, built });
    }
    await this.#cache.flush();
    const result = await this.#write(recorded, latest);
    for (const { plan, built } of recorded) await this.#relink(plan, built, latest.get(plan.output));
    knownFiles(this.#repository).save();
    return result;
  }

  /** Both questions at once: each is a process of its own. What is tracked goes first where both refuse. */
  async #askGit(plans: readonly Plan[]): Promise<void> {
    const fresh = plans.filter(({ known }) => known === null);
    const seen = async () => {
      for (const { file } of fresh) await requireSeenByGit(this.#repository, file);
    };
    for (const answer of await Promise.allSettled([this.#requireOutsideGit(plans), seen()]))
      if (answer.status === 'rejected') throw answer.reason;
  }

  #targets(): string[] {
    const paths = this.#options.targets.flatMap((typed) => {
      const pattern = this.#repository.toRepositoryPath(typed);
      return this.#options.glob === true ? expandGlob(this.#repository, pattern) : [pattern];
    });
    return [...new Set(paths)];
  }

  #plan(target: string, stages: readonly Stage[]): Plan {
    const repository = this.#repository;
    if (target === '')
      throw invalid('TARGET_REFUSED', "The repository's own folder cannot be added.", { hint: 'Name the files or folders in it.' });
    checkPath(target, 'The command line');
    if (target.endsWith('.dvc') || nameOf(target) === 'dvc.yaml' || nameOf(target) === 'dvc.lock') {
      throw invalid('TARGET_REFUSED', `${quoted(target)} is a file that describes data, not data.`, {
        hint: 'It goes into Git. To record changed data, use `throughline commit`.',
      });
    }
    new WorkspaceFolders(repository).requireReal(folderOf(target));
    const link = lstatSync(repository.toFile(target), { throwIfNoEntry: false });
    const found = link === undefined ? undefined : statSync(repository.toFile(target), { throwIfNoEntry: false });
    if (link?.isSymbolicLink() === true && found?.isDirectory() === true) {
      throw conflict('LINKED_FOLDER', `${quoted(target)} is a symbolic link to a folder.`, {
        hint: 'Add the folder itself where it lies, or move it here.',
      });
    }
    if (repository.ignore.isIgnored(target, found?.isDirectory() === true)) {
      throw conflict('TARGET_IGNORED', `${quoted(target)} is left out by .dvcignore.`, {
        hint: `See which line does it: throughline check-ignore -d ${target}.`,
      });
    }
    return this.#among(target, stages, found !== undefined);
  }

  #among(target: string, stages: readonly Stage[], isThere: boolean): Plan {
    for (const stage of stages) {
      for (const output of stage.outputs) {
        if (!isInside(target, output.path)) {
          if (isInside(output.path, target)) throw overlap(target, output.path, stage);
          continue;
        }
        if (stage.name !== null || (stage.command !== undefined && stage.file.endsWith('.yaml'))) {
          throw conflict('TARGET_OF_PIPELINE', `${quoted(target)} is what the stage ${stage.name ?? stage.file} of ${stage.file} makes.`, {
            hint: 'Run the pipeline with dvc, or record what is there: throughline commit -f.',
          });
        }
        if (output.path !== target && output.id?.isTree === false) throw overlap(target, output.path, stage);
        if (output.path === target && !isThere) throw missing(target);
        const { file } = this.#options;
        if (file !== undefined && this.#repository.toRepositoryPath(file) !== stage.file) {
          throw conflict('OPTION_REFUSED', `${quoted(target)} is tracked already, in ${stage.file}.`, {
            hint: 'Leave --file away, or stop tracking it first.',
          });
        }
        return { target, output: output.path, file: stage.file, known: output };
      }
    }
    if (!isThere) throw missing(target);
    return { target, output: target, file: this.#newFile(target), known: null };
  }

  #newFile(target: string): string {
    const { file: typed, force } = this.#options;
    const file = typed === undefined ? `${target}.dvc` : this.#repository.toRepositoryPath(typed);
    if (Buffer.byteLength(nameOf(file)) > MAX_NAME_BYTES) {
      throw invalid('TARGET_REFUSED', `${quoted(file)} is too long a name for a file.`, {
        hint: 'Choose a shorter one with --file, or add the folder that the target lies in.',
      });
    }
    if (!file.endsWith('.dvc')) throw invalid('OPTION_REFUSED', `${quoted(file)} cannot describe data: its name must end with .dvc.`);
    if (!isInside(target, folderOf(file)))
      throw invalid('OPTION_REFUSED', `${quoted(file)} must lie in the folder of ${quoted(target)}, or above it.`);
    if (existsSync(this.#repository.toFile(file)) && force !== true) {
      throw conflict('STAGE_FILE_EXISTS', `${quoted(file)} is there already, and is not about ${quoted(target)}.`, {
        hint: 'Replace it with --force, or choose another name with --file.',
      });
    }
    return file;
  }

  async #requireOutsideGit(plans: readonly Plan[]): Promise<void> {
    const { git } = this.#repository;
    if (git === null) return;
    const fresh = plans.filter((plan) => plan.known === null).map((plan) => this.#repository.toGitPath(plan.target));
    const [tracked] = await git.tracked(fresh);
    if (tracked === undefined) return;
    const target = fresh.find((path) => isInside(tracked, path)) ?? tracked;
    throw conflict('TARGET_TRACKED_BY_GIT', `${quoted(target)} is tracked by Git, which would keep its bytes as well.`, {
      hint: `Take it out of Git (the file stays): git rm -r --cached ${JSON.stringify(target)} && git commit -m "stop tracking ${target}".`,
    });
  }

  async #build(plan: Plan, before: Recorded | null): Promise<{ facts: Recorded; built: Built | null }> {
    const isStored = this.#options.noCommit !== true && plan.known?.isCached !== false;
    const options = { store: isStored, mayHardlink: this.#options.noRelink !== true && this.#repository.linkTypes[0] === 'hardlink' };
    if (plan.target === plan.output) {
      const built = await buildWithSameHash(this.#repository, this.#cache, { path: plan.target, id: plan.known?.id ?? null }, options);
      return { facts: recordedOf(built), built };
    }
    const isThere = lstatSync(this.#repository.toFile(plan.target), { throwIfNoEntry: false }) !== undefined;
    // Files that DVC 2 recorded have names of its own, and objects in a place of their own: a folder is of one kind.
    const { hash } = before?.id ?? plan.known?.id ?? { hash: 'md5' };
    const built = isThere ? await buildOutput(this.#repository, this.#cache, plan.target, { ...options, hash }) : null;
    return { facts: await this.#replacePart(plan, built, before, isStored), built };
  }

  /** A folder with one file or folder in it as it is now, and everything else as it was recorded. */
  async #replacePart(plan: Plan, built: Built | null, before: Recorded | null, isStored: boolean): Promise<Recorded> {
    const id = before?.id ?? plan.known?.id ?? null;
    const old = id === null ? (plan.known?.files ?? []) : await readTree(this.#cache, id);
    const part = plan.target.slice(plan.output.length + 1);
    const kept = old.filter((entry) => !isInside(entry.path, part) && !isInside(part, entry.path));
    if (built === null && kept.length === old.length) throw missing(plan.target);
    const tree = sortTree([...kept, ...entriesOf(built, part)]);
    const manifest = encodeManifest(tree);
    const md5: ObjectId = { ...manifestId(manifest), hash: id?.hash ?? 'md5' };
    if (isStored) await this.#cache.put(md5, manifest);
    const oldSize = before === null ? (plan.known?.sizeBytes ?? null) : before.sizeBytes;
    const isAppended = built !== null && kept.length === old.length && oldSize !== null && oldSize > 0;
    const sizeBytes = isAppended ? oldSize + built.sizeBytes : id?.md5 === md5.md5 ? oldSize : null;
    return { id: md5, sizeBytes, fileCount: tree.length, isExecutable: false };
  }

  async #write(recorded: readonly { plan: Plan }[], latest: ReadonlyMap<string, Recorded>): Promise<AddResult> {
    const added: AddedOutput[] = [];
    const gitFiles: string[] = [];
    const ids = new Map<string, ObjectId>();
    const plans = new Map(recorded.map(({ plan }) => [plan.output, plan]));
    for (const plan of plans.values()) {
      const facts = latest.get(plan.output);
      if (facts === undefined) continue;
      const ignored = await ignoreInGit(this.#repository, plan.output);
      if (ignored !== null) gitFiles.push(ignored);
      const changed = await this.#writeFile(plan, facts);
      gitFiles.push(plan.file);
      const { id, sizeBytes, fileCount } = facts;
      added.push({
        path: shownPath(this.#repository, plan.output),
        file: shownPath(this.#repository, plan.file),
        md5: id.isTree ? `${id.md5}.dir` : id.md5,
        sizeBytes,
        fileCount,
        changed,
      });
      ids.set(plan.output, id);
    }
    if (this.#options.noCommit !== true) noteCheckedOut(this.#repository, ids);
    await autostage(this.#repository, gitFiles);
    return { added, gitFiles: [...new Set(gitFiles)].map((file) => shownPath(this.#repository, file)) };
  }

  async #writeFile(plan: Plan, facts: Recorded): Promise<boolean> {
    const { desc, type, labels, meta, force } = this.#options;
    const notes = {
      ...(desc === undefined ? {} : { desc }),
      ...(type === undefined ? {} : { type }),
      ...(labels === undefined ? {} : { labels: [...labels] }),
      ...(meta === undefined ? {} : { meta: { ...meta } }),
    };
    const folder = folderOf(plan.file);
    const inside = folder === '' ? plan.output : plan.output.slice(folder.length + 1);
    return await changeDvcFile(this.#repository, plan.file, (content) => {
      if (plan.known === null)
        return { ...(force === true ? {} : content), deps: [], outs: [withFacts({ path: inside, ...notes }, facts)] };
      // A `.dvc` file may give its outputs' paths from another folder: an output is known by its last part, and by being the only one.
      const outs = content.outs.map((entry) =>
        content.outs.length === 1 || entry.path === inside ? withFacts({ ...entry, ...notes }, facts) : entry,
      );
      return { ...content, outs };
    });
  }

  /** Makes the workspace's files links of the kind that the settings want, where they are not. */
  async #relink(plan: Plan, built: Built | null, facts: Recorded | undefined): Promise<void> {
    const { noRelink, noCommit } = this.#options;
    if (noRelink === true || noCommit === true || plan.known?.isCached === false || facts === undefined || built === null) return;
    if (!mayNeedRelink(built, this.#repository.linkTypes)) return;
    const output = { path: plan.output, id: facts.id, files: null, isExecutable: facts.isExecutable };
    await checkoutOutput(this.#repository, this.#cache, output, {
      force: false,
      relink: true,
      only: plan.target === plan.output ? null : plan.target,
    });
  }
}

function entriesOf(built: Built | null, part: string): TreeEntry[] {
  if (built === null) return [];
  if (built.kind === 'file') return [{ path: part, md5: built.id.md5, sizeBytes: built.sizeBytes }];
  return built.tree().map((entry) => ({ ...entry, path: `${part}/${entry.path}` }));
}

function missing(target: string) {
  return notFound('TARGET_MISSING', `${quoted(target)} does not exist.`);
}

function overlap(target: string, output: string, stage: Stage) {
  const isAround = isInside(output, target);
  return conflict(
    'OUTPUTS_OVERLAP',
    `${quoted(target)} ${isAround ? 'contains' : 'lies inside of'} ${quoted(output)}, which ${stage.file} tracks already.`,
    {
      hint: isAround
        ? `Stop tracking that first: throughline remove ${stage.file}.`
        : `Record it as a part of that: throughline commit ${stage.file}.`,
    },
  );
}

/** Two targets of one command must not contain each other either, unless they are parts of an output that is tracked. */
function requireApart(plans: readonly Plan[]): void {
  const fresh = plans.filter((plan) => plan.known === null).sort((a, b) => a.target.length - b.target.length);
  const seen = new Set<string>();
  for (const { target } of fresh) {
    for (let folder = folderOf(target); folder !== ''; folder = folderOf(folder)) {
      if (seen.has(folder)) throw conflict('OUTPUTS_OVERLAP', `${quoted(target)} lies inside of ${quoted(folder)}: name one of them.`);
    }
    seen.add(target);
  }
}

/** Paths of the workspace that a pattern means, without what lies in folders that it means itself. Hidden ones are meant by patterns with a part that begins with a dot. */
function expandGlob(repository: Repository, pattern: string): string[] {
  const expression = globExpression(pattern);
  const parts = pattern.split('/');
  const found: string[] = [];
  const walk = (folder: string) => {
    for (const name of readdirSync(repository.toFile(folder)).sort()) {
      const path = folder === '' ? name : `${folder}/${name}`;
      const link = lstatSync(repository.toFile(path), { throwIfNoEntry: false });
      if (
        link === undefined ||
        repository.ignore.isIgnored(path, link.isDirectory()) ||
        path.endsWith('.dvc') ||
        nameOf(path) === '.gitignore' ||
        (name.startsWith('.') && !parts.some((part) => part.startsWith('.')))
      )
        continue;
      if (expression.test(path)) found.push(path);
      else if (link.isDirectory()) walk(path);
    }
  };
  const fixed = pattern.slice(0, pattern.search(/[*?[]/) === -1 ? pattern.length : pattern.search(/[*?[]/));
  const start = folderOf(fixed);
  if (statSync(repository.toFile(start), { throwIfNoEntry: false })?.isDirectory() === true) walk(start);
  if (found.length === 0) throw notFound('TARGET_MISSING', `Nothing is called like ${quoted(pattern)}.`);
  return found;
}
