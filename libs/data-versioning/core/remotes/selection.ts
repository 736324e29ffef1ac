// Which outputs a command is about: of the workspace and of revisions, by targets and with what they depend on. Push, fetch, pull and gc ask the same question.

import { statSync } from 'node:fs';
import type { DomainError } from '@throughline/kernel';
import { invalid, notFound } from '@throughline/kernel';
import { closest } from '../formats/closest.ts';
import { folderOf, isInside, joinPaths } from '../formats/paths.ts';
import type { RevisionSelection } from '../repository/git.ts';
import type { Repository } from '../repository/repository.ts';
import { collectStages } from '../repository/stages.ts';
import type { CollectedStages, Unreadable } from '../repository/stages.ts';
import type { Output, ShownAs, Stage } from '../types.ts';
import { isStage, isWholeStage, selectOutputs } from './wanted.ts';
import type { SelectOptions } from './wanted.ts';

export interface RevisionOptions {
  readonly allBranches?: boolean;
  readonly allTags?: boolean;
  readonly allCommits?: boolean;
  readonly allExperiments?: boolean;
  readonly revisions?: readonly string[];
  /** With revisions or branches: so many of the last commits of each. */
  readonly count?: number;
  /** Commits since then: ISO 8601. */
  readonly since?: string;
}

export interface SelectionOptions extends RevisionOptions {
  /** `.dvc` files, stages, outputs and what lies in them, as the user typed them. None: everything. */
  readonly targets?: readonly string[];
  readonly recursive?: boolean;
  readonly withDependencies?: boolean;
  readonly glob?: boolean;
  /** Only what is shown as one of these, what holds such files, and what lies in such folders. */
  readonly types?: readonly ShownAs[];
}

export interface SelectedOutput {
  readonly stage: Stage;
  readonly output: Output;
  /** Paths inside of it; null: all of it. */
  readonly parts: readonly string[] | null;
  /** The commit; null: the workspace. */
  readonly revision: string | null;
}

export interface Selection {
  readonly outputs: readonly SelectedOutput[];
  /** Those of the outputs, and those that have none. */
  readonly stages: readonly Stage[];
  readonly unreadable: readonly (Unreadable & { readonly revision: string | null })[];
}

/** Whether anything but the workspace is asked for. */
export function asksRevisions(options: RevisionOptions): boolean {
  const { allBranches, allTags, allCommits, allExperiments, revisions, since } = options;
  return (
    allBranches === true ||
    allTags === true ||
    allCommits === true ||
    allExperiments === true ||
    since !== undefined ||
    (revisions ?? []).length > 0
  );
}

/** The commits that the options name. @throws DomainError `GIT_MISSING` where there is no Git to ask. */
export async function commitsOf(repository: Repository, options: RevisionOptions): Promise<string[]> {
  if (!asksRevisions(options)) return [];
  const { git } = repository;
  if (git === null) {
    throw invalid('GIT_MISSING', 'Branches, tags and commits are asked for, and this repository is not in Git.', {
      hint: 'Leave these options away.',
    });
  }
  const { allBranches, allTags, allCommits, allExperiments, revisions, count, since } = options;
  const selection: RevisionSelection = {
    ...(allBranches === true ? { branches: true } : {}),
    ...(allTags === true ? { tags: true } : {}),
    ...(allCommits === true ? { commits: true } : {}),
    ...(allExperiments === true ? { experiments: true } : {}),
    ...(revisions === undefined ? {} : { revisions }),
    // Git counts the ancestors, people the commits.
    ...(count === undefined || count === 1 ? {} : { count: count < 0 ? count : count - 1 }),
    ...(since === undefined ? {} : { since }),
  };
  const found = (await git.listRevisions(selection)).map(({ commit }) => commit);
  if (count === undefined || count === 1 || allBranches !== true) return found;
  // Of branches Git was asked for their tips alone.
  const deeper = await git.listRevisions({ revisions: found, count: count < 0 ? count : count - 1 });
  return deeper.map(({ commit }) => commit);
}

