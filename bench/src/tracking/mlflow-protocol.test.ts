// Against a small real HTTP server, which answers as tracking servers do, and as they do when something is wrong.

import { createServer } from 'node:http';
import type { IncomingMessage } from 'node:http';

import { afterEach, describe, expect, it } from 'vitest';

import { connectionOf, withConnections } from './connection.ts';
import type { Connection } from './connection.ts';
import { countRuns, history, latestSteps, pageOf, runBody, searchBody } from './mlflow-protocol.ts';

const opened: { close: () => void }[] = [];

afterEach(() => {
  for (const server of opened.splice(0)) server.close();
});

/** Asks a server that answers each address with what `answerTo` says. */
async function asking<Result>(
  answerTo: (url: URL, request: IncomingMessage) => { status?: number; body: unknown },
  ask: (connection: Connection) => Promise<Result>,
): Promise<Result> {
  const server = createServer((request, response) => {
    const { status = 200, body } = answerTo(new URL(request.url ?? '/', 'http://server'), request);
    request.resume().once('end', () => response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body)));
  });
  opened.push(server);
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return withConnections(`http://127.0.0.1:${port}`, 1, (connections) => ask(connectionOf(connections, 0)));
}

describe('what the servers answer', () => {
  it('is a history that may come in pages', async () => {
    const metric = (step: number) => ({ key: 'loss', value: step / 2, timestamp: 1000 + step, ...(step === 0 ? {} : { step }) });
    const points = await asking(
      (url) => {
        const isSecond = url.searchParams.get('page_token') === 'two/2=';
        return { body: isSecond ? { metrics: [metric(2)] } : { metrics: [metric(0), metric(1)], next_page_token: 'two/2=' } };
      },
      (connection) => history(connection, 'abc', 'loss'),
    );
    expect(points).toEqual([0, 1, 2].map((step) => ({ step, timestamp: 1000 + step, value: step / 2 })));
  });

  it('is the latest step of each metric, 0 where it is left out', async () => {
    const body = { run: { info: {}, data: { metrics: [{ key: 'a', step: 7 }, { key: 'b' }] } } };
    const found = await asking(
      () => ({ body }),
      (connection) => latestSteps(connection, 'abc'),
    );
    expect(found).toEqual(
      new Map([
        ['a', 7],
        ['b', 0],
      ]),
    );
  });

  it('is no answer with any status but 200', async () => {
    const work = asking(
      () => ({ status: 500, body: { error_code: 'INTERNAL_ERROR' } }),
      (connection) => connection.get('/api'),
    );
    await expect(work).rejects.toThrow('GET /api answered 500: {"error_code":"INTERNAL_ERROR"}');
  });

  it('is an error where a field is missing', async () => {
    const work = asking(
      () => ({ body: { run: { info: {} } } }),
      (connection) => latestSteps(connection, 'abc'),
    );
    await expect(work).rejects.toThrow("the answer lacks 'data'");
  });

  it('is a page of runs, whose number is counted without taking it apart, however it is written', () => {
    const answer = { runs: ['a', 'b', 'c'].map((id) => ({ info: { run_id: id, run_uuid: id }, data: {} })), next_page_token: 'next' };
    for (const text of [JSON.stringify(answer), JSON.stringify(answer, null, 2)]) {
      expect(countRuns(Buffer.from(text))).toBe(3);
      expect(pageOf(Buffer.from(text))).toEqual({ runIds: ['a', 'b', 'c'], nextPageToken: 'next' });
    }
    expect(pageOf(Buffer.from('{}'))).toEqual({ runIds: [], nextPageToken: null });
  });
});

describe('what is sent', () => {
  it('is a run as the Python client starts it', () => {
    const body: unknown = JSON.parse(runBody({ experimentId: '7', name: 'one', startTimeMs: 5, tags: [{ key: 'team', value: 'blue' }] }));
    expect(body).toEqual({
      experiment_id: '7',
      user_id: 'bench',
      run_name: 'one',
      start_time: 5,
      tags: [
        { key: 'mlflow.user', value: 'bench' },
        { key: 'mlflow.source.name', value: 'train.py' },
        { key: 'mlflow.source.type', value: 'LOCAL' },
        { key: 'team', value: 'blue' },
      ],
    });
  });

  it('is a search, with a token where there is one', () => {
    const search = { experimentId: '7', filter: 'metrics.a > 1', orderBy: 'metrics.b DESC', maxResults: 100 };
    const body = { experiment_ids: ['7'], filter: 'metrics.a > 1', order_by: ['metrics.b DESC'], max_results: 100 };
    expect(JSON.parse(searchBody(search))).toEqual(body);
    expect(JSON.parse(searchBody({ ...search, pageToken: 'next' }))).toEqual({ ...body, page_token: 'next' });
  });
});
