// Goal: MLflow's protocol on the wire is what its clients and pages were written against: every procedure at both prefixes, messages in all
// forms that protocol buffers take in JSON, errors in MLflow's form. Method: raw requests to a real server.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { speakMlflow } from '../testing/mlflow.ts';
import type { MlflowClient } from '../testing/mlflow.ts';
import { startWorld } from '../testing/world.ts';
import type { World } from '../testing/world.ts';

const PROCEDURES = `
GET experiments/get-by-name
POST experiments/create
POST experiments/search
GET experiments/search
GET experiments/get
POST experiments/delete
POST experiments/restore
POST experiments/update
POST experiments/set-experiment-tag
POST experiments/delete-experiment-tag
POST runs/create
POST runs/update
POST runs/delete
POST runs/restore
POST runs/log-metric
POST runs/log-parameter
POST runs/set-tag
POST runs/delete-tag
GET runs/get
POST runs/search
POST runs/log-batch
POST runs/log-model
POST runs/log-inputs
POST runs/outputs
GET metrics/get-history
GET metrics/get-history-bulk-interval
POST experiments/search-datasets
POST logged-models
GET logged-models/m-1
PATCH logged-models/m-1
DELETE logged-models/m-1
POST logged-models/search
PATCH logged-models/m-1/tags
DELETE logged-models/m-1/tags/k
POST logged-models/m-1/params
GET logged-models/m-1/artifacts/directories
`
  .trim()
  .split('\n');

const NOT_SERVED = `
POST traces/search
GET traces/get
POST traces/link-to-run
GET unified-traces
GET get-online-trace-details
POST datasets/create
GET datasets/d-1
POST scorers/register
POST gateway/endpoints/create
POST prompt-optimization/jobs
GET runs/create
PUT runs/create
PATCH experiments/get
DELETE runs/search
POST no-such-procedure
`
  .trim()
  .split('\n');

let world: World;
let mlflow: MlflowClient;
let experimentId: string;
let runId: string;

beforeAll(async () => {
  world = await startWorld();
  mlflow = speakMlflow(world);
  experimentId = await mlflow.experiment('wire');
  runId = await mlflow.run(experimentId, { run_name: 'first', start_time: 7 });
});
afterAll(() => world.close());

const split = (procedure: string) => procedure.split(' ') as [string, string];
const JSON_BODY = { 'content-type': 'application/json' };

describe('a procedure', () => {
  it.each(['/api/2.0/mlflow/', '/ajax-api/2.0/mlflow/'])('is served under %s', async (prefix) => {
    const answers = await Promise.all(
      PROCEDURES.map(async (procedure) => {
        const [method, path] = split(procedure);
        const { status, text } = await mlflow.raw(method, prefix + path, method === 'GET' ? undefined : '{}', JSON_BODY);
        return { procedure, isServed: text !== '', isOurMistake: status >= 500 };
      }),
    );
    expect(answers.filter(({ isServed, isOurMistake }) => !isServed || isOurMistake)).toEqual([]);
  });

  it.each(['/api/2.0/mlflow/', '/ajax-api/2.0/mlflow/', '/api/3.0/mlflow/', '/ajax-api/3.0/mlflow/'])(
    'that is not spoken here is a 404 without a body under %s',
    async (prefix) => {
      const answers = await Promise.all(
        NOT_SERVED.map(async (procedure) => {
          const [method, path] = split(procedure);
          const { status, text } = await mlflow.raw(method, prefix + path, method === 'GET' ? undefined : '{}', JSON_BODY);
          return { procedure, status, text };
        }),
      );
      expect(answers).toEqual(NOT_SERVED.map((procedure) => ({ procedure, status: 404, text: '' })));
    },
  );

  it.each(['/api/2.0/mlflow/', '/ajax-api/2.0/mlflow/', '/api/2.0mlflow/', '/ajax-api/2.0mlflow/'])(
    'whose address lacks a slash in the protocol is served under %s',
    async (prefix) => {
      expect(await mlflow.post('experiments/search-datasets', { experiment_ids: [experimentId] }, prefix)).toMatchObject({
        status: 200,
        body: {},
      });
    },
  );

  it.each(['/api/2.0/', '/ajax-api/3.0/'])('of metrics that is for pages alone is not under %s', async (prefix) => {
    expect(await mlflow.get('mlflow/metrics/get-history-bulk', {}, prefix)).toMatchObject({ status: 404, text: '' });
  });
});

