// Stages of Git's revisions, read from its objects without a checkout. Thousands of commits share most of their folders and files: trees are read once by their ids, and
// a file's stages are kept by the ids of everything that was read for them.

import { DomainError } from '@throughline/kernel';
import { IGNORE_FILE } from '../formats/ignore.ts';
import { folderOf, isInside, nameOf } from '../formats/paths.ts';
import type { Stage } from '../types.ts';
import type { Git, GitObjects } from './git.ts';
import { ignoreRules } from './ignore-tree.ts';
import type { IgnoreRules } from './ignore-tree.ts';
import type { Repository } from './repository.ts';
import { isStageFile, readStages } from './stage-files.ts';
import type { CollectedStages } from './stage-files.ts';

const MAX_BLOB_BYTES = 256 * 1024 * 1024;

interface TreeItem {
  readonly name: string;
  readonly id: string;
  readonly kind: 'tree' | 'blob' | 'other';
}

/** The stage files and ignore files at and below a folder, relative to it, and the repositories in it. */
interface Interesting {
  readonly stageFiles: readonly string[];
  readonly ignoreFiles: readonly string[];
  readonly repositories: readonly string[];
}

interface Parsed {
  /** What was read, with the ids that it had then; null for what was not there. */
  readonly reads: ReadonlyMap<string, string | null>;
  readonly stages: readonly Stage[] | null;
  readonly error: DomainError | null;
}

const readers = new WeakMap<Repository, RevisionReader>();

/** The reader of a repository, kept for as long as that is: a command that goes through many commits reads what they share once. */
export function revisionReader(repository: Repository, git: Git): RevisionReader {
  const reader = readers.get(repository) ?? new RevisionReader(repository, git);
  readers.set(repository, reader);
  return reader;
}

/** Reads revisions. */
export class RevisionReader {
  readonly #objects: GitObjects;
  /** The repository's folder in Git's tree; empty for its top. */
  readonly #folder: string;
  readonly #trees = new Map<string, Promise<readonly TreeItem[]>>();
  readonly #interesting = new Map<string, Promise<Interesting>>();
  /** By file and its own blob. */
  readonly #parsed = new Map<string, Parsed[]>();

  constructor(repository: Repository, git: Git) {
    this.#objects = git.openObjects();
    this.#folder = repository.toGitPath('');
  }

  /** The stages of a commit. Where the repository's folder is not in it, there are none. */
  async collect(commit: string): Promise<CollectedStages> {
    const collected: CollectedStages = { stages: [], unreadable: [] };
    const root = await this.#rootOf(commit);
    if (root === null) return collected;
    const found = await this.#below(root);
    const rules = await this.#rules(root, found);
    const outputs: string[] = [];
    // Parents first, as a walk goes, so that stage files inside of outputs are passed over.
    const files = found.stageFiles.toSorted((a, b) => a.split('/').length - b.split('/').length);
    for (const file of files) {
      if (rules.isIgnored(file, false) || outputs.some((output) => isInside(folderOf(file), output) && output !== '')) continue;
      const { stages, error } = await this.#stages(root, file);
      if (error !== null) collected.unreadable.push({ file, error });
      for (const stage of stages ?? []) {
        collected.stages.push(stage);
        for (const output of stage.outputs) outputs.push(output.path);
      }
    }
    return collected;
  }

  /** A file's bytes in a commit, by its repository path; null where it is not there. */
  async readFile(commit: string, path: string): Promise<Buffer | null> {
    const root = await this.#rootOf(commit);
    const id = root === null ? null : await this.#blobOf(root, path);
    return id === null ? null : this.#objects.read(id);
  }

  async #rootOf(commit: string): Promise<string | null> {
    const header = (await this.#objects.read(commit)).toString('utf8');
    const tree = /^tree ([0-9a-f]+)\n/.exec(header)?.[1];
    if (tree === undefined) throw new DomainError({ kind: 'corrupt', code: 'GIT_OBJECT_INVALID', message: `${commit} is no commit.` });
    return this.#folder === '' ? tree : this.#find(tree, this.#folder, 'tree');
  }

  async #find(tree: string, path: string, kind: TreeItem['kind']): Promise<string | null> {
    let id: string = tree;
    const parts = path.split('/');
    for (const [index, part] of parts.entries()) {
      const wanted = index === parts.length - 1 ? kind : 'tree';
      const item = (await this.#items(id)).find((candidate) => candidate.name === part && candidate.kind === wanted);
      if (item === undefined) return null;
      id = item.id;
    }
    return id;
  }

