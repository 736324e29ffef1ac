// Shows what a repository holds, DVC's data among Git's files, without fetching any of it but folders' manifests.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { comparePaths } from '../formats/paths.ts';
import { cleanPath, openExternal, openScratch } from '../remotes/external.ts';
import type { RemoteOptionTexts } from '../remotes/open.ts';
import { viewOf } from '../remotes/view.ts';
import type { View, ViewEntry } from '../remotes/view.ts';
import { readGivenConfig } from '../repository/config.ts';
import type { Surroundings } from '../types.ts';

export interface ListOptions {
  /** A folder, or an address that Git can clone. */
  readonly url: string;
  /** Within that repository; all of it unless given. */
  readonly path?: string;
  readonly rev?: string;
  readonly recursive?: boolean;
  /** How deep, with `recursive`: 1 shows what lies right in it. */
  readonly level?: number;
  /** Only what DVC tracks. */
  readonly dvcOnly?: boolean;
  readonly remote?: string;
  readonly remoteOptions?: RemoteOptionTexts;
  /** A config file, whose settings go over those of that repository. */
  readonly config?: string;
}

/** As `dvc list --json` prints it. */
export interface ListedEntry {
  readonly isout: boolean;
  readonly isdir: boolean;
  readonly isexec: boolean;
  readonly size: number | null;
  readonly md5: string | null;
  /** From the path that was listed. */
  readonly path: string;
}

/** @throws DomainError `PATH_NOT_FOUND`, `CLONE_FAILED`, `EXTERNAL_NOT_FOUND`. */
export async function list(surroundings: Surroundings, options: ListOptions): Promise<readonly ListedEntry[]> {
  const path = cleanPath(options.path ?? '');
  const external = await openExternal(surroundings, {
    url: options.url,
    rev: options.rev ?? null,
    path,
    remote: options.remote?.toLowerCase() ?? null,
    config: options.config === undefined ? null : await readGivenConfig(resolve(surroundings.workingFolder, options.config)),
    ...(options.remoteOptions === undefined ? {} : { remoteOptions: options.remoteOptions }),
  });
  const folder = await mkdtemp(join(tmpdir(), 'throughline-list-'));
  try {
    const view = await viewOf(external, await openScratch(folder, surroundings));
    const entry = await view.entry(external.path);
    const depth = options.recursive === true ? (options.level ?? Number.POSITIVE_INFINITY) : 1;
    if (!entry.isFolder || depth === 0) return [listed(entry, external.path.slice(external.path.lastIndexOf('/') + 1) || '.')];
    const isFlat = options.recursive === true;
    const entries = await below(view, entry, { depth, isFlat, isDvcOnly: options.dvcOnly === true });
    const start = entry.path === '' ? 0 : entry.path.length + 1;
    // In the order of whole paths, as DVC prints it: `data.dvc` comes before `data/a`.
    return entries.map((one) => listed(one, one.path.slice(start))).sort((a, b) => comparePaths(a.path, b.path));
  } finally {
    await rm(folder, { recursive: true, force: true });
    await external.close();
  }
}

interface Depth {
  readonly depth: number;
  /** Folders show only where the depth ends. */
  readonly isFlat: boolean;
  readonly isDvcOnly: boolean;
}

async function below(view: View, folder: ViewEntry, options: Depth): Promise<ViewEntry[]> {
  const found: ViewEntry[] = [];
  for (const child of await view.children(folder.path)) {
    if (!child.isFolder) {
      if (!options.isDvcOnly || child.isOutput) found.push(child);
      continue;
    }
    if (options.isDvcOnly && !child.isOutput && !(await holdsOutputs(view, child))) continue;
    if (options.depth <= 1) found.push(child);
    else found.push(...(await below(view, child, { ...options, depth: options.depth - 1 })));
  }
  return found;
}

async function holdsOutputs(view: View, folder: ViewEntry): Promise<boolean> {
  for (const child of await view.children(folder.path)) {
    if (child.isOutput || (child.isFolder && (await holdsOutputs(view, child)))) return true;
  }
  return false;
}

function listed({ isOutput, isFolder, isExecutable, sizeBytes, md5 }: ViewEntry, path: string): ListedEntry {
  return { isout: isOutput, isdir: isFolder, isexec: isExecutable, size: sizeBytes, md5, path };
}
