// Stages of Git's revisions, read from its objects without a checkout. Thousands of commits share most of their folders and files: trees are read once by their ids, and
// a file's stages are kept by the ids of everything that was read for them.

import { DomainError } from '@throughline/kernel';
import { IGNORE_FILE } from '../formats/ignore.ts';
import { folderOf } from '../formats/paths.ts';
import type { Git, GitObjects } from './git.ts';
import { ignoreRules } from './ignore-tree.ts';
import type { IgnoreRules } from './ignore-tree.ts';
import type { Repository } from './repository.ts';
import { collect, isStageFile, nothingCollected, readStageFile } from './stage-files.ts';
import type { CollectedStages, StageFileContent } from './stage-files.ts';

const MAX_BLOB_BYTES = 256 * 1024 * 1024;

interface TreeItem {
  readonly id: string;
  readonly kind: 'tree' | 'blob' | 'other';
}

/** The stage files and ignore files at and below a folder, relative to it, its own before those below, and the repositories in it. */
interface Interesting {
  readonly stageFiles: readonly string[];
  readonly ignoreFiles: readonly string[];
  readonly repositories: readonly string[];
}

interface Parsed {
  /** What was read, with the ids that it had then; null for what was not there. */
  readonly reads: ReadonlyMap<string, string | null>;
  readonly content: StageFileContent | null;
  readonly error: DomainError | null;
}

const readers = new WeakMap<Repository, RevisionReader>();

/** The reader of a repository, kept for as long as that is: a command that goes through many commits reads what they share once. */
export function revisionReader(repository: Repository, git: Git): RevisionReader {
  const reader = readers.get(repository) ?? new RevisionReader(repository, git);
  readers.set(repository, reader);
  return reader;
}

/** What is at and below a folder; what lies in `.git`, `.hg` and `.dvc` is never in it. */
const OWN_FOLDERS: ReadonlySet<string> = new Set(['.git', '.hg', '.dvc']);

/** Reads revisions. */
class RevisionReader {
  readonly #objects: GitObjects;
  /** The repository's folder in Git's tree; empty for its top. */
  readonly #folder: string;
  readonly #trees = new Map<string, ReadonlyMap<string, TreeItem>>();
  readonly #interesting = new Map<string, Interesting>();
  /** By the root's tree: many commits have the same. */
  readonly #collected = new Map<string, CollectedStages>();
  /** Contents that are under way, by blob. */
  readonly #asked = new Map<string, Promise<Buffer>>();
  /** By file and its own blob. */
  readonly #parsed = new Map<string, Parsed[]>();

  constructor(repository: Repository, git: Git) {
    this.#objects = git.openObjects();
    this.#folder = repository.toGitPath('');
  }

  /** The stages of a commit. Where the repository's folder is not in it, there are none. */
  async collect(commit: string): Promise<CollectedStages> {
    const root = await this.#rootOf(commit);
    if (root === null) return nothingCollected();
    const collected = this.#collected.get(root) ?? (await this.#collect(root));
    this.#collected.set(root, collected);
    return { ...collected, stages: [...collected.stages], unreadable: [...collected.unreadable] };
  }

