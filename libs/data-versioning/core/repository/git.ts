// Git by its own command: what a repository tracks, what its revisions hold. Objects are read through one `git cat-file --batch` process, never by a checkout.

import { execFile, spawn } from 'node:child_process';
import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import type { Socket } from 'node:net';
import { DomainError, invalid } from '@throughline/kernel';

const MAX_OUTPUT_BYTES = 1024 * 1024 * 1024;
/** Revisions that begin with "-" would be options; Git's own names cannot. */
const REVISION = /^[^-\s][^\s\0]{0,1023}$/;

export interface GitResult {
  readonly code: number;
  readonly stdout: Buffer;
  readonly stderr: string;
}

/** Runs git in a folder and returns what it said, whatever its exit code is. */
export function runGit(folder: string, args: readonly string[], options: { readonly input?: string | Buffer } = {}): Promise<GitResult> {
  return new Promise((resolve, reject) => {
    const child = execFile('git', ['-C', folder, ...args], { encoding: 'buffer', maxBuffer: MAX_OUTPUT_BYTES }, (error, stdout, stderr) => {
      if (error !== null && typeof error.code !== 'number') {
        reject(gitMissing(error));
        return;
      }
      resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr: stderr.toString('utf8') });
    });
    if (options.input !== undefined) {
      // A command that fails at once closes its input: its exit code says so, not the pipe.
      child.stdin?.on('error', () => undefined);
      child.stdin?.end(options.input);
    }
  });
}

function gitMissing(cause: Error): DomainError {
  return new DomainError({
    kind: 'unavailable',
    code: 'GIT_FAILED',
    message: `git could not be run: ${cause.message}.`,
    hint: 'Install git, or put it in the PATH.',
    cause,
  });
}

/** Runs git and returns its output as text. @throws DomainError `GIT_FAILED` with what it said. */
export async function git(folder: string, args: readonly string[], options: { readonly input?: string | Buffer } = {}): Promise<string> {
  const { code, stdout, stderr } = await runGit(folder, args, options);
  if (code !== 0) throw gitFailed(args[0] ?? '', stderr, code);
  return stdout.toString('utf8');
}

function gitFailed(command: string, stderr: string, code: number): DomainError {
  return new DomainError({
    kind: 'invalid',
    code: 'GIT_FAILED',
    message: `git ${command} failed: ${stderr.trim().slice(0, 2000) || `exit code ${code}`}`,
  });
}

/** One file of a revision. */
export interface GitFile {
  /** From the root of the tree that was listed. */
  readonly path: string;
  /** The blob's id. */
  readonly blob: string;
  /** `100644`, `100755`, `120000` (symlink). Submodules are left out. */
  readonly mode: string;
}

export interface RevisionSelection {
  readonly branches?: boolean;
  readonly tags?: boolean;
  /** Every commit that any reference reaches. */
  readonly commits?: boolean;
  readonly revisions?: readonly string[];
  /** With `revisions`: each of them and so many of its ancestors. */
  readonly count?: number;
  /** Commits since this time, for all references: ISO 8601. */
  readonly since?: string;
  /** DVC's experiments, below refs/exps. */
  readonly experiments?: boolean;
  /** Whatever somebody may come back to: branches, those of other places as far as they are known here, tags, stashes, and what other working trees stand on. */
  readonly everyTip?: boolean;
}

export interface Revision {
  /** The commit. */
  readonly commit: string;
  /** What it is called: branches and tags; empty for commits that were found otherwise. */
  readonly names: readonly string[];
}

/** A repository of Git. Paths are relative to `root`. */
export class Git {
  /** The working tree's top folder. */
  readonly root: string;

  constructor(root: string) {
    this.root = root;
  }

  /** The commit that a name stands for. @throws DomainError `REVISION_UNKNOWN`. */
  async revParse(revision: string): Promise<string> {
    if (REVISION.test(revision)) {
      const commit = await this.#verified(`${revision}^{commit}`);
      if (commit !== null) return commit;
    }
    throw new DomainError({
      kind: 'not_found',
      code: 'REVISION_UNKNOWN',
      message: `Git knows no revision ${JSON.stringify(revision)} here.`,
      hint: 'See `git branch -a` and `git tag`.',
    });
  }

  /** What HEAD stands for; null before the first commit. */
  async currentCommit(): Promise<string | null> {
    return await this.#verified('HEAD^{commit}');
  }

