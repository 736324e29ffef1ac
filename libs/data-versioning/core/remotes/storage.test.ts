// Places for files that every machine has: a folder, and a web server.

import { readdirSync } from 'node:fs';

import { describe, expect, it } from 'vitest';

import { openHttp } from './http.ts';
import { openFolder } from './local.ts';
import { holdToContract } from './storage-contract.ts';
import type { Place } from './storage-contract.ts';
import { sourceOf, startWebServer, temporaryFolder, testClient } from './testing.ts';

const { signal } = new AbortController();

async function folderPlace(): Promise<Place> {
  const { folder, remove } = temporaryFolder();
  return { open: async () => openFolder({ folder: `${folder}/not/yet/there` }), close: async () => remove() };
}

async function webPlace(): Promise<Place> {
  const web = await startWebServer();
  return {
    open: async () => openHttp({ url: `${web.url}/base`, client: testClient(web.url), uploadMethod: 'POST' }),
    close: () => web.close(),
  };
}

holdToContract('A folder', folderPlace);
holdToContract('A web server', webPlace);

describe('A folder as a place for files', () => {
  it('leaves no temporary file behind a write that failed', async () => {
    const { folder, remove } = temporaryFolder();
    const storage = openFolder({ folder });
    const source = { sizeBytes: 9, md5: null, open: () => bytesThenFailure() };
    await expect(storage.write('a/b', source, signal)).rejects.toThrow('broke');
    expect(readdirSync(`${folder}/a`)).toEqual([]);
    remove();
  });

  it('refuses a source that has become shorter than it said', async () => {
    const { folder, remove } = temporaryFolder();
    const storage = openFolder({ folder });
    const source = { ...sourceOf(Buffer.from('short')), sizeBytes: 99 };
    await expect(storage.write('a', source, signal)).rejects.toMatchObject({ kind: 'conflict', code: 'SOURCE_CHANGED' });
    remove();
  });
});

async function* bytesThenFailure(): AsyncGenerator<Uint8Array> {
  yield Buffer.from('begun');
  throw new RangeError('the source broke');
}
