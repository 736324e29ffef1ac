// What the tests of this domain stand on: a real database, a content library over a folder, a clock that the test moves, and callers.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { createContent } from '@throughline/content';
import type { Content } from '@throughline/content';
import type { Call } from '@throughline/database';
import { testDatabase } from '@throughline/database/testing';
import type { TestDatabase } from '@throughline/database/testing';
import { newId } from '@throughline/kernel';
import type { Caller } from '@throughline/kernel';
import { createFilesystemObjectStore } from '@throughline/object-store';

import type { Tracking } from './api.ts';
import { createTracking } from './tracking.ts';

export interface World {
  test: TestDatabase;
  content: Content;
  tracking: Tracking;
  /** A call in the first workspace, with the scope WRITE. */
  call: Call;
  /** A call in a new workspace. */
  elsewhere(): Promise<Call>;
  /** The clock, in milliseconds; it stands still until the test moves it. */
  now: { ms: number };
  /** Uploads bytes to the first workspace and answers their SHA-256. */
  upload(text: string): Promise<string>;
  end(): Promise<void>;
}

export async function makeWorld(): Promise<World> {
  const test = await testDatabase();
  const root = await mkdtemp(join(tmpdir(), 'throughline-tracking-'));
  const now = { ms: Date.UTC(2026, 10, 23, 15) };
  const clock = { now: () => new Date(now.ms) };
  const content = createContent({ database: test.database, objects: await createFilesystemObjectStore({ root }), clock });
  const tracking = createTracking({ database: test.database, content, clock });
  const elsewhere = async (): Promise<Call> => {
    const workspaceId = newId();
    await test.database.sql(`INSERT INTO workspace (id, name) VALUES ($1, $2)`, [workspaceId, `w-${workspaceId}`]);
    const caller: Caller = { workspaceId, principalId: newId(), name: 'ada', scope: 'WRITE', runId: null };
    return { caller };
  };
  const call = await elsewhere();
  return {
    test,
    content,
    tracking,
    call,
    elsewhere,
    now,
    async upload(text) {
      const { sha256 } = await content.putBlob(call, bytes(text));
      return sha256;
    },
    async end() {
      await test.drop();
      await rm(root, { recursive: true, force: true });
    },
  };
}

async function* bytes(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text);
}

/** The error code that a promise fails with; '' where it does not fail. */
export async function codeOf(promise: Promise<unknown>): Promise<string> {
  try {
    await promise;
    return '';
  } catch (error) {
    return String(Reflect.get(Object(error), 'code') ?? error);
  }
}
