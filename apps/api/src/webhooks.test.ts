// Goal: whoever was told that something is done will be told of it by webhook too, whatever becomes of the server in between. Method: a real
// server that is killed in the middle of a delivery, with more of them waiting, and started again over the same database and data folder.

import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { testDatabase } from '@throughline/database/testing';
import type { TestDatabase } from '@throughline/database/testing';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';

import { secretKeyOf } from './secret-key.ts';
import { killAll, startServer } from './testing/test-server.ts';

const SECRET = 'a secret between the two';

interface Received {
  id: string;
  model: string;
  /** Whether the signature is that of the secret over what was received. */
  isSigned: boolean;
}

let dataDir: string;
let database: TestDatabase;
let receiver: Server;
let received: Received[];
let answers: boolean;

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'throughline-webhooks-'));
  database = await testDatabase();
  received = [];
  answers = false;
  receiver = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (text: string) => (body += text));
    request.on('end', () => {
      const header = (name: string) => String(request.headers[name]);
      const [id, time] = [header('x-mlflow-delivery-id'), header('x-mlflow-timestamp')];
      const signature = `v1,${createHmac('sha256', SECRET).update(`${id}.${time}.${body}`).digest('base64')}`;
      const { data } = JSON.parse(body) as { data: { name: string } };
      received.push({ id, model: data.name, isSigned: header('x-mlflow-signature') === signature });
      if (answers) response.end();
    });
  });
  receiver.listen(0, '127.0.0.1');
  await once(receiver, 'listening');
});
afterEach(() => {
  killAll();
});
afterAll(async () => {
  receiver.closeAllConnections();
  receiver.close();
  await database.drop();
  await rm(dataDir, { recursive: true, force: true });
});

function urlOf(server: Server): string {
  const address = server.address();
  return `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}/`;
}

describe('a server that is killed while it delivers', () => {
  it('delivers everything after its restart, under the same ids and signed', { timeout: 60_000 }, async () => {
    const env = { THROUGHLINE_DATA_DIR: dataDir, DATABASE_URL: database.url, THROUGHLINE_WEBHOOK_ALLOW_PRIVATE: '1' };
    const names = ['one', 'two', 'three'];
    const first = await startServer(env);
    const events = [{ entity: 'REGISTERED_MODEL', action: 'CREATED' }];
    await first.client.mlflow('webhooks', { name: 'told', url: urlOf(receiver), events, secret: SECRET });
    for (const name of names) await first.client.mlflow('registered-models/create', { name });
    // The first one is under way and hangs; the others wait for it.
    await expect.poll(() => received.length, { timeout: 10_000, interval: 20 }).toBe(1);
    await first.end('SIGKILL');
    const [torn] = received;

    // The lease of what was under way is over.
    await database.database.sql(`UPDATE webhook_delivery SET due_at = now() WHERE state = 'PENDING'`);
    received.length = 0;
    answers = true;
    const second = await startServer(env);
    await expect.poll(() => received.length, { timeout: 20_000, interval: 20 }).toBe(3);
    await expect
      .poll(() => database.database.sql('SELECT state, attempts FROM webhook_delivery ORDER BY sequence'), { timeout: 10_000 })
      .toEqual([
        { state: 'DELIVERED', attempts: 2 },
        { state: 'DELIVERED', attempts: 1 },
        { state: 'DELIVERED', attempts: 1 },
      ]);
    expect({ models: received.map(({ model }) => model).sort(), signed: received.every(({ isSigned }) => isSigned) }).toEqual({
      models: [...names].sort(),
      signed: true,
    });
    expect(received.find(({ model }) => model === torn?.model)?.id).toBe(torn?.id);
    const { code, said } = await second.end('SIGTERM');
    expect({ code, said }).toEqual({ code: 0, said: '' });
  });
});

describe('the key of secrets', () => {
  it('is made once in the data folder, for its owner alone, and stays', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'throughline-key-'));
    try {
      const keys = [1, 2].map(() => Buffer.from(secretKeyOf({ secretKey: null, dataDir: folder })()).toString('base64'));
      const kept = (await readFile(join(folder, 'secret.key'), 'utf8')).trim();
      expect({ keys, bytes: Buffer.from(kept, 'base64').length, mode: (await stat(join(folder, 'secret.key'))).mode & 0o777 }).toEqual({
        keys: [kept, kept],
        bytes: 32,
        mode: 0o600,
      });
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });

  it('that is damaged is not replaced, since the secrets under it would be lost', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'throughline-key-'));
    try {
      await writeFile(join(folder, 'secret.key'), 'half');
      expect(secretKeyOf({ secretKey: null, dataDir: folder })).toThrow(expect.objectContaining({ code: 'SECRET_KEY_DAMAGED' }));
      expect(await readFile(join(folder, 'secret.key'), 'utf8')).toBe('half');
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });

  it('is the one of the configuration where there is one', () => {
    const secretKey = Buffer.alloc(32, 7);
    expect(secretKeyOf({ secretKey, dataDir: '/nowhere' })()).toBe(secretKey);
  });
});
