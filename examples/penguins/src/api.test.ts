import type { AddressInfo } from 'node:net';
import type { RequestListener } from 'node:http';
import { createServer } from 'node:http';

import { afterEach, describe, expect, it } from 'vitest';

import { Api } from './api.ts';
import { sha256 } from './manifest.ts';

const undo: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const step of undo.splice(0)) await step();
});

/** An Api of a server that answers by itself; `asked` is every request that it got. */
async function apiOf(listener: RequestListener, token?: string): Promise<{ api: Api; asked: string[] }> {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(`${request.method ?? ''} ${request.url ?? ''} ${request.headers.authorization ?? ''}`.trim());
    listener(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  undo.push(() => new Promise((resolve) => server.close(resolve)));
  const { port } = server.address() as AddressInfo;
  return { api: new Api(`http://127.0.0.1:${port}`, token), asked };
}

const answering =
  (status: number, body: unknown): RequestListener =>
  (_request, response) => {
    response.writeHead(status, { 'Content-Type': 'application/json', Connection: 'close' }).end(JSON.stringify(body));
  };

/** Answers the first request one way and the others another way. */
function firstThen(first: RequestListener, then: RequestListener): RequestListener {
  let isFirst = true;
  return (request, response) => {
    (isFirst ? first : then)(request, response);
    isFirst = false;
  };
}

const cut: RequestListener = (request) => void request.socket.destroy();

describe('the client', () => {
  it('sends its token with every request', async () => {
    const { api, asked } = await apiOf(answering(200, { data: {} }), 'secret');
    await api.query('{ viewer { name } }');
    expect(asked).toEqual(['POST /graphql Bearer secret']);
  });

  it('throws what a Problem says, with the hint', async () => {
    const problem = { __typename: 'Problem', code: 'NAME_TAKEN', message: 'It is taken.', hint: 'Take another.' };
    const { api } = await apiOf(answering(200, { data: { result: problem } }));
    await expect(api.command('mutation { result: x }', {})).rejects.toMatchObject({
      code: 'NAME_TAKEN',
      message: 'It is taken.\nTake another.',
    });
  });

  it.each([
    ['of GraphQL', 200, { errors: [{ message: 'No.', extensions: { code: 'UNAUTHENTICATED', hint: 'Send one.' } }] }],
    ['of the server in front of it', 403, { error: { code: 'UNAUTHENTICATED', message: 'No.', hint: 'Send one.' } }],
  ])('throws an error %s in its words', async (_case, status, body) => {
    const { api } = await apiOf(answering(status, body));
    await expect(api.query('{ x }')).rejects.toMatchObject({ code: 'UNAUTHENTICATED', message: 'No.\nSend one.' });
  });

  it('asks once more where the server is not available', async () => {
    const { api, asked } = await apiOf(firstThen(answering(503, {}), answering(200, { data: { result: { id: '1' } } })));
    expect(await api.command('mutation { result: x }', {})).toEqual({ id: '1' });
    expect(asked).toHaveLength(2);
  });

  it('reads once more where the line was cut', async () => {
    const { api, asked } = await apiOf(firstThen(cut, answering(200, { data: { ok: true } })));
    expect(await api.query('{ ok }')).toEqual({ ok: true });
    expect(asked).toHaveLength(2);
  });

  it('does not change something a second time where the answer was lost', async () => {
    const { api, asked } = await apiOf(firstThen(cut, answering(200, { data: { result: {} } })));
    await expect(api.command('mutation { result: x }', {})).rejects.toThrow('There is no answer from');
    expect(asked).toHaveLength(1);
  });

  it('uploads bytes under their hash', async () => {
    const { api, asked } = await apiOf(answering(201, {}));
    const hash = sha256('penguin');
    expect(await api.upload(Buffer.from('penguin'))).toBe(hash);
    expect(asked).toEqual([`PUT /api/v1/files/${hash}`]);
  });

  it('refuses a download that hashes to something else', async () => {
    const { api } = await apiOf((_request, response) => void response.setHeader('Connection', 'close').end('pinguin'));
    await expect(api.download({ sha256: sha256('penguin') })).rejects.toMatchObject({ code: 'CORRUPT' });
  });

  it('says that no server is there, and how to start one', async () => {
    const { api } = await apiOf(answering(200, {}));
    for (const step of undo.splice(0)) await step();
    await expect(api.query('{ x }')).rejects.toThrow(/^No server answers at .*\nStart one with: npm start$/);
  });

  it('says that an address is none', () => {
    expect(() => new Api('localhost')).toThrow("'localhost' is not an address such as http://localhost:4000.");
  });
});
