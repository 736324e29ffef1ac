import { describe, expect, it } from 'vitest';

import { readConfig } from '../config.ts';
import { createApp } from './app.ts';

async function get(url: string): Promise<{ status: number; body: unknown }> {
  const app = createApp(readConfig({}), () => undefined);
  app.get('/api/2.0/mlflow/:name', async () => 'found');
  app.get('/api/v1/:name', async () => {
    throw new Error('secret insides at /srv/app.ts');
  });
  const answer = await app.inject({ url, headers: { host: 'localhost' } });
  return { status: answer.statusCode, body: answer.json() };
}

describe('an address that cannot be decoded', () => {
  it("is refused in MLflow's form where it is one of MLflow's", async () => {
    expect(await get('/api/2.0/mlflow/%ff')).toMatchObject({ status: 400, body: { error_code: 'BAD_REQUEST' } });
  });

  it('is refused in the plain form elsewhere', async () => {
    expect(await get('/api/v1/%zz')).toMatchObject({ status: 400, body: { error: { code: 'MALFORMED_REQUEST' } } });
  });
});

describe('a defect', () => {
  it('is told without its insides', async () => {
    const { status, body } = await get('/api/v1/x');
    expect(status).toBe(500);
    expect(JSON.stringify(body)).not.toMatch(/secret|srv/);
  });
});
