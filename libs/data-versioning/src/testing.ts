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
import { newId } from '@throughline/kernel';
import type { Scope } from '@throughline/kernel';
import { createFilesystemObjectStore } from '@throughline/object-store';

import { createDataVersioning } from './data-versioning.ts';
import type { DataVersioning } from './data-versioning.ts';
import type { NewVersion } from './versions.ts';

export interface World extends TestDatabase {
  content: Content;
  data: DataVersioning;
  call: Call;
  /** Makes a manifest of these files (path to text) and answers its id. */
  files(files: Readonly<Record<string, string>>, call?: Call): Promise<string>;
  /** Registers these files as a version of a dataset. */
  register(
    dataset: string,
    files: Readonly<Record<string, string>>,
    more?: Partial<NewVersion>,
  ): ReturnType<DataVersioning['versions']['register']>;
  end(): Promise<void>;
}

/** A caller of a new workspace. */
export function newCall(scope: Scope = 'WRITE'): Call {
  return { caller: { workspaceId: newId(), principalId: newId(), name: 'ada', scope, runId: null } };
}

export async function newWorld(): Promise<World> {
  const test = await testDatabase();
  const root = await mkdtemp(join(tmpdir(), 'data-versioning-'));
  const content = createContent({ database: test.database, objects: await createFilesystemObjectStore({ root }) });
  const data = createDataVersioning({ database: test.database, content });
  const own = newCall();
  const files: World['files'] = async (texts, call = own) => {
    for (const text of Object.values(texts)) await content.putBlob(call, body(text));
    const entries = Object.entries(texts).map(([path, text]) => ({ path, sha256: createHash('sha256').update(text).digest('hex') }));
    return (await content.createManifest(call, { kind: 'DIR', entries })).id;
  };
  return {
    ...test,
    content,
    data,
    call: own,
    files,
    register: async (dataset, texts, more = {}) => data.versions.register(own, { dataset, manifestId: await files(texts), ...more }),
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