/**
 * The outputs that are meant. Without revisions a file that cannot be read ends the command; of other revisions it is reported, since old commits cannot be mended.
 * @throws DomainError `TARGET_UNKNOWN`; what is wrong with a file of the workspace.
 */
export async function selectOutputsOf(repository: Repository, options: SelectionOptions): Promise<Selection> {
  const outputs: SelectedOutput[] = [];
  const stages: Stage[] = [];
  const unreadable: (Unreadable & { revision: string | null })[] = [];
  const commits: (string | null)[] = [null, ...(await commitsOf(repository, options))];
  const unmatched = new Set(options.targets ?? []);
  const known = new Set<string>();
  for (const revision of commits) {
    const collected = await collectStages(repository, revision === null ? {} : { revision });
    for (const one of collected.unreadable) unreadable.push({ ...one, revision });
    const selected = select(repository, collected.stages, options, unmatched);
    const isMeant = typeFilter(collected, options.types ?? []);
    for (const { stage, output, parts } of selected.outputs) if (isMeant(output)) outputs.push({ stage, output, parts, revision });
    stages.push(...selected.stages);
    for (const stage of collected.stages) for (const path of [stage.file, ...stage.outputs.map((output) => output.path)]) known.add(path);
  }
  const [unknown] = unmatched;
  const [broken] = unreadable.filter(({ revision }) => revision === null);
  if (broken !== undefined && (unknown !== undefined || (options.targets ?? []).length === 0)) throw broken.error;
  if (unknown !== undefined) throw unknownTarget(unknown, known);
  return { outputs, stages, unreadable };
}

function typeFilter({ stages, shown }: CollectedStages, types: readonly ShownAs[]): (output: Output) => boolean {
  if (types.length === 0) return () => true;
  const outputs = stages.flatMap((stage) => stage.outputs);
  const paths = types.flatMap((type) => [...shown[type], ...outputs.filter(({ shownAs }) => shownAs === type).map(({ path }) => path)]);
  return (output) => paths.some((path) => isInside(path, output.path) || isInside(output.path, path));
}

function unknownTarget(target: string, known: ReadonlySet<string>): DomainError {
  const near = closest(target, known);
  return notFound('TARGET_UNKNOWN', `${JSON.stringify(target)} is no .dvc file, no stage, and nothing that is tracked.`, {
    hint: near === null ? 'See what is tracked: throughline list . -R --dvc-only.' : `Did you mean ${near}?`,
  });
}

type Chosen = Omit<SelectedOutput, 'revision'>;

interface Choice {
  readonly outputs: readonly Chosen[];
  readonly stages: readonly Stage[];
}

function select(repository: Repository, stages: readonly Stage[], options: SelectionOptions, unmatched: Set<string>): Choice {
  const typed = options.targets ?? [];
  if (typed.length === 0) return { outputs: stages.flatMap((stage) => choose(stage, EVERYTHING)), stages };
  const chosen = new Map<Output, Chosen>();
  const meant = new Set<Stage>();
  for (const target of typed) {
    const found = chooseByTarget(repository, stages, target, options);
    const isFolder = options.recursive === true && isFolderOf(repository, target);
    if (found.outputs.length > 0 || found.stages.length > 0 || isFolder) unmatched.delete(target);
    for (const stage of found.stages) meant.add(stage);
    for (const one of found.outputs) {
      const before = chosen.get(one.output);
      const parts = before === undefined ? one.parts : before.parts === null || one.parts === null ? null : [...before.parts, ...one.parts];
      chosen.set(one.output, { ...one, parts });
    }
  }
  if (options.withDependencies === true) {
    for (const stage of upstream(stages, meant)) {
      meant.add(stage);
      for (const one of choose(stage, EVERYTHING)) if (!chosen.has(one.output)) chosen.set(one.output, one);
    }
  }
  return { outputs: [...chosen.values()], stages: stages.filter((stage) => meant.has(stage)) };
}