  #blobOf(root: string, path: string): Promise<string | null> {
    return this.#find(root, path, 'blob');
  }

  #items(id: string): Promise<readonly TreeItem[]> {
    const known = this.#trees.get(id);
    if (known !== undefined) return known;
    const items = this.#objects.read(id).then((bytes) => parseTree(bytes, id.length / 2));
    this.#trees.set(id, items);
    return items;
  }

  #below(id: string): Promise<Interesting> {
    const known = this.#interesting.get(id);
    if (known !== undefined) return known;
    const found = this.#look(id);
    this.#interesting.set(id, found);
    return found;
  }

  async #look(id: string): Promise<Interesting> {
    const stageFiles: string[] = [];
    const ignoreFiles: string[] = [];
    const repositories: string[] = [];
    for (const item of await this.#items(id)) {
      if (item.kind === 'blob' && isStageFile(item.name)) stageFiles.push(item.name);
      if (item.kind === 'blob' && item.name === IGNORE_FILE) ignoreFiles.push(item.name);
      if (item.name === '.dvc' && item.kind === 'tree') repositories.push('');
      if (item.kind !== 'tree' || item.name === '.dvc') continue;
      const inner = await this.#below(item.id);
      const at = (path: string): string => (path === '' ? item.name : `${item.name}/${path}`);
      stageFiles.push(...inner.stageFiles.map(at));
      ignoreFiles.push(...inner.ignoreFiles.map(at));
      repositories.push(...inner.repositories.map(at));
    }
    return { stageFiles, ignoreFiles, repositories };
  }

  async #rules(root: string, found: Interesting): Promise<IgnoreRules> {
    const texts = new Map<string, string>();
    for (const file of found.ignoreFiles) {
      const id = await this.#blobOf(root, file);
      if (id !== null) texts.set(file, (await this.#objects.read(id)).toString('utf8'));
    }
    const repositories = new Set(found.repositories.map((folder) => (folder === '' ? '.dvc' : `${folder}/.dvc`)));
    return ignoreRules({ readText: (file) => texts.get(file) ?? null, has: (file) => texts.has(file) || repositories.has(file) });
  }

  async #stages(root: string, file: string): Promise<Parsed> {
    const key = `${(await this.#blobOf(root, file)) ?? ''} ${file}`;
    const versions = this.#parsed.get(key) ?? [];
    for (const version of versions) if (await this.#isCurrent(root, version)) return version;
    const reads = new Map<string, string | null>();
    const parsed = await this.#parse(root, file, reads);
    this.#parsed.set(key, [...versions, parsed]);
    return parsed;
  }

  async #isCurrent(root: string, version: Parsed): Promise<boolean> {
    for (const [path, id] of version.reads) if ((await this.#blobOf(root, path)) !== id) return false;
    return true;
  }

  async #parse(root: string, file: string, reads: Map<string, string | null>): Promise<Parsed> {
    const readText = async (path: string): Promise<string | null> => {
      const id = await this.#blobOf(root, path);
      reads.set(path, id);
      if (id === null) return null;
      const bytes = await this.#objects.read(id);
      if (bytes.length > MAX_BLOB_BYTES)
        throw new DomainError({ kind: 'invalid', code: 'FILE_INVALID', message: `${path} is larger than ${MAX_BLOB_BYTES} bytes.` });
      return bytes.toString('utf8');
    };
    try {
      return { reads, stages: await readStages(file, { readText }), error: null };
    } catch (error) {
      if (error instanceof DomainError) return { reads, stages: null, error };
      throw error;
    }
  }
}

/** A Git tree object: mode, blank, name, NUL, id; again and again. */
function parseTree(bytes: Buffer, idBytes: number): TreeItem[] {
  const items: TreeItem[] = [];
  for (let at = 0; at < bytes.length;) {
    const blank = bytes.indexOf(0x20, at);
    const end = bytes.indexOf(0, blank);
    if (blank === -1 || end === -1 || end + 1 + idBytes > bytes.length)
      throw new DomainError({ kind: 'corrupt', code: 'GIT_OBJECT_INVALID', message: 'A tree of Git is cut off.' });
    const mode = bytes.toString('latin1', at, blank);
    items.push({
      name: nameOf(bytes.toString('utf8', blank + 1, end)),
      id: bytes.toString('hex', end + 1, end + 1 + idBytes),
      kind: mode === '40000' ? 'tree' : mode.startsWith('100') ? 'blob' : 'other',
    });
    at = end + 1 + idBytes;
  }
  return items;
}
