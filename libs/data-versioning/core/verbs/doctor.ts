// `doctor`: what this repository stands on, and what is wrong with it. Nothing is changed; nothing secret is shown.

import { constants, copyFileSync, linkSync, mkdtempSync, rmSync, statfsSync, symlinkSync, writeFileSync } from 'node:fs';
import { access } from 'node:fs/promises';
import path from 'node:path';
import { maskedValue } from '../formats/config-options.ts';
import { runGit } from '../repository/git.ts';
import type { LinkType, Repository } from '../repository/repository.ts';
import { collectStages } from '../repository/stages.ts';
import { settingProblems } from './config.ts';

export interface DoctorProblem {
  readonly severity: 'error' | 'warning';
  readonly message: string;
  readonly hint?: string;
}

export interface DoctorResult {
  readonly node: string;
  readonly platform: string;
  /** Null without Git. */
  readonly git: string | null;
  readonly root: string;
  readonly gitRoot: string | null;
  readonly cacheFolder: string;
  readonly cacheFreeBytes: number | null;
  readonly linkTypes: readonly LinkType[];
  /** Those that work between the cache and the workspace. */
  readonly workingLinkTypes: readonly LinkType[];
  readonly remotes: readonly { readonly name: string; readonly url: string | null; readonly isDefault: boolean }[];
  readonly stageCount: number;
  readonly outputCount: number;
  readonly problems: readonly DoctorProblem[];
}

/** Looks at everything that a command needs. */
export async function doctor(repository: Repository): Promise<DoctorResult> {
  const { config } = repository;
  const problems: DoctorProblem[] = settingProblems(config).map(({ file, message }) => ({
    severity: 'warning',
    message: `${file}: ${message}`,
  }));
  const version = repository.git === null ? null : await runGit(repository.root, ['--version']);
  const collected = await collectStages(repository);
  for (const { error } of collected.unreadable)
    problems.push({ severity: 'error', message: error.message, ...(error.hint === undefined ? {} : { hint: error.hint }) });
  const linkTypes = attempt(() => repository.linkTypes, problems) ?? [];
  attempt(() => repository.isShared, problems);
  const working = workingLinks(repository);
  if (linkTypes.length > 0 && working.length > 0 && !linkTypes.some((type) => working.includes(type))) {
    problems.push({
      severity: 'error',
      message: `None of the link types ${linkTypes.join(', ')} works between the cache and the workspace.`,
      hint: 'Set cache.type to one that does, or move the cache by cache.dir.',
    });
  }
  problems.push(...(await cacheProblems(repository)), ...remoteProblems(repository));
  const outputs = collected.stages.flatMap((stage) => stage.outputs);
  return {
    node: process.version,
    platform: `${process.platform} ${process.arch}`,
    git: version === null ? null : version.stdout.toString('utf8').trim(),
    root: repository.root,
    gitRoot: repository.gitRoot,
    cacheFolder: repository.cacheFolder,
    cacheFreeBytes: freeBytes(repository),
    linkTypes,
    workingLinkTypes: working,
    remotes: config.remotes().map((name) => {
      const url = config.text('remote', 'url', name);
      return { name, url: url === null ? null : maskedValue('url', url), isDefault: config.defaultRemote() === name };
    }),
    stageCount: collected.stages.length,
    outputCount: outputs.length,
    problems,
  };
}

function attempt<T>(work: () => T, problems: DoctorProblem[]): T | null {
  try {
    return work();
  } catch (error) {
    problems.push({ severity: 'error', message: error instanceof Error ? error.message : String(error) });
    return null;
  }
}

async function cacheProblems(repository: Repository): Promise<DoctorProblem[]> {
  try {
    await access(repository.cacheFolder, constants.R_OK | constants.W_OK);
    return [];
  } catch (error) {
    // A new repository has none before the first add.
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    return [
      {
        severity: 'error',
        message: `The cache ${repository.cacheFolder} cannot be written.`,
        hint: 'Look at its owner and its mode, or name another by `throughline cache dir`.',
      },
    ];
  }
}

function remoteProblems(repository: Repository): DoctorProblem[] {
  const { config } = repository;
  const name = config.defaultRemote();
  if (name === null)
    return config.remotes().length === 0
      ? []
      : [{ severity: 'warning', message: 'No remote is the default.', hint: 'Name one: throughline remote default <name>.' }];
  return config.remotes().includes(name)
    ? []
    : [{ severity: 'error', message: `The default remote is ${JSON.stringify(name)}, which is not there.` }];
}

function freeBytes(repository: Repository): number | null {
  for (const folder of [repository.cacheFolder, repository.dvcFolder]) {
    try {
      const { bavail, bsize } = statfsSync(folder);
      return bavail * bsize;
    } catch {
      // The cache may not be there yet: then the folder that it will be made in answers.
    }
  }
  return null;
}

/** Tries each kind of link from a file of the cache to a folder of the workspace. */
function workingLinks(repository: Repository): LinkType[] {
  let cacheSide: string | null = null;
  let workspaceSide: string | null = null;
  try {
    cacheSide = mkdtempSync(path.join(existing(repository.cacheFolder), '.throughline-'));
    workspaceSide = mkdtempSync(path.join(repository.dvcFolder, 'tmp', '.throughline-'));
    const source = path.join(cacheSide, 'source');
    writeFileSync(source, 'x');
    return (['reflink', 'hardlink', 'symlink', 'copy'] as const).filter((type) =>
      works(type, source, path.join(workspaceSide ?? '', type)),
    );
  } catch {
    // Folders that cannot be written are told of by themselves.
    return [];
  } finally {
    for (const folder of [cacheSide, workspaceSide]) if (folder !== null) rmSync(folder, { recursive: true, force: true });
  }
}

/** The folder itself, or the first above it that is there. */
function existing(folder: string): string {
  for (let current = folder; current !== path.dirname(current); current = path.dirname(current)) {
    try {
      statfsSync(current);
      return current;
    } catch {
      continue;
    }
  }
  return folder;
}

function works(type: LinkType, source: string, target: string): boolean {
  try {
    if (type === 'reflink') copyFileSync(source, target, constants.COPYFILE_FICLONE_FORCE);
    else if (type === 'hardlink') linkSync(source, target);
    else if (type === 'symlink') symlinkSync(source, target);
    else copyFileSync(source, target);
    return true;
  } catch {
    return false;
  }
}
