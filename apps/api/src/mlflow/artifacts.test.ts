// Every way by which a file comes out of the server, held to the same rules; and what may not come in.

import { connect } from 'node:net';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { sha256Of, startWorld } from '../testing/world.ts';
import type { World } from '../testing/world.ts';
import { speakMlflow } from '../testing/mlflow.ts';
import type { MlflowClient } from '../testing/mlflow.ts';

const NAME = 'Größe (1)\'s "x" 100%.csv';
const TEXT = '0123456789';
const SHA256 = sha256Of(Buffer.from(TEXT));
const PROXY = '/api/2.0/mlflow-artifacts/artifacts';

let world: World;
let mlflow: MlflowClient;
let experimentId: string;
/** A run and a logged model with the same files. */
let run: string;
let model: string;
/** Where every file of the suite comes out. */
const routes = new Map<string, string>();

const encode = (path: string) => path.split('/').map(encodeURIComponent).join('/');

/** A new run; answers its id, and where its files are. */
async function newRun(): Promise<{ runId: string; base: string }> {
  const runId = await mlflow.run(experimentId);
  return { runId, base: `${PROXY}/${experimentId}/${runId}/artifacts` };
}

async function put(base: string, path: string, body: string): Promise<void> {
  expect((await world.send('PUT', `${base}/${encode(path)}`, body)).status).toBe(200);
}

const get = (path: string, headers: Record<string, string> = {}) => world.send('GET', path, undefined, { headers });

async function listed(runId: string, path?: string): Promise<{ path: string; is_dir: boolean; file_size?: number }[]> {
  const { body } = await mlflow.get('artifacts/list', { run_id: runId, ...(path === undefined ? {} : { path }) });
  return (body as { files?: { path: string; is_dir: boolean; file_size?: number }[] }).files ?? [];
}

beforeAll(async () => {
  world = await startWorld();
  mlflow = speakMlflow(world);
  experimentId = await mlflow.experiment('artifacts');
  ({ runId: run } = await newRun());
  await put(`${PROXY}/${experimentId}/${run}/artifacts`, `d/${NAME}`, TEXT);
  const logged = await mlflow.did<{ model: { info: { model_id: string } } }>('logged-models', { experiment_id: experimentId, name: 'm' });
  model = logged.model.info.model_id;
  await put(`${PROXY}/${experimentId}/models/${model}/artifacts`, `d/${NAME}`, TEXT);
  await mlflow.did('registered-models/create', { name: 'r' });
  const source = `mlflow-artifacts:/${experimentId}/${run}/artifacts`;
  await mlflow.did('model-versions/create', { name: 'r', source, run_id: run });
  const { body } = await mlflow.get('model-versions/get-download-uri', { name: 'r', version: '1' });
  const frozen = (body as { artifact_uri: string }).artifact_uri.replace('mlflow-artifacts:/', '');
  await world.command('registerDatasetVersion', { input: { dataset: 'data', files: [{ path: `d/${NAME}`, sha256: SHA256 }] } });

  const path = encodeURIComponent(`d/${NAME}`);
  routes.set('a run by the proxy', `${PROXY}/${experimentId}/${run}/artifacts/${encode(`d/${NAME}`)}`);
  routes.set(
    'a run by the proxy for pages',
    `/ajax-api/2.0/mlflow-artifacts/artifacts/${experimentId}/${run}/artifacts/${encode(`d/${NAME}`)}`,
  );
  routes.set('a logged model by the proxy', `${PROXY}/${experimentId}/models/${model}/artifacts/${encode(`d/${NAME}`)}`);
  routes.set('a model version by the proxy', `${PROXY}/${frozen}/${encode(`d/${NAME}`)}`);
  routes.set('get-artifact', `/get-artifact?run_id=${run}&path=${path}`);
  routes.set('get-artifact by the old name', `/get-artifact?run_uuid=${run}&path=${path}`);
  routes.set('model-versions/get-artifact', `/model-versions/get-artifact?name=r&version=1&path=${path}`);
  routes.set('a logged model, for pages', `/ajax-api/2.0/mlflow/logged-models/${model}/artifacts/files?artifact_file_path=${path}`);
  routes.set('its hash', `/api/v1/files/${SHA256}?filename=${encodeURIComponent(NAME)}`);
  routes.set('a dataset', `/api/v1/datasets/data/versions/1/files/${encode(`d/${NAME}`)}`);
});
afterAll(() => world.close());

