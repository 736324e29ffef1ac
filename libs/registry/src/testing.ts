// What the tests of this domain share: a workspace over a real database and a folder of objects.

import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { createContent } from '@throughline/content';
import type { Content } from '@throughline/content';
import type { Call } from '@throughline/database';
import { testDatabase } from '@throughline/database/testing';
import type { TestDatabase } from '@throughline/database/testing';
import type { Scope } from '@throughline/kernel';
import { newId } from '@throughline/kernel';
import { createFilesystemObjectStore } from '@throughline/object-store';

import { createRegistry } from './registry.ts';
import type { Registry } from './registry.ts';
import type { ModelVersion } from './types.ts';
import type { CreateVersionInput } from './versions.ts';
import type { WebhookOptions } from './webhooks/webhooks.ts';

export interface World extends TestDatabase {
  content: Content;
  registry: Registry;
  call: Call;
  /** Moves the domain's clock, also back. */
  pass(ms: number): void;
  /** Makes a manifest of one file that holds this text, and answers its id. */
  manifest(text: string, call?: Call): Promise<string>;
  /** Registers a version of a model whose one file holds this text. */
  register(model: string, text?: string, more?: Partial<CreateVersionInput>): Promise<ModelVersion>;
  end(): Promise<void>;
}

/** A caller of a new workspace. */
export function newCall(scope: Scope = 'WRITE', name: string = 'ada'): Call {
  return { caller: { workspaceId: newId(), principalId: newId(), name, scope, runId: null } };
}

/** A workspace over an empty database; `webhooks` says how they are delivered. */
export async function newWorld(webhooks?: WebhookOptions): Promise<World> {
  const test = await testDatabase();
  const root = await mkdtemp(join(tmpdir(), 'registry-'));
  const content = createContent({ database: test.database, objects: await createFilesystemObjectStore({ root }) });
  let aheadMs = 0;
  const clock = { now: () => new Date(Date.now() + aheadMs) };
  const registry = createRegistry({ database: test.database, content, clock, ...(webhooks === undefined ? {} : { webhooks }) });
  const own = newCall();
  const manifest: World['manifest'] = async (text, call = own) => {
    await content.putBlob(call, body(text));
    const entries = [{ path: 'model.bin', sha256: createHash('sha256').update(text).digest('hex') }];
    return (await content.createManifest(call, { kind: 'DIR', entries })).id;
  };
  return {
    ...test,
    content,
    registry,
    call: own,
    pass: (ms) => {
      aheadMs += ms;
    },
    manifest,
    register: async (model, text = 'weights', more = {}) =>
      registry.versions.create(own, {
        name: model,
        createModel: true,
        source: 'runs:/abc/model',
        manifestId: await manifest(text),
        ...more,
      }),
    async end() {
      await test.drop();
      await rm(root, { recursive: true, force: true });
    },
  };
}

function body(text: string): AsyncIterable<Uint8Array> {
  return {
    async *[Symbol.asyncIterator]() {
      yield await Promise.resolve(Buffer.from(text));
    },
  };
}