describe('the server', () => {
  it('tells that it is well, which release it speaks and what it can', async () => {
    expect((await mlflow.raw('GET', '/health')).text).toBe('OK');
    expect((await mlflow.raw('GET', '/version')).text).toMatch(/^3\.\d+\.\d+$/);
    for (const prefix of ['/api/3.0', '/ajax-api/3.0']) {
      expect((await mlflow.raw('GET', `${prefix}/mlflow/server-info`)).body).toMatchObject({ store_type: 'SqlStore' });
    }
  });
});

describe('a request', () => {
  const search = () => JSON.stringify({ experiment_ids: [experimentId] });
  const found = (body: string, headers: Record<string, string> = JSON_BODY) =>
    mlflow.raw('POST', '/api/2.0/mlflow/runs/search', body, headers);

  it.each(['application/json', 'application/json; charset=utf-8', 'application/json;charset=UTF-8', 'APPLICATION/JSON'])(
    'may come as %s',
    async (type) => {
      expect(await found(search(), { 'content-type': type })).toMatchObject({ status: 200 });
    },
  );

  it.each(['text/plain', 'application/x-www-form-urlencoded', 'application/jsonx', 'application/octet-stream'])(
    'as %s is refused',
    async (type) => {
      const answers = [
        await found(search(), { 'content-type': type }),
        await mlflow.raw('PATCH', '/api/2.0/mlflow/logged-models/m-1', '{"status":"LOGGED_MODEL_READY"}', { 'content-type': type }),
      ];
      for (const answer of answers) {
        expect(answer).toMatchObject({
          status: 400,
          code: 'INVALID_PARAMETER_VALUE',
          message: "Bad Request. Content-Type must be one of ['application/json'].",
        });
      }
    },
  );

  it('may be encoded twice', async () => {
    expect((await found(JSON.stringify(search()))).body).toEqual((await found(search())).body);
  });

  it('may have no body where nothing is required', async () => {
    expect(await mlflow.raw('POST', '/api/2.0/mlflow/experiments/search', '', JSON_BODY)).toMatchObject({ status: 200 });
  });

  it.each(['{bad', '[]', 'null', '5', '"text"', '{"a":NaN}', '{"a":Infinity}', '{"a":-Infinity}', '{"a":01}', '\uFEFF'])(
    'with the body %s is refused',
    async (body) => {
      expect(await found(body)).toMatchObject({ status: 400, code: 'BAD_REQUEST' });
    },
  );

  it('may have fields that nobody knows', async () => {
    expect(await mlflow.post('runs/search', { experiment_ids: [experimentId], unknown: { deep: [1] } })).toMatchObject({ status: 200 });
  });

  it('may name fields as protocol buffers do in JSON', async () => {
    const answer = await mlflow.post('runs/search', {
      experimentIds: [experimentId],
      runViewType: 'ALL',
      maxResults: '1',
      orderBy: ['start_time'],
    });
    expect(answer.body).toMatchObject({ runs: [{ info: { run_id: runId } }] });
  });

  it('that names one field twice is refused', async () => {
    expect(await mlflow.post('runs/search', { experimentIds: [experimentId], experiment_ids: ['0'] })).toMatchObject({
      status: 400,
      message: "Request specifies both 'experiment_ids' and 'experimentIds'; provide only one of them.",
    });
  });

  it.each(['ALL', 3, '3'])('may give an enumeration as %j', async (view) => {
    const answer = await mlflow.get('experiments/search', { view_type: String(view), filter: "name = 'wire'" });
    expect(answer).toMatchObject({ status: 200, body: { experiments: [{ name: 'wire' }] } });
    expect(await mlflow.post('experiments/search', { view_type: view })).toMatchObject({ status: 200 });
  });

  it.each(['all', 0, 4, true])('with the enumeration %j is refused', async (view_type) => {
    expect(await mlflow.post('experiments/search', { view_type })).toMatchObject({ status: 400, code: 'INVALID_PARAMETER_VALUE' });
  });

  it.each([1700000000000, '1700000000000', 1.7e12])('may give the integer %j', async (start_time) => {
    const answer = await mlflow.post('runs/create', { experiment_id: experimentId, start_time });
    expect(answer.body).toMatchObject({ run: { info: { start_time: 1700000000000 } } });
  });

  it.each([1.5, '1.5', 'x', true, [], {}, '9223372036854775808', 1e300])('with %j for an integer is refused', async (start_time) => {
    expect(await mlflow.post('runs/create', { experiment_id: experimentId, start_time })).toMatchObject({
      status: 400,
      code: 'INVALID_PARAMETER_VALUE',
    });
  });

  it('by GET gives repeated fields as repeated keys', async () => {
    const query = { filter: "name = 'wire'", order_by: ['name DESC', 'creation_time ASC'], max_results: '5' };
    expect((await mlflow.get('experiments/search', query)).body).toMatchObject({ experiments: [{ name: 'wire' }] });
    expect(await mlflow.get('experiments/search', { order_by: ['name', 'nonsense'] })).toMatchObject({ status: 400 });
  });

  it.each(['true', 'TRUE', 'False'])('by GET may give a boolean as %s', async (allow_deleted) => {
    expect(await mlflow.get('logged-models/m-1', { allow_deleted })).toMatchObject({ status: 404, code: 'RESOURCE_DOES_NOT_EXIST' });
  });

  it.each(['yes', '1', ''])('by GET with the boolean %j is refused', async (allow_deleted) => {
    expect(await mlflow.get('logged-models/m-1', { allow_deleted })).toMatchObject({ status: 400, code: 'INVALID_PARAMETER_VALUE' });
  });

  it.each(['run_id', 'run_uuid'])('may name a run by %s', async (name) => {
    expect((await mlflow.get('runs/get', { [name]: runId })).body).toMatchObject({ run: { info: { run_name: 'first' } } });
  });

  it.each([
    ['experiments/create', { name: 123 }, "Invalid value 123 for parameter 'name' supplied"],
    ['experiments/create', { name: 'n', tags: 'x' }, `Invalid value "x" for parameter 'tags' supplied: Hint: Value was of type 'str'.`],
    ['runs/log-metric', { key: 'm', value: 1, timestamp: 1 }, "Missing value for required parameter 'run_id'"],
    ['runs/log-metric', { run_id: 'r', key: 'm', value: 'x', timestamp: 1 }, `Invalid value "x" for parameter 'value' supplied`],
    ['runs/log-metric', { run_id: 'r', key: 'm', value: 1 }, "Missing value for required parameter 'timestamp'"],
    ['runs/log-batch', { run_id: 'r', metrics: [{ value: 1, timestamp: 1 }] }, "Missing value for required parameter 'metrics[0].key'"],
    ['runs/log-batch', { run_id: 'r', metrics: [{ key: 'm', value: 1 }] }, "Missing value for required parameter 'metrics[0].timestamp'"],
    ['runs/log-batch', { run_id: 'r', params: [{ key: 'p' }, { value: 'x' }] }, "Missing value for required parameter 'params[1].key'"],
    ['runs/log-batch', { run_id: 'r', tags: [{ key: 5 }] }, "Invalid value 5 for parameter 'tags[0].key' supplied"],
    ['runs/outputs', { run_id: 'r' }, "Missing value for required parameter 'models'"],
    ['logged-models', { name: 'n' }, "Missing value for required parameter 'experiment_id'"],
    ['experiments/update', { experiment_id: '0' }, "Missing value for required parameter 'new_name'"],
    ['runs/search', { experiment_ids: ['abc'] }, "Invalid experiment ID 'abc'. Experiment ID must be a valid integer."],
    ['runs/search', { experiment_ids: [''] }, "Invalid experiment ID ''. Experiment ID must be a valid integer."],
  ])('to %s with %j is told what is wrong with it', async (path, body, words) => {
    const answer = await mlflow.post(path, body);
    expect(answer).toMatchObject({ status: 400, code: 'INVALID_PARAMETER_VALUE' });
    expect(answer.message).toContain(words);
  });
});