  /** Null for what names nothing. Git that cannot work here at all, for a folder of somebody else's, say, is no answer. @throws DomainError `GIT_FAILED`. */
  async #verified(name: string): Promise<string | null> {
    const { code, stdout, stderr } = await runGit(this.root, ['rev-parse', '--verify', '--quiet', '--end-of-options', name]);
    if (code === 0) return stdout.toString('utf8').trim();
    if (code === 1) return null;
    throw gitFailed('rev-parse', stderr, code);
  }

  /** The commits that a selection names, each once. */
  async listRevisions(selection: RevisionSelection): Promise<Revision[]> {
    const found = new Map<string, string[]>();
    const note = (commit: string, name: string | null): void => {
      const names = found.get(commit) ?? [];
      if (name !== null && !names.includes(name)) names.push(name);
      found.set(commit, names);
    };
    for (const revision of selection.revisions ?? []) {
      const commit = await this.revParse(revision);
      note(commit, revision);
      if (selection.count !== undefined && selection.count !== 0) {
        const limit = selection.count < 0 ? [] : [`--max-count=${selection.count + 1}`];
        for (const ancestor of lines(await git(this.root, ['rev-list', '--first-parent', ...limit, commit]))) note(ancestor, null);
      }
    }
    const patterns = [
      ...(selection.branches === true || selection.everyTip === true ? ['refs/heads'] : []),
      ...(selection.tags === true || selection.everyTip === true ? ['refs/tags'] : []),
      ...(selection.everyTip === true ? ['refs/remotes'] : []),
      ...(selection.experiments === true ? ['refs/exps'] : []),
    ];
    for (const { commit, name } of await this.#references(patterns)) note(commit, name);
    if (selection.everyTip === true) for (const commit of [...(await this.#stashed()), ...(await this.#heads())]) note(commit, null);
    if (selection.commits === true || selection.since !== undefined) {
      const since = selection.since === undefined ? [] : [`--since=${selection.since}`];
      for (const commit of lines(await git(this.root, ['rev-list', '--all', ...since]))) note(commit, null);
    }
    return [...found].map(([commit, names]) => ({ commit, names }));
  }

  /** Stashes, with what they keep of the index and of files that Git did not track: those are parents of theirs. */
  async #stashed(): Promise<string[]> {
    const { code, stdout } = await runGit(this.root, ['reflog', 'show', '--format=%H %P', 'refs/stash', '--']);
    return code === 0
      ? stdout
          .toString('utf8')
          .split(/\s+/)
          .filter((id) => id !== '')
      : [];
  }

  /** What the working trees of this repository stand on. */
  async #heads(): Promise<string[]> {
    return lines(await git(this.root, ['worktree', 'list', '--porcelain'])).flatMap((line) => {
      const head = /^HEAD ([0-9a-f]+)$/.exec(line)?.[1];
      return head === undefined || /^0+$/.test(head) ? [] : [head];
    });
  }

  /** Whether older commits were left where this was cloned from. */
  async isShallow(): Promise<boolean> {
    return (await git(this.root, ['rev-parse', '--is-shallow-repository'])).trim() === 'true';
  }

  async #references(patterns: readonly string[]): Promise<{ commit: string; name: string }[]> {
    if (patterns.length === 0) return [];
    const format = '%(objecttype) %(objectname) %(*objecttype) %(*objectname) %(refname)';
    return lines(await git(this.root, ['for-each-ref', `--format=${format}`, ...patterns])).flatMap((line) => {
      const [type, id, targetType, target, ...rest] = line.split(' ');
      const name = rest.join(' ').replace(/^refs\/(?:heads|tags)\//, '');
      // Tags may name other things than commits: those hold no `.dvc` files.
      if (type === 'commit' && id !== undefined) return [{ commit: id, name }];
      return targetType === 'commit' && target !== undefined ? [{ commit: target, name }] : [];
    });
  }

  /** All files of a revision below a folder of it (empty: all), paths relative to the root. */
  async readTree(commit: string, folder = ''): Promise<GitFile[]> {
    const output = await git(this.root, ['ls-tree', '-r', '-z', '--full-tree', commit, ...(folder === '' ? [] : ['--', `${folder}/`])]);
    return output.split('\0').flatMap((line) => {
      const match = /^(\d+) blob ([0-9a-f]+)\t(.*)$/s.exec(line);
      return match === null ? [] : [{ mode: match[1] ?? '', blob: match[2] ?? '', path: match[3] ?? '' }];
    });
  }

  /** A reader of objects; close it. */
  openObjects(): GitObjects {
    return new GitObjects(this.root);
  }

  /** Whether the index holds a path, or anything below it. */
  async isTracked(path: string): Promise<boolean> {
    return (await this.tracked([path])).length > 0;
  }

  /** What of these paths, and below them, the index holds. */
  async tracked(paths: readonly string[]): Promise<string[]> {
    if (paths.length === 0) return [];
    const output = await git(this.root, ['--literal-pathspecs', 'ls-files', '-z', '--', ...paths]);
    return output.split('\0').filter((path) => path !== '');
  }

  /** Puts files into the index. */
  async add(paths: readonly string[]): Promise<void> {
    if (paths.length > 0) await git(this.root, ['--literal-pathspecs', 'add', '--', ...paths]);
  }

  /** Takes files that are gone out of the index. */
  async forget(paths: readonly string[]): Promise<void> {
    if (paths.length > 0) await git(this.root, ['--literal-pathspecs', 'rm', '--cached', '--quiet', '--ignore-unmatch', '--', ...paths]);
  }

  /** Whether Git's rules leave a path out, tracked or not. A folder's path ends with "/". */
  async isIgnored(path: string): Promise<boolean> {
    const { code } = await runGit(this.root, ['check-ignore', '--quiet', '--no-index', '--stdin', '-z'], { input: `${path}\0` });
    return code === 0;
  }

  /** The address of `origin`, or of the first remote; null without one. It may hold credentials. */
  async remoteUrl(): Promise<string | null> {
    const names = lines(await git(this.root, ['remote']));
    const name = names.includes('origin') ? 'origin' : names[0];
    if (name === undefined) return null;
    return (await git(this.root, ['remote', 'get-url', '--', name])).trim();
  }

  /** A value of Git's configuration, null where it has none. */
  async config(key: string): Promise<string | null> {
    const { code, stdout } = await runGit(this.root, ['config', '--get', key]);
    return code === 0 ? stdout.toString('utf8').replace(/\n$/, '') : null;
  }
}

function lines(text: string): string[] {
  return text.split('\n').filter((line) => line !== '');
}

interface Waiting {
  readonly resolve: (content: Buffer) => void;
  readonly reject: (error: Error) => void;
  readonly id: string;
}

/** Reads blobs by their ids through one process, in the order of the calls. */
export class GitObjects {
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #waiting: Waiting[] = [];
  #chunks: Buffer[] = [];
  #length = 0;
  #expected: number | null = null;

  constructor(root: string) {
    this.#child = spawn('git', ['-C', root, 'cat-file', '--batch']);
    this.#child.stdout.on('data', (chunk: Buffer) => this.#take(chunk));
    this.#hold(false);
    this.#child.stdin.on('error', (error) => this.#fail(error));
    this.#child.on('error', (error) => this.#fail(gitMissing(error)));
    this.#child.on('close', () =>
      this.#fail(new DomainError({ kind: 'unavailable', code: 'GIT_FAILED', message: 'git cat-file ended before it had answered.' })),
    );
  }

  /** An object's bytes. @throws DomainError `GIT_OBJECT_MISSING`. */
  read(id: string): Promise<Buffer> {
    if (!/^[0-9a-f]{40,64}$/.test(id)) throw invalid('GIT_OBJECT_INVALID', `${JSON.stringify(id)} is no name of a Git object.`);
    return new Promise((resolve, reject) => {
      if (this.#waiting.length === 0) this.#hold(true);
      this.#waiting.push({ resolve, reject, id });
      this.#child.stdin.write(`${id}\n`);
    });
  }

  /** Only while an answer is awaited does the process keep ours alive: it may be kept open for later, and ends with us. */
  #hold(isHeld: boolean): void {
    const { stdin, stdout, stderr } = this.#child;
    for (const stream of [stdin, stdout, stderr] as unknown as Socket[]) {
      if (isHeld) stream.ref();
      else stream.unref();
    }
    if (isHeld) this.#child.ref();
    else this.#child.unref();
  }

  close(): void {
    this.#child.stdin.end();
  }

  #take(chunk: Buffer): void {
    this.#chunks.push(chunk);
    this.#length += chunk.length;
    while (this.#step());
    if (this.#waiting.length === 0) this.#hold(false);
  }

  /** Answers one request where everything of it has arrived. */
  #step(): boolean {
    if (this.#expected === null) {
      const data = this.#joined();
      const end = data.indexOf(10);
      if (end === -1) return false;
      const header = data.subarray(0, end).toString('utf8');
      this.#keep(data.subarray(end + 1));
      const size = /^[0-9a-f]+ \w+ (\d+)$/.exec(header)?.[1];
      if (size === undefined) {
        const waiting = this.#waiting.shift();
        waiting?.reject(
          new DomainError({ kind: 'not_found', code: 'GIT_OBJECT_MISSING', message: `Git does not have the object ${waiting.id}.` }),
        );
        return this.#length > 0;
      }
      this.#expected = Number(size);
    }
    // The bytes and a newline.
    if (this.#length < this.#expected + 1) return false;
    const data = this.#joined();
    this.#waiting.shift()?.resolve(Buffer.from(data.subarray(0, this.#expected)));
    this.#keep(data.subarray(this.#expected + 1));
    this.#expected = null;
    return this.#length > 0;
  }

  #joined(): Buffer {
    const data = this.#chunks.length === 1 ? (this.#chunks[0] ?? Buffer.alloc(0)) : Buffer.concat(this.#chunks);
    this.#keep(data);
    return data;
  }

  #keep(data: Buffer): void {
    this.#chunks = data.length === 0 ? [] : [data];
    this.#length = data.length;
  }

  #fail(error: Error): void {
    for (const waiting of this.#waiting.splice(0)) waiting.reject(error);
  }
}
