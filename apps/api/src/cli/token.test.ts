// The command as people run it: a process of its own, over a real database.

import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { createAccess } from '@throughline/access';
import { findRunningPostgres, openDatabase, startEmbeddedPostgres } from '@throughline/database';
import { testDatabase } from '@throughline/database/testing';
import type { TestDatabase } from '@throughline/database/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const SCRIPT = fileURLToPath(new URL('throughline.ts', import.meta.url));

let test: TestDatabase;
beforeAll(async () => {
  test = await testDatabase();
});
afterAll(() => test.drop());

interface Outcome {
  code: number;
  stdout: string;
  stderr: string;
}

/** Runs the command; its environment is this and nothing else of ours. */
async function token(args: string[], env: Record<string, string> = { DATABASE_URL: test.url }): Promise<Outcome> {
  try {
    const { stdout, stderr } = await promisify(execFile)(process.execPath, [SCRIPT, 'token', ...args], {
      env: { NODE_ENV: 'test', PATH: process.env['PATH'] ?? '', ...env },
    });
    return { code: 0, stdout, stderr };
  } catch (error) {
    const { code = -1, stdout = '', stderr = String(error) } = error as Partial<Outcome>;
    return { code, stdout, stderr };
  }
}

describe('throughline token', () => {
  it('makes a token that works, lists it without its secret, and revokes it', async () => {
    const made = await token(['create', '--name', 'ci', '--scope', 'write', '--principal', 'robot', '--expires-days', '90', '--json']);
    expect(made).toMatchObject({ code: 0, stderr: '' });
    const { id, secret } = JSON.parse(made.stdout) as { id: string; secret: string };
    const access = createAccess({ database: test.database });
    expect(await access.authenticate(secret, 'default')).toMatchObject({ name: 'robot', scope: 'WRITE' });

    const listed = await token(['list']);
    expect(listed.stdout).toContain(id);
    expect(listed.stdout).not.toContain(secret);
    expect((await token(['revoke', id])).stdout).toContain("Revoked the token 'ci' of robot");
    expect(await createAccess({ database: test.database }).authenticate(secret)).toBeNull();
    expect((await token(['list'])).stdout).toContain('revoked');
    await access.settle();
  }, 90_000);

  it('shows the secret to people, with what to do with it', async () => {
    const { stdout } = await token(['create', '--name', 'laptop', '--scope', 'read']);
    expect(stdout).toMatch(/export MLFLOW_TRACKING_TOKEN=tl_[\w-]{43}\n/);
  });

  it('says what is wrong with a command line, and exits with 2', async () => {
    const outcome = await token(['create', '--name', 'x', '--scope', 'god']);
    expect(outcome).toMatchObject({ code: 2, stdout: '' });
    expect(outcome.stderr).toBe("'god' is no scope: read, write or admin.\nnpx throughline token --help says more.\n");
  });

  it('says what is unknown, and exits with 1', async () => {
    const unknown = await token(['revoke', 'token_0198c0de-0000-7000-8000-000000000000']);
    expect(unknown.code).toBe(1);
    expect(unknown.stderr).toContain('There is no token');
  });

  it('works on the embedded database, beside a server that runs and without one', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'throughline-token-'));
    const env = { THROUGHLINE_DATA_DIR: folder };
    try {
      const first = await token(['create', '--name', 'first', '--scope', 'admin', '--json'], env);
      expect(first.code).toBe(0);
      expect(findRunningPostgres(join(folder, 'postgres'))).toBeNull();

      const server = await startEmbeddedPostgres({ dataDir: join(folder, 'postgres'), durable: false });
      try {
        expect((await token(['create', '--name', 'second', '--scope', 'read', '--workspace', 'team'], env)).code).toBe(0);
        const database = openDatabase({ url: server.url });
        const { secret } = JSON.parse(first.stdout) as { secret: string };
        const access = createAccess({ database });
        expect(await access.authenticate(secret)).toMatchObject({ scope: 'ADMIN' });
        await access.settle();
        await database.close();
      } finally {
        await server.stop();
      }
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
});