describe.each([
  'a run by the proxy',
  'a run by the proxy for pages',
  'a logged model by the proxy',
  'a model version by the proxy',
  'get-artifact',
  'get-artifact by the old name',
  'model-versions/get-artifact',
  'a logged model, for pages',
  'its hash',
  'a dataset',
])('a file that is asked for through %s', (name) => {
  const route = () => routes.get(name) ?? '';
  const ETAG = `"${SHA256}"`;

  it('comes whole, to be saved under its name and never to be shown', async () => {
    const { status, text, headers } = await get(route());
    expect([status, text]).toEqual([200, TEXT]);
    expect(Object.fromEntries(headers)).toMatchObject({
      'content-type': 'application/octet-stream',
      'content-length': '10',
      'content-disposition': `attachment; filename="Gr__e (1)'s _x_ 100_.csv"; filename*=UTF-8''Gr%C3%B6%C3%9Fe%20%281%29%27s%20%22x%22%20100%25.csv`,
      'x-content-type-options': 'nosniff',
      'content-security-policy': "default-src 'none'; sandbox",
      'accept-ranges': 'bytes',
      etag: ETAG,
    });
  });

  it.each([
    ['a range', 'bytes=2-4', '234', '2-4'],
    ['a range without an end', 'bytes=7-', '789', '7-9'],
    ['the last bytes', 'bytes=-2', '89', '8-9'],
    ['a range over its end', 'bytes=8-99', '89', '8-9'],
    ['one byte', 'bytes=0-0', '0', '0-0'],
  ])('comes as %s', async (_what, range, expected, told) => {
    const { status, text, headers } = await get(route(), { range });
    expect([status, text]).toEqual([206, expected]);
    expect(headers.get('content-range')).toBe(`bytes ${told}/10`);
    expect(headers.get('content-length')).toBe(String(expected.length));
  });

  it('comes whole where several ranges are asked for, or none that makes sense', async () => {
    for (const range of ['bytes=0-1,4-5', 'bytes=4-2', 'lines=0-1', 'bytes=x']) {
      const { status, text } = await get(route(), { range });
      expect([range, status, text]).toEqual([range, 200, TEXT]);
    }
  });

  it('does not come for a range behind its end', async () => {
    const { status, headers } = await get(route(), { range: 'bytes=10-' });
    expect(status).toBe(416);
    expect(headers.get('content-range')).toBe('bytes */10');
  });

  it('comes in a range only while it is still what the client has a part of', async () => {
    const same = await get(route(), { range: 'bytes=0-1', 'if-range': ETAG });
    expect([same.status, same.text]).toEqual([206, '01']);
    for (const other of ['"other"', `W/${ETAG}`, 'Wed, 21 Oct 2015 07:28:00 GMT']) {
      const whole = await get(route(), { range: 'bytes=0-1', 'if-range': other });
      expect([other, whole.status, whole.text]).toEqual([other, 200, TEXT]);
    }
  });

  it('does not come again to who has it', async () => {
    for (const tags of [ETAG, `W/${ETAG}`, `"other", ${ETAG}`, '*']) {
      const { status, text, headers } = await get(route(), { 'if-none-match': tags });
      expect([tags, status, text, headers.get('etag')]).toEqual([tags, 304, '', ETAG]);
    }
    expect((await get(route(), { 'if-none-match': '"other"' })).status).toBe(200);
  });

  it('is described without its bytes, whole whatever range is named', async () => {
    const { status, text, headers } = await world.send('HEAD', route(), undefined, { headers: { range: 'bytes=0-1' } });
    expect([status, text]).toEqual([200, '']);
    expect(Object.fromEntries(headers)).toMatchObject({ 'content-length': '10', etag: ETAG, 'accept-ranges': 'bytes' });
  });
});