describe('an answer', () => {
  it('names a run by both of its names, has integers as numbers, and leaves out what is empty', async () => {
    expect((await mlflow.get('runs/get', { run_id: runId })).body).toEqual({
      run: {
        info: {
          run_id: runId,
          run_uuid: runId,
          run_name: 'first',
          experiment_id: experimentId,
          user_id: '',
          status: 'RUNNING',
          start_time: 7,
          artifact_uri: `mlflow-artifacts:/${experimentId}/${runId}/artifacts`,
          lifecycle_stage: 'active',
        },
        data: { tags: [{ key: 'mlflow.runName', value: 'first' }] },
        inputs: {},
        outputs: {},
      },
    });
  });

  it('is JSON with an error code and a message where the request is refused', async () => {
    expect(await mlflow.get('runs/get', { run_id: 'f'.repeat(32) })).toMatchObject({
      status: 404,
      body: { error_code: 'RESOURCE_DOES_NOT_EXIST', message: `Run with id=${'f'.repeat(32)} not found` },
    });
  });

  it('says of an experiment that nobody knows by name what makes clients answer none', async () => {
    expect(await mlflow.get('experiments/get-by-name', { experiment_name: 'absent' })).toMatchObject({
      status: 404,
      code: 'RESOURCE_DOES_NOT_EXIST',
      message: "Could not find experiment with name 'absent'",
    });
  });
});