  async #collect(root: string): Promise<CollectedStages> {
    const collected = nothingCollected();
    // From here on all trees of this root are known, and finding something in them costs no waiting.
    const found = await this.#below(root);
    const rules =
      found.ignoreFiles.length === 0 && found.repositories.every((folder) => folder === '') ? null : await this.#rules(root, found);
    const outputs = new Set<string>();
    this.#ask(root, found.stageFiles);
    // Parents first, as a walk goes, so that stage files inside of outputs are passed over.
    for (const file of found.stageFiles) {
      if (rules?.isIgnored(file, false) === true || liesIn(file, outputs)) continue;
      const { content, error } = this.#known(root, file) ?? (await this.#parse(root, file));
      if (error !== null) collected.unreadable.push({ file, error });
      if (content === null) continue;
      collect(collected, content);
      for (const stage of content.stages) for (const output of stage.outputs) outputs.add(output.path);
    }
    return collected;
  }

  /** Asks for many files at once: their answers arrive while the first ones are parsed. */
  #ask(root: string, files: readonly string[]): void {
    for (const file of files) {
      const id = this.#blobOf(root, file);
      if (id === null || this.#asked.has(id) || this.#parsed.has(this.#keyOf(root, file))) continue;
      const content = this.#objects.read(id);
      // Whoever wants it hears of its failure; what is left out is asked for in vain.
      content.catch(() => undefined);
      this.#asked.set(id, content);
    }
  }

  #read(id: string): Promise<Buffer> {
    const asked = this.#asked.get(id);
    this.#asked.delete(id);
    return asked ?? this.#objects.read(id);
  }

  async #rootOf(commit: string): Promise<string | null> {
    const header = (await this.#objects.read(commit)).toString('utf8');
    const tree = /^tree ([0-9a-f]+)\n/.exec(header)?.[1];
    if (tree === undefined) throw new DomainError({ kind: 'corrupt', code: 'GIT_OBJECT_INVALID', message: `${commit} is no commit.` });
    if (this.#folder === '') return tree;
    let id = tree;
    for (const part of this.#folder.split('/')) {
      const item = (await this.#items(id)).get(part);
      if (item?.kind !== 'tree') return null;
      id = item.id;
    }
    return id;
  }

  /** The blob at a path of a root that `#below` has read; null where there is none. */
  #blobOf(root: string, path: string): string | null {
    let item: TreeItem | undefined = { id: root, kind: 'tree' };
    for (const part of path.split('/')) {
      item = item?.kind === 'tree' ? this.#trees.get(item.id)?.get(part) : undefined;
    }
    return item?.kind === 'blob' ? item.id : null;
  }

  async #items(id: string): Promise<ReadonlyMap<string, TreeItem>> {
    const known = this.#trees.get(id);
    if (known !== undefined) return known;
    const items = parseTree(await this.#objects.read(id), id.length / 2);
    this.#trees.set(id, items);
    return items;
  }

  async #below(id: string): Promise<Interesting> {
    const known = this.#interesting.get(id);
    if (known !== undefined) return known;
    const stageFiles: string[] = [];
    const ignoreFiles: string[] = [];
    const repositories: string[] = [];
    const deeper: string[] = [];
    for (const [name, item] of await this.#items(id)) {
      if (item.kind === 'blob' && isStageFile(name)) stageFiles.push(name);
      if (item.kind === 'blob' && name === IGNORE_FILE) ignoreFiles.push(name);
      if (name === '.dvc') repositories.push('');
      if (item.kind !== 'tree' || OWN_FOLDERS.has(name)) continue;
      const inner = await this.#below(item.id);
      for (const file of inner.stageFiles) deeper.push(`${name}/${file}`);
      for (const file of inner.ignoreFiles) ignoreFiles.push(`${name}/${file}`);
      for (const folder of inner.repositories) repositories.push(folder === '' ? name : `${name}/${folder}`);
    }
    const interesting = { stageFiles: [...stageFiles, ...deeper], ignoreFiles, repositories };
    this.#interesting.set(id, interesting);
    return interesting;
  }

  async #rules(root: string, found: Interesting): Promise<IgnoreRules> {
    const texts = new Map<string, string>();
    for (const file of found.ignoreFiles) {
      const id = this.#blobOf(root, file);
      if (id !== null) texts.set(file, (await this.#objects.read(id)).toString('utf8'));
    }
    const repositories = new Set(found.repositories.map((folder) => (folder === '' ? '.dvc' : `${folder}/.dvc`)));
    return ignoreRules({ readText: (file) => texts.get(file) ?? null, has: (file) => texts.has(file) || repositories.has(file) });
  }

  /** What a file held in an earlier commit, where everything that was read for it is the same. */
  #known(root: string, file: string): Parsed | undefined {
    return this.#parsed
      .get(this.#keyOf(root, file))
      ?.find(({ reads }) => [...reads].every(([path, id]) => this.#blobOf(root, path) === id));
  }

  #keyOf(root: string, file: string): string {
    return `${this.#blobOf(root, file) ?? ''} ${file}`;
  }

  async #parse(root: string, file: string): Promise<Parsed> {
    const reads = new Map<string, string | null>();
    const readText = async (path: string): Promise<string | null> => {
      const id = this.#blobOf(root, path);
      // Its own blob is in the key.
      if (path !== file) reads.set(path, id);
      if (id === null) return null;
      const bytes = await this.#read(id);
      if (bytes.length > MAX_BLOB_BYTES)
        throw new DomainError({ kind: 'invalid', code: 'FILE_INVALID', message: `${path} is larger than ${MAX_BLOB_BYTES} bytes.` });
      return bytes.toString('utf8');
    };
    const parsed = await this.#attempt(file, readText, reads);
    const key = this.#keyOf(root, file);
    this.#parsed.set(key, [...(this.#parsed.get(key) ?? []), parsed]);
    return parsed;
  }

  async #attempt(file: string, readText: (path: string) => Promise<string | null>, reads: Parsed['reads']): Promise<Parsed> {
    try {
      return { reads, content: await readStageFile(file, { readText }), error: null };
    } catch (error) {
      if (error instanceof DomainError) return { reads, content: null, error };
      throw error;
    }
  }
}

/** Whether a file lies in one of these folders. */
function liesIn(file: string, folders: ReadonlySet<string>): boolean {
  for (let folder = folderOf(file); folder !== ''; folder = folderOf(folder)) if (folders.has(folder)) return true;
  return false;
}

/** A Git tree object: mode, blank, name, NUL, id; again and again. */
function parseTree(bytes: Buffer, idBytes: number): ReadonlyMap<string, TreeItem> {
  const items = new Map<string, TreeItem>();
  for (let at = 0; at < bytes.length;) {
    const blank = bytes.indexOf(0x20, at);
    const end = bytes.indexOf(0, blank);
    if (blank === -1 || end === -1 || end + 1 + idBytes > bytes.length)
      throw new DomainError({ kind: 'corrupt', code: 'GIT_OBJECT_INVALID', message: 'A tree of Git is cut off.' });
    const mode = bytes.toString('latin1', at, blank);
    items.set(bytes.toString('utf8', blank + 1, end), {
      id: bytes.toString('hex', end + 1, end + 1 + idBytes),
      kind: mode === '40000' ? 'tree' : mode.startsWith('100') ? 'blob' : 'other',
    });
    at = end + 1 + idBytes;
  }
  return items;
}