describe('the listings of a run', () => {
  it('tell its root and paths below it, and those of the proxy names alone', async () => {
    const { runId, base } = await newRun();
    await put(base, 'a/b/c.txt', 'abc');
    const root_uri = `mlflow-artifacts:/${experimentId}/${runId}/artifacts`;
    const list = async (path: string) => (await mlflow.get('artifacts/list', { run_id: runId, ...(path === '' ? {} : { path }) })).body;
    const proxied = async (path: string): Promise<unknown> =>
      JSON.parse((await get(`${PROXY}?path=${encodeURIComponent(`${experimentId}/${runId}/artifacts/${path}`)}`)).text);
    expect([await list(''), await list('a'), await list('a/b')]).toEqual([
      { root_uri, files: [{ path: 'a', is_dir: true }] },
      { root_uri, files: [{ path: 'a/b', is_dir: true }] },
      { root_uri, files: [{ path: 'a/b/c.txt', is_dir: false, file_size: 3 }] },
    ]);
    expect([await proxied('a'), await proxied('a/b')]).toEqual([
      { files: [{ path: 'b', is_dir: true }] },
      { files: [{ path: 'c.txt', is_dir: false, file_size: 3 }] },
    ]);
  });
});

describe('a path of an artifact', () => {
  it.each([
    ['climbs', '..%2F..%2Fx'],
    ['climbs, encoded twice', '%252e%252e%2Fx'],
    ['climbs on Windows', '..%5C..%5Cx'],
    ['has a NUL', 'a%00b'],
    ['has another control character', 'a%0Ab'],
    ['has an empty part', 'a%2F%2Fb'],
    ['begins with a drive', 'C%3A%2Fx'],
    ['is longer than any', 'x'.repeat(300)],
  ])('is refused everywhere where it %s', async (_what, path) => {
    const { runId, base } = await newRun();
    const asked = await Promise.all([
      world.send('PUT', `${base}/${path}`, 'x'),
      world.send('DELETE', `${base}/${path}`),
      get(`${base}/${path}`),
      get(`${PROXY}?path=${experimentId}%2F${runId}%2Fartifacts%2F${path}`),
      get(`/get-artifact?run_id=${runId}&path=${path}`),
      get(`/api/2.0/mlflow/artifacts/list?run_id=${runId}&path=${path}`),
      get(`/ajax-api/2.0/mlflow/logged-models/${model}/artifacts/files?artifact_file_path=${path}`),
      get(`/api/2.0/mlflow/logged-models/${model}/artifacts/directories?artifact_directory_path=${path}`),
      get(`/model-versions/get-artifact?name=r&version=1&path=${path}`),
      world.send('POST', `/ajax-api/2.0/mlflow/upload-artifact?run_uuid=${runId}&path=${path}`, 'x'),
    ]);
    for (const { status, text } of asked) {
      expect([400, 404]).toContain(status);
      expect(text).toMatch(/INVALID_PARAMETER_VALUE|RESOURCE_DOES_NOT_EXIST|BAD_REQUEST/);
    }
    expect(asked.slice(0, 1).map(({ status }) => status)).toEqual([400]);
    expect(await listed(runId)).toEqual([]);
  });

  it('keeps the form of its letters: what looks alike and is written otherwise is another file', async () => {
    const { runId, base } = await newRun();
    const [composed, decomposed] = ['caf\u00e9.txt', 'cafe\u0301.txt'];
    await put(base, composed, 'one');
    await put(base, decomposed, 'two');
    expect((await get(`${base}/${encode(composed)}`)).text).toBe('one');
    expect((await get(`${base}/${encode(decomposed)}`)).text).toBe('two');
    expect((await listed(runId)).map(({ path }) => path).sort()).toEqual([composed, decomposed].sort());
  });

  it('may be named more than once, and then the first counts', async () => {
    expect((await get(`/get-artifact?run_id=${run}&path=${encodeURIComponent(`d/${NAME}`)}&path=absent`)).text).toBe(TEXT);
    expect((await get(`${PROXY}?path=${experimentId}%2F${run}%2Fartifacts&path=x`)).status).toBe(200);
  });

  it('is refused where its encoding is broken', async () => {
    const { base } = await newRun();
    for (const path of ['%ED%A0%80', '%', '%zz']) {
      const { status, text } = await world.send('PUT', `${base}/${path}`, 'x');
      expect([status, text]).toEqual([400, expect.stringContaining('BAD_REQUEST')]);
    }
  });
});

