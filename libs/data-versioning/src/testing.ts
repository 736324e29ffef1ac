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
import type { ProfileLimits } from './tables/profiles.ts';
import type { NewVersion } from './versions.ts';

type FileContents = Readonly<Record<string, string | Uint8Array>>;

export interface World extends TestDatabase {
  content: Content;
  data: DataVersioning;
  call: Call;
  objectsDir: string;
  /** Where tables are stored while they are read. */
  scratchDir: string;
  /** Makes a manifest of these files (path to content) and answers its id. */
  files(files: FileContents, call?: Call): Promise<string>;
  /** Registers these files as a version of a dataset. */
  register(dataset: string, files: FileContents, more?: Partial<NewVersion>): ReturnType<DataVersioning['versions']['register']>;
  end(): Promise<void>;
}

/** A caller of a new workspace. */
export function newCall(scope: Scope = 'WRITE'): Call {
  return { caller: { workspaceId: newId(), principalId: newId(), name: 'ada', scope, runId: null } };
}

export async function newWorld(profileLimits: Partial<ProfileLimits> = {}): Promise<World> {
  const test = await testDatabase();
  const root = await mkdtemp(join(tmpdir(), 'data-versioning-'));
  const objectsDir = join(root, 'objects');
  const content = createContent({ database: test.database, objects: await createFilesystemObjectStore({ root: objectsDir }) });
  const scratchDir = join(root, 'scratch');
  const data = createDataVersioning({ database: test.database, content, scratchDir, profileLimits });
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
    objectsDir,
    scratchDir,
    call: own,
    files,
    register: async (dataset, texts, more = {}) => data.versions.register(own, { dataset, manifestId: await files(texts), ...more }),
    async end() {
      await test.drop();
      await rm(root, { recursive: true, force: true });
    },
  };
}

function body(text: string | Uint8Array): AsyncIterable<Uint8Array> {
  return {
    async *[Symbol.asyncIterator]() {
      yield await Promise.resolve(Buffer.from(text));
    },
  };
}
