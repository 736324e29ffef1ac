// What the tests of remotes share: places of each kind, objects to keep in them, and a web server that keeps files as a plain one does.

import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { encodeManifest, manifestId } from '../formats/manifest.ts';
import { printObjectId } from '../formats/object-id.ts';
import { openCache } from '../objects/cache.ts';
import type { Cache } from '../objects/cache.ts';
import { openRepositoryAt } from '../repository/repository.ts';
import type { Repository } from '../repository/repository.ts';
import type { HashName, ObjectId, Surroundings } from '../types.ts';
import { createHttpClient } from './http-client.ts';
import type { HttpOptions } from './http-client.ts';
import type { WriteSource } from './storage.ts';

/** A folder that the test's own clean-up takes away. */
export function temporaryFolder(): { folder: string; remove: () => void } {
  const folder = mkdtempSync(join(tmpdir(), 'throughline-remotes-'));
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

export function md5Of(bytes: string | Uint8Array): string {
  return createHash('md5').update(bytes).digest('hex');
}

export function idOf(bytes: string | Uint8Array): ObjectId {
  return { hash: 'md5', md5: md5Of(bytes), isTree: false };
}

export function sourceOf(bytes: Buffer, md5: string | null = null): WriteSource {
  return {
    sizeBytes: bytes.length,
    md5,
    async *open() {
      for (let at = 0; at < bytes.length; at += 100_000) yield bytes.subarray(at, at + 100_000);
    },
  };
}

export async function bytesOf(chunks: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  for await (const chunk of chunks) parts.push(chunk);
  return Buffer.concat(parts);
}

export interface WebServer {
  readonly url: string;
  readonly files: Map<string, Buffer>;
  /** Methods and paths, in the order of their coming. */
  readonly requests: string[];
  /** May answer in the server's place. */
  onRequest: ((request: IncomingMessage, response: ServerResponse) => boolean) | null;
  close(): Promise<void>;
}

/** A plain web server on a free port that keeps what is sent to it, with ranges. */
export async function startWebServer(): Promise<WebServer> {
  const files = new Map<string, Buffer>();
  const requests: string[] = [];
  const web: { onRequest: WebServer['onRequest'] } = { onRequest: null };
  const server: Server = createServer((request, response) => {
    const path = request.url ?? '/';
    requests.push(`${request.method ?? ''} ${path}`);
    if (web.onRequest?.(request, response) === true) return;
    if (request.method === 'POST' || request.method === 'PUT') void keep(request, response, path, files);
    else give(request, response, files.get(path));
  });
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  return Object.assign(web, {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    files,
    requests,
    async close() {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  });
}

async function keep(request: IncomingMessage, response: ServerResponse, path: string, files: Map<string, Buffer>): Promise<void> {
  try {
    files.set(path, await bytesOf(request as AsyncIterable<Buffer>));
    response.writeHead(201).end();
  } catch {
    // The client went away within its body: nothing is kept.
  }
}

function give(request: IncomingMessage, response: ServerResponse, bytes: Buffer | undefined): void {
  if (bytes === undefined) {
    response.writeHead(404).end('no such file');
    return;
  }
  const start = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0);
  const part = bytes.subarray(start);
  const range = start > 0 ? { 'content-range': `bytes ${start}-${bytes.length - 1}/${bytes.length}` } : {};
  response.writeHead(start > 0 ? 206 : 200, { 'content-length': part.length, etag: `"${md5Of(bytes)}"`, ...range });
  response.end(request.method === 'HEAD' ? undefined : part);
}

/** A client that gives up quickly. */
export function testClient(url: string, more: Partial<HttpOptions> = {}) {
  return createHttpClient({ url, headers: {}, verify: true, connectTimeoutMs: 2_000, idleTimeoutMs: 10_000, maxConnections: 8, ...more });
}

export interface TestRepository {
  readonly root: string;
  readonly repository: Repository;
  readonly cache: Cache;
  readonly warnings: string[];
  /** Opens it again, as another command would, with what its configuration says by now. */
  reopen(): Promise<Repository>;
  /** Puts files into the cache, and a `.dvc` file in the workspace: a folder of them, or a file alone. Answers the object. */
  track(path: string, content: string | Readonly<Record<string, string>>, hash?: HashName): Promise<ObjectId>;
  git(...args: string[]): string;
  /** Everything of the workspace that Git takes. */
  commit(message: string): string;
  remove(): void;
}

/** A repository in a folder of its own, with Git, and a remote `store` whose address is given, if any. */
export async function testRepository(url: string | null = null, more: readonly string[] = []): Promise<TestRepository> {
  const { folder: root, remove } = temporaryFolder();
  const warnings: string[] = [];
  const reporter = {
    task: () => ({ advance: () => undefined, setTotal: () => undefined, end: () => undefined }),
    warn: (message: string) => void warnings.push(message),
  };
  const surroundings: Surroundings = {
    workingFolder: root,
    homeFolder: root,
    globalConfigFolder: null,
    systemConfigFolder: null,
    reporter,
    signal: new AbortController().signal,
    tokenFor: () => null,
  };
  const git = (...args: string[]) =>
    execFileSync('git', ['-C', root, '-c', 'user.name=Test', '-c', 'user.email=test@example.org', ...args], {
      encoding: 'utf8',
      stdio: 'pipe',
    }).trim();
  git('init', '--quiet', '--initial-branch=main');
  mkdirSync(join(root, '.dvc'));
  writeFileSync(join(root, '.dvc', '.gitignore'), '/config.local\n/tmp\n/cache\n');
  const remote =
    url === null ? [] : ['[core]', '    remote = store', `['remote "store"']`, `    url = ${url}`, ...more.map((line) => `    ${line}`)];
  writeFileSync(join(root, '.dvc', 'config'), `${remote.join('\n')}\n`);
  const repository = await openRepositoryAt(root, surroundings);
  const cache = openCache(repository);

  const store = async (id: ObjectId, bytes: Buffer) => await cache.put(id, bytes);
  return {
    root,
    repository,
    cache,
    warnings,
    git,
    remove,
    reopen: () => openRepositoryAt(root, surroundings),
    async track(path, content, hash = 'md5') {
      const files = typeof content === 'string' ? [['', content] as const] : Object.entries(content);
      for (const [, text] of files) await store({ hash, md5: md5Of(text), isTree: false }, Buffer.from(text));
      const size = files.reduce((sum, [, text]) => sum + Buffer.byteLength(text), 0);
      let id: ObjectId = { hash, md5: md5Of(typeof content === 'string' ? content : ''), isTree: false };
      if (typeof content !== 'string') {
        const manifest = encodeManifest(files.map(([name, text]) => ({ path: name, md5: md5Of(text) })));
        id = { ...manifestId(manifest), hash };
        await store(id, manifest);
      }
      const facts = id.isTree ? `  nfiles: ${files.length}\n` : '';
      writeFileSync(
        join(root, `${path}.dvc`),
        `outs:\n- md5: ${printObjectId(id)}\n  size: ${size}\n${facts}${hash === 'md5' ? '  hash: md5\n' : ''}  path: ${path}\n`,
      );
      return id;
    },
    commit(message) {
      git('add', '--all');
      git('commit', '--quiet', '--allow-empty', '-m', message);
      return git('rev-parse', 'HEAD');
    },
  };
}