describe('a folder of artifacts', () => {
  it('is listed by names through the proxy, and by paths from the root of the run', async () => {
    const { runId, base } = await newRun();
    for (const path of ['b.txt', 'a/x.txt', 'a/deep/y.txt', 'a.txt']) await put(base, path, path);
    const proxied = JSON.parse((await get(`${PROXY}?path=${experimentId}/${runId}/artifacts/a`)).text) as { files: object[] };
    expect(proxied.files).toEqual([
      { path: 'deep', is_dir: true },
      { path: 'x.txt', is_dir: false, file_size: 7 },
    ]);
    expect(await listed(runId, 'a')).toEqual([
      { path: 'a/deep', is_dir: true },
      { path: 'a/x.txt', is_dir: false, file_size: 7 },
    ]);
    expect((await listed(runId)).map(({ path }) => path).sort()).toEqual(['a', 'a.txt', 'b.txt']);
    expect(await listed(runId, 'a/')).toEqual(await listed(runId, 'a'));
    expect(await listed(runId, 'b.txt')).toEqual([]);
    expect(await listed(runId, 'absent')).toEqual([]);
  });

  it('is no file, and a file is no folder', async () => {
    const { runId, base } = await newRun();
    await put(base, 'a/b', 'x');
    for (const path of ['a', 'a/b/c']) {
      const { status, text } = await world.send('PUT', `${base}/${path}`, 'over it');
      expect([status, text]).toEqual([400, expect.stringContaining('INVALID_PARAMETER_VALUE')]);
    }
    expect((await get(`${base}/a`)).status).toBe(404);
    expect((await get(`${base}/a/b`)).text).toBe('x');
    expect(await listed(runId, 'a')).toHaveLength(1);
  });

  it('goes with everything in it, and with nothing else', async () => {
    const { runId, base } = await newRun();
    for (const path of ['a/x', 'a/deep/y', 'ab/z', 'a.txt']) await put(base, path, path);
    expect((await world.send('DELETE', `${base}/a`)).status).toBe(200);
    expect((await world.send('DELETE', `${base}/a`)).status).toBe(200);
    expect((await listed(runId)).map(({ path }) => path).sort()).toEqual(['a.txt', 'ab']);
  });
});

