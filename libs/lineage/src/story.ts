// The story of the tests: data v1 -> cleaned v2 -> run -> logged model -> model version -> deployments, with real bytes behind them.

import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { createContent } from '@throughline/content';
import type { Content, ManifestInfo } from '@throughline/content';
import type { Call } from '@throughline/database';
import { testDatabase } from '@throughline/database/testing';
import type { TestDatabase } from '@throughline/database/testing';
import { newId, notFound, parseNodeId } from '@throughline/kernel';
import type { DomainEdge, GraphNodeKind, NodeRef } from '@throughline/kernel';
import { createFilesystemObjectStore } from '@throughline/object-store';

import { createLineage } from './lineage.ts';
import type { Lineage } from './lineage.ts';
import { edge, facts, node, portOver } from './testing.ts';
import type { GraphOfTest, PortOfTest } from './testing.ts';
import { keyOf } from './walk.ts';

export interface World extends TestDatabase {
  content: Content;
  call: Call;
  /** An engine over one port with this graph. */
  over(graph: GraphOfTest): { lineage: Lineage; port: PortOfTest };
  manifest(files: Readonly<Record<string, string>>): Promise<ManifestInfo>;
  /** Turns one bit of the stored bytes of a text. */
  flip(text: string): Promise<void>;
  /** Lets a worker finish all verifications. */
  verifyAll(id: string): Promise<void>;
  end(): Promise<void>;
}

export async function newWorld(): Promise<World> {
  const test = await testDatabase();
  const root = await mkdtemp(join(tmpdir(), 'lineage-'));
  const content = createContent({ database: test.database, objects: await createFilesystemObjectStore({ root }) });
  const call: Call = { caller: { workspaceId: newId(), principalId: newId(), name: 'ada', scope: 'WRITE', runId: null } };
  return {
    ...test,
    content,
    call,
    over(graph) {
      const port = portOver(graph);
      return { port, lineage: createLineage({ ports: [port], content, resolve: (_call, text) => Promise.resolve(resolve(text)) }) };
    },
    async manifest(files) {
      for (const text of Object.values(files)) await content.putBlob(call, body(text));
      const entries = Object.entries(files).map(([path, text]) => ({ path, sha256: sha256(text) }));
      return content.createManifest(call, { kind: 'DIR', entries });
    },
    async flip(text) {
      const rows = await test.database.sql<{ key: string }>('SELECT storage_key AS key FROM blob WHERE sha256 = $1', [
        Buffer.from(sha256(text), 'hex'),
      ]);
      const all = await readdir(root, { recursive: true });
      const path = all.find((one) => one.endsWith(rows[0]?.key ?? '?'));
      if (path === undefined) throw new Error('no file holds these bytes');
      const file = join(root, path);
      const bytes = await readFile(file);
      bytes[0] = (bytes[0] ?? 0) ^ 1;
      await rm(file);
      await writeFile(file, bytes);
    },
    async verifyAll(id) {
      const done = new AbortController();
      const worker = content.runVerification({ signal: done.signal });
      try {
        await finished(content, call, id);
      } finally {
        done.abort();
        await worker;
      }
    },
    async end() {
      await test.drop();
      await rm(root, { recursive: true, force: true });
    },
  };
}

/** Asks until the job has ended; each question is a round trip to the database. */
async function finished(content: Content, call: Call, id: string): Promise<void> {
  for (;;) {
    const { state, error } = await content.getVerification(call, id);
    if (state === 'DONE') return;
    if (state === 'FAILED') throw new Error(error ?? 'the verification failed');
  }
}

const GRAPH_KINDS: readonly string[] = ['deployment', 'modelVersion', 'loggedModel', 'run', 'datasetInput', 'datasetVersion'];

function resolve(text: string): NodeRef {
  const parsed = parseNodeId(text);
  if (parsed === null || !GRAPH_KINDS.includes(parsed.kind)) throw notFound('NODE_NOT_FOUND', `There is no ${text}.`);
  return { kind: parsed.kind as GraphNodeKind, id: parsed.id };
}

export function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

function body(text: string): AsyncIterable<Uint8Array> {
  return {
    async *[Symbol.asyncIterator]() {
      yield await Promise.resolve(Buffer.from(text));
    },
  };
}

export const LIVE = node('deployment', 9);
export const ENDED = node('deployment', 8);
export const VERSION = node('modelVersion', 3);
export const LOGGED = node('loggedModel', 7);
export const RUN = node('run', 5);
export const CLEAN = node('datasetVersion', 2);
export const RAW = node('datasetVersion', 1);

/** The whole story over real manifests; `changes` replace edges between the same two nodes, or add to them. */
export async function storyOf(
  world: World,
  texts: { clean: string; model: string; raw: string },
  changes: readonly DomainEdge[] = [],
): Promise<GraphOfTest> {
  const [clean, raw, model] = [
    await world.manifest({ 'train.csv': texts.clean, 'test.csv': `${texts.clean} test` }),
    await world.manifest({ 'penguins.json': texts.raw }),
    await world.manifest({ 'model.onnx': texts.model }),
  ];
  const files = await world.content.createFileSet(world.call);
  const between = (one: DomainEdge) => `${keyOf(one.from)} ${keyOf(one.to)}`;
  const changed = new Set(changes.map(between));
  const edges = [
    edge(LIVE, VERSION, 'deployed'),
    edge(ENDED, VERSION, 'deployed'),
    edge(VERSION, LOGGED, 'registered from'),
    edge(LOGGED, RUN, 'produced by', 'OBSERVED'),
    edge(RUN, CLEAN, 'read', 'OBSERVED'),
    edge(CLEAN, RAW, 'derived from', 'OBSERVED'),
  ];
  return {
    nodes: [
      facts(LIVE, { endedAt: null }),
      facts(ENDED, { endedAt: new Date(0) }),
      facts(VERSION, { manifestId: model.id }),
      facts(LOGGED, { fileSetId: files }),
      facts(RUN),
      facts(CLEAN, { manifestId: clean.id }),
      facts(RAW, { manifestId: raw.id }),
    ],
    edges: [...edges.filter((one) => !changed.has(between(one))), ...changes],
  };
}