/** A name of a stage goes before a path; `./name` is always a path. */
function chooseByTarget(repository: Repository, stages: readonly Stage[], target: string, options: SelectionOptions): Choice {
  const isPath = options.glob === true || (!target.includes(':') && /^\.{1,2}[/\\]/.test(target));
  const paths = options.glob === true ? globbed(repository, target, stages) : [targetPath(repository, target)];
  if (paths.length === 0) return { outputs: [], stages: [] };
  const named = isPath ? [] : stages.filter((stage) => paths.some((path) => isStage(stage, path)));
  if (named.length > 0) return { outputs: named.flatMap((stage) => choose(stage, EVERYTHING)), stages: named };
  const selected: SelectOptions = { targets: paths, recursive: options.recursive === true };
  const outputs = stages.flatMap((stage) => choose(stage, selected));
  const withOutputs = new Set(outputs.map(({ stage }) => stage));
  return { outputs, stages: stages.filter((stage) => withOutputs.has(stage) || isWholeStage(stage, selected)) };
}

function isFolderOf(repository: Repository, typed: string): boolean {
  return statSync(repository.toFile(repository.toRepositoryPath(typed)), { throwIfNoEntry: false })?.isDirectory() === true;
}

const EVERYTHING: SelectOptions = { targets: [], recursive: false };

function choose(stage: Stage, options: SelectOptions): Chosen[] {
  return selectOutputs(stage, options).map(({ output, parts }) => ({ stage, output, parts }));
}

/** `sub/dvc.yaml:train`, `:train` of the dvc.yaml here, `:` for all of it, and plain paths alike, seen from the root. */
function targetPath(repository: Repository, typed: string): string {
  const match = /^(.+(?:\.yaml|\.dvc)):([^/\\]+)$/.exec(typed);
  if (match?.[1] !== undefined && match[2] !== undefined) return `${repository.toRepositoryPath(match[1])}:${match[2]}`;
  if (typed === ':') return repository.toRepositoryPath('dvc.yaml');
  return typed.startsWith(':') ? `${repository.toRepositoryPath('dvc.yaml')}${typed}` : repository.toRepositoryPath(typed);
}

/** Every output and `.dvc` file whose path a pattern means: `*` within a name, `**` across folders, `?` and `[ab]`. */
function globbed(repository: Repository, pattern: string, stages: readonly Stage[]): string[] {
  const expression = globExpression(repository.toRepositoryPath(pattern));
  return stages.flatMap((stage) => [stage.file, ...stage.outputs.map(({ path }) => path)]).filter((path) => expression.test(path));
}

export function globExpression(pattern: string): RegExp {
  const source = pattern.replace(/\*\*\/|\*\*|\*|\?|\[!?[^\]/]+\]|[\s\S]/gu, (token) => {
    if (token === '**/') return '(?:[^/]+/)*';
    if (token === '**') return '.*';
    if (token === '*') return '[^/]*';
    if (token === '?') return '[^/]';
    if (token.length > 1 && token.startsWith('[')) return token.replace(/^\[!/, '[^').replace(/\\/g, '\\\\');
    return token.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
  });
  return new RegExp(`^${source}$`, 'su');
}

/** All stages that the chosen ones were made from, however far up. */
function upstream(stages: readonly Stage[], chosen: ReadonlySet<Stage>): Stage[] {
  const found = new Set<Stage>();
  const open = [...chosen];
  for (let stage = open.pop(); stage !== undefined; stage = open.pop()) {
    const needed = stage.dependencies.flatMap(({ path, repositoryPath }) => repositoryPath ?? joinPaths(folderOf(stage.file), path) ?? []);
    for (const other of stages) {
      if (found.has(other) || !other.outputs.some(({ path }) => needed.some((need) => isInside(need, path) || isInside(path, need))))
        continue;
      found.add(other);
      open.push(other);
    }
  }
  return [...found];
}