describe('a file on its way in', () => {
  it('may be empty, with or without a body', async () => {
    const { runId, base } = await newRun();
    await put(base, 'none', '');
    expect((await world.send('PUT', `${base}/nothing`)).status).toBe(200);
    expect(await listed(runId)).toEqual([
      { path: 'none', is_dir: false, file_size: 0 },
      { path: 'nothing', is_dir: false, file_size: 0 },
    ]);
    expect((await get(`${base}/none`)).text).toBe('');
    expect((await get(`${base}/none`, { range: 'bytes=0-' })).status).toBe(416);
  });

  it('is not there where its client went away in the middle, or said that it is longer', async () => {
    const { runId, base } = await newRun();
    const before = await world.countRows('blob');
    const { hostname, port } = new URL(world.url);
    await new Promise<void>((done, failed) => {
      const socket = connect(Number(port), hostname, () => {
        socket.write(`PUT ${base}/cut.bin HTTP/1.1\r\nHost: ${hostname}\r\nContent-Length: 1000\r\n\r\nnot a thousand`, () => socket.end());
      });
      socket.on('close', () => done()).on('error', failed);
      socket.resume();
    });
    // Whatever the server still did with it was done before it answers another request to the same run.
    await put(base, 'after.txt', 'after the cut');
    expect((await listed(runId)).map(({ path }) => path)).toEqual(['after.txt']);
    expect(await world.countRows('blob')).toEqual({ blob: (before['blob'] ?? 0) + 1 });
  });

  it('is refused by a run that was deleted, whose files stay readable', async () => {
    const { runId, base } = await newRun();
    await put(base, 'kept.txt', 'kept');
    await mlflow.did('runs/delete', { run_id: runId });
    const files = await world.countFiles();
    for (const [method, path] of [
      ['PUT', 'new.txt'],
      ['PUT', 'kept.txt'],
      ['DELETE', 'kept.txt'],
    ] as const) {
      const { status, text } = await world.send(method, `${base}/${path}`, method === 'PUT' ? 'changed' : undefined);
      expect([status, text]).toEqual([400, expect.stringContaining('INVALID_PARAMETER_VALUE')]);
    }
    expect(await world.countFiles()).toBe(files);
    expect((await get(`${base}/kept.txt`)).text).toBe('kept');
  });

  it('tells a client why it is refused that sends far more than a line holds', async () => {
    const { runId, base } = await newRun();
    await mlflow.did('runs/delete', { run_id: runId });
    const { status, text } = await world.send('PUT', `${base}/large.bin`, new Uint8Array(48 * 2 ** 20));
    expect([status, text]).toEqual([400, expect.stringContaining("must be in the 'active' state")]);
  });

  it('is refused by the files of a model version', async () => {
    const frozen = routes.get('a model version by the proxy') ?? '';
    expect((await world.send('PUT', frozen, 'other')).status).toBe(400);
    expect((await world.send('DELETE', frozen)).status).toBe(400);
    expect((await get(frozen)).text).toBe(TEXT);
  });
});

describe("the upload of MLflow's pages", () => {
  const upload = (query: string, body: string | Uint8Array<ArrayBuffer>) =>
    world.send('POST', `/ajax-api/2.0/mlflow/upload-artifact${query}`, body);

  it('puts a file among those of a run, and answers nothing', async () => {
    const { runId, base } = await newRun();
    const answer = await upload(`?run_uuid=${runId}&path=${encodeURIComponent('ü/x.json')}`, '{"a": 1}');
    expect([answer.status, answer.text, answer.headers.get('content-type')]).toEqual([200, '', 'application/json; charset=utf-8']);
    expect((await get(`${base}/${encode('ü/x.json')}`)).text).toBe('{"a": 1}');
  });

  it('says what is missing, and what is too large', async () => {
    const { runId } = await newRun();
    const limit = 10 * 2 ** 20;
    const cases: [string, string | Uint8Array<ArrayBuffer>, string][] = [
      ['?path=x', 'x', 'Request must specify run_uuid.'],
      [`?run_uuid=${runId}`, 'x', 'Request must specify path.'],
      [`?run_uuid=${runId}&path=x`, '', 'Request must specify data.'],
      [`?run_uuid=${runId}&path=x`, new Uint8Array(limit + 1), 'Artifact size is too large. Max size is 10MB.'],
    ];
    for (const [query, body, message] of cases) {
      const { status, text } = await upload(query, body);
      expect([status, JSON.parse(text)]).toEqual([400, { error_code: 'INVALID_PARAMETER_VALUE', message }]);
    }
    expect(await listed(runId)).toEqual([]);
    expect((await upload(`?run_uuid=${runId}&path=x`, new Uint8Array(limit))).status).toBe(200);
  });

  it('is not there under the address for programs, and takes nothing for runs that are not there', async () => {
    const { runId } = await newRun();
    expect((await world.send('POST', `/api/2.0/mlflow/upload-artifact?run_uuid=${runId}&path=x`, 'x')).status).toBe(404);
    const { status, text } = await upload('?run_uuid=absent&path=x', 'x');
    expect([status, text]).toEqual([404, expect.stringContaining('RESOURCE_DOES_NOT_EXIST')]);
  });
});

describe('the files of traces', () => {
  it('are not kept here', async () => {
    for (const prefix of ['/ajax-api/2.0', '/ajax-api/3.0']) {
      const { status, text } = await get(`${prefix}/mlflow/get-trace-artifact?request_id=tr-1`);
      expect([status, text]).toEqual([404, '']);
    }
  });
});
