// Goal: the points of metrics are kept and told by MLflow's rules, and as its documentation has it where its server does not. Method: raw
// requests to a real server; what was logged is compared with what every route tells of it.

import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { speakMlflow } from '../testing/mlflow.ts';
import type { MlflowClient } from '../testing/mlflow.ts';
import { startWorld } from '../testing/world.ts';
import type { World } from '../testing/world.ts';

interface Point {
  key: string;
  value: number | string;
  timestamp: number;
  step: number;
}
interface History {
  metrics?: Point[];
  next_page_token?: string;
}

let world: World;
let mlflow: MlflowClient;
let experimentId: string;

beforeAll(async () => {
  world = await startWorld();
  mlflow = speakMlflow(world);
  experimentId = await mlflow.experiment('metrics');
});
afterAll(() => world.close());

const LARGEST = Number.MAX_VALUE;
const INVALID = { status: 400, code: 'INVALID_PARAMETER_VALUE' };
const start = () => mlflow.run(experimentId);
const logged = (run_id: string, metrics: object[]) => mlflow.did('runs/log-batch', { run_id, metrics });

async function historyOf(run_id: string, metric_key = 'm', more: Record<string, string> = {}): Promise<History> {
  const answer = await mlflow.get('metrics/get-history', { run_id, metric_key, ...more });
  expect(answer.status).toBe(200);
  return answer.body as History;
}

async function latestOf(run_id: string): Promise<Point[]> {
  const { body } = await mlflow.get('runs/get', { run_id });
  return (body as { run: { data: { metrics?: Point[] } } }).run.data.metrics ?? [];
}

const triples = ({ metrics = [] }: History) => metrics.map(({ timestamp, step, value }) => [timestamp, step, value]);

describe('a point', () => {
  it('that comes again is kept once, one by one and in batches', async () => {
    const run_id = await start();
    const point = { key: 'm', value: 1, timestamp: 1, step: 1 };
    await mlflow.did('runs/log-metric', { run_id, ...point });
    await mlflow.did('runs/log-metric', { run_id, ...point });
    await logged(run_id, [point, point, { ...point, value: 'NaN' }, { ...point, value: 'NaN' }]);
    expect(triples(await historyOf(run_id))).toEqual([
      [1, 1, 'NaN'],
      [1, 1, 1],
    ]);
  });

  it('of another value at the same step and time is kept beside the first', async () => {
    const run_id = await start();
    await logged(run_id, [
      { key: 'm', value: 2, timestamp: 1, step: 1 },
      { key: 'm', value: 1, timestamp: 1, step: 1 },
    ]);
    expect(triples(await historyOf(run_id))).toEqual([
      [1, 1, 1],
      [1, 1, 2],
    ]);
  });

  it('is at step 0 unless told', async () => {
    const run_id = await start();
    await mlflow.did('runs/log-metric', { run_id, key: 'm', value: 1, timestamp: 5 });
    expect(triples(await historyOf(run_id))).toEqual([[5, 0, 1]]);
  });

  it.each([
    ['NaN', 'NaN'],
    ['Infinity', LARGEST],
    ['-Infinity', -LARGEST],
    ['1.5', 1.5],
    [1e308, 1e308],
    [5e-324, 5e-324],
    [0, 0],
  ])('of value %j comes back as %j', async (value, told) => {
    const run_id = await start();
    await mlflow.did('runs/log-metric', { run_id, key: 'one', value, timestamp: 1 });
    await logged(run_id, [{ key: 'many', value, timestamp: 1 }]);
    expect((await latestOf(run_id)).map((metric) => metric.value)).toEqual([told, told]);
    expect(triples(await historyOf(run_id, 'one'))).toEqual([[1, 0, told]]);
  });

  it.each([true, null, '', 'abc', 'nan', 'inf', [1], {}, '1,5', '0x10', ' 1'])('of value %j is refused', async (value) => {
    const run_id = await start();
    expect(await mlflow.post('runs/log-metric', { run_id, key: 'm', value, timestamp: 1 })).toMatchObject(INVALID);
    expect(await mlflow.post('runs/log-batch', { run_id, metrics: [{ key: 'm', value, timestamp: 1 }] })).toMatchObject(INVALID);
    expect(await latestOf(run_id)).toEqual([]);
  });

  it.each(['NaN', 'Infinity', '-Infinity'])(
    'whose value is a bare %s, which is no JSON, is refused and not stored as something else',
    async (value) => {
      const run_id = await start();
      const body = `{"run_id":"${run_id}","key":"m","value":${value},"timestamp":1}`;
      const answer = await mlflow.raw('POST', '/api/2.0/mlflow/runs/log-metric', body, { 'content-type': 'application/json' });
      expect(answer.status).toBe(400);
      expect(await latestOf(run_id)).toEqual([]);
    },
  );

  it.each([-1, 1.5, 'x', true, null, 2 ** 53])('at the time %j is refused', async (timestamp) => {
    const run_id = await start();
    expect(await mlflow.post('runs/log-metric', { run_id, key: 'm', value: 1, timestamp })).toMatchObject(INVALID);
    expect(await mlflow.post('runs/log-batch', { run_id, metrics: [{ key: 'm', value: 1, timestamp }] })).toMatchObject(INVALID);
  });
});

describe('the latest point of a metric', () => {
  it.each([
    [
      'the highest step',
      [
        [9, 1, 5],
        [1, 2, 3],
      ],
      [1, 2, 3],
    ],
    [
      'of one step, the latest time',
      [
        [2, 1, 5],
        [3, 1, 3],
      ],
      [3, 1, 3],
    ],
    [
      'of one step and time, the largest value',
      [
        [1, 1, 3],
        [1, 1, 5],
        [1, 1, 4],
      ],
      [1, 1, 5],
    ],
    [
      'NaN counting as 0, over less',
      [
        [1, 1, -1],
        [1, 1, 'NaN'],
      ],
      [1, 1, 'NaN'],
    ],
    [
      'NaN counting as 0, under more',
      [
        [1, 1, 'NaN'],
        [1, 1, 1],
      ],
      [1, 1, 1],
    ],
  ] as const)('is that of %s', async (_what, points, [timestamp, step, value]) => {
    const metrics = points.map(([time, at, number]) => ({ key: 'm', value: number, timestamp: time, step: at }));
    for (const order of [metrics, metrics.toReversed()]) {
      const inOne = await start();
      await logged(inOne, order);
      const oneByOne = await start();
      for (const metric of order) await mlflow.did('runs/log-metric', { run_id: oneByOne, ...metric });
      expect([await latestOf(inOne), await latestOf(oneByOne)]).toEqual([
        [{ key: 'm', value, timestamp, step }],
        [{ key: 'm', value, timestamp, step }],
      ]);
    }
  });
});

describe('a history', () => {
  it('goes by time, step and value, however it was logged', async () => {
    const value = fc.oneof(fc.integer({ min: -3, max: 3 }), fc.constant('NaN'));
    const point = fc.record({ value, timestamp: fc.nat(3), step: fc.integer({ min: -2, max: 2 }) });
    await fc.assert(
      fc.asyncProperty(fc.array(fc.array(point, { minLength: 1, maxLength: 20 }), { minLength: 1, maxLength: 4 }), async (batches) => {
        const run_id = await start();
        for (const batch of batches)
          await logged(
            run_id,
            batch.map((one) => ({ key: 'm', ...one })),
          );
        const told = triples(await historyOf(run_id));
        const number = (one: unknown) => (one === 'NaN' ? 0 : Number(one));
        const keys = told.map(([time, step, one]) => [Number(time), Number(step), number(one)] as const);
        expect(keys).toEqual(keys.toSorted((a, b) => a[0] - b[0] || a[1] - b[1] || a[2] - b[2]));
        const sent = new Set(batches.flat().map(({ timestamp, step, value: one }) => JSON.stringify([timestamp, step, one])));
        expect(new Set(told.map((one) => JSON.stringify(one)))).toEqual(sent);
        expect(told).toHaveLength(sent.size);
      }),
      { numRuns: 15 },
    );
  });

  it('is whole where no limit is given, behind a token too, and larger than a page where asked', async () => {
    const run_id = await start();
    const metrics = Array.from({ length: 900 }, (_, step) => ({ key: 'm', value: step, timestamp: step, step }));
    await logged(run_id, metrics);
    const whole = await historyOf(run_id);
    expect([whole.metrics?.length, whole.next_page_token]).toEqual([900, undefined]);
    const page = await historyOf(run_id, 'm', { max_results: '400' });
    expect([page.metrics?.length, page.metrics?.at(-1)?.step]).toEqual([400, 399]);
    const rest = await historyOf(run_id, 'm', { page_token: page.next_page_token ?? '' });
    expect([rest.metrics?.length, rest.metrics?.[0]?.step, rest.next_page_token]).toEqual([500, 400, undefined]);
    const last = await historyOf(run_id, 'm', { page_token: page.next_page_token ?? '', max_results: '500' });
    expect([last.metrics?.length, last.next_page_token]).toEqual([500, undefined]);
    expect((await historyOf(run_id, 'm', { max_results: '1000000' })).metrics).toHaveLength(900);
  });

  it('of more points than a page holds is streamed whole, and cut with a token where a limit is larger than a page', async () => {
    const run_id = await start();
    for (let batch = 0; batch < 26; batch += 1) {
      await logged(
        run_id,
        Array.from({ length: 1000 }, (_, index) => ({ key: 'm', value: 1, timestamp: 1, step: batch * 1000 + index })),
      );
    }
    const whole = await historyOf(run_id);
    expect([whole.metrics?.length, whole.metrics?.at(-1)?.step, whole.next_page_token]).toEqual([26_000, 25_999, undefined]);
    const most = await historyOf(run_id, 'm', { max_results: '25500' });
    expect([most.metrics?.length, most.metrics?.at(-1)?.step]).toEqual([25_500, 25_499]);
    expect((await historyOf(run_id, 'm', { page_token: most.next_page_token ?? '' })).metrics?.map(({ step }) => step).slice(0, 2)).toEqual(
      [25_500, 25_501],
    );
  });

  it('of a metric that nobody logged is empty, and of a run that nobody knows is not found', async () => {
    expect(await historyOf(await start(), 'absent')).toEqual({});
    expect(await mlflow.get('metrics/get-history', { run_id: 'f'.repeat(32), metric_key: 'm' })).toMatchObject({ status: 404 });
  });

  it.each(['0', '-1', 'x', '1.5'])('of at most %s points is refused', async (max_results) => {
    expect(await mlflow.get('metrics/get-history', { run_id: await start(), metric_key: 'm', max_results })).toMatchObject(INVALID);
  });

  it('of a deleted run can still be read', async () => {
    const run_id = await start();
    await logged(run_id, [{ key: 'm', value: 1, timestamp: 1 }]);
    await mlflow.did('runs/delete', { run_id });
    expect((await historyOf(run_id)).metrics).toHaveLength(1);
  });
});

describe('the histories of several runs', () => {
  const AJAX = '/ajax-api/2.0/mlflow/';
  const bulk = (run_id: readonly string[], more: Record<string, string> = {}) =>
    mlflow.get('metrics/get-history-bulk', { run_id, metric_key: 'm', ...more }, AJAX);
  const steps = ({ body }: { body: unknown }) => (body as { metrics: { step: number }[] }).metrics.map(({ step }) => step);

  it('come run by run in the order of their ids, each by time, step and value, in JSON that can be read', async () => {
    const runs = [await start(), await start()].sort();
    const [first = '', second = ''] = runs;
    await logged(second, [{ key: 'm', value: 3, timestamp: 1, step: 3 }]);
    await logged(first, [
      { key: 'm', value: 2, timestamp: 2, step: 1 },
      { key: 'm', value: 'NaN', timestamp: 1, step: 2 },
      { key: 'other', value: 1, timestamp: 1, step: 9 },
    ]);
    const answer = await bulk(runs.toReversed());
    expect(answer).toMatchObject({ status: 200 });
    expect(answer.body).toEqual({
      metrics: [
        { key: 'm', value: 'NaN', timestamp: 1, step: 2, run_id: first },
        { key: 'm', value: 2, timestamp: 2, step: 1, run_id: first },
        { key: 'm', value: 3, timestamp: 1, step: 3, run_id: second },
      ],
    });
    expect(steps(await bulk([first, first, second]))).toEqual([2, 1, 3]);
  });

  it('end with the limit, which is 25,000 at most', async () => {
    const runs = [await start(), await start()].sort();
    for (const run of runs)
      await logged(
        run,
        [0, 1, 2].map((step) => ({ key: 'm', value: 1, timestamp: step, step })),
      );
    expect(steps(await bulk(runs, { max_results: '4' }))).toEqual([0, 1, 2, 0]);
    expect(steps(await bulk(runs, { max_results: '0' }))).toEqual([]);
    expect(steps(await bulk(runs, { max_results: '1000000' }))).toHaveLength(6);
  });

  it('leave out runs that nobody knows and metrics that nobody logged', async () => {
    const run = await start();
    await logged(run, [{ key: 'm', value: 1, timestamp: 1, step: 5 }]);
    expect(steps(await bulk(['f'.repeat(32), run, 'no id']))).toEqual([5]);
    expect((await bulk([run], { metric_key: 'absent' })).body).toEqual({ metrics: [] });
  });

  it.each([
    [[], {}, 'GetMetricHistoryBulk request must specify at least one run_id.'],
    [Array.from({ length: 101 }, String), {}, 'GetMetricHistoryBulk request cannot specify more than 100 run_ids. Received 101 run_ids.'],
    [['a'], { max_results: 'x' }, "for parameter 'max_results' supplied"],
    [['a'], { max_results: '-1' }, "Invalid value -1 for parameter 'max_results' supplied."],
  ])('of %j with %j are refused', async (runs, more, words) => {
    const answer = await bulk(runs, more);
    expect(answer).toMatchObject(INVALID);
    expect(answer.message).toContain(words);
  });

  it('need a metric', async () => {
    expect(await mlflow.get('metrics/get-history-bulk', { run_id: 'a' }, AJAX)).toMatchObject({
      ...INVALID,
      message: 'GetMetricHistoryBulk request must specify a metric_key.',
    });
  });
});

describe('the sampled histories of several runs', () => {
  const sample = (run_ids: readonly string[], more: Record<string, string> = {}, prefix = '/api/2.0/mlflow/') =>
    mlflow.get('metrics/get-history-bulk-interval', { run_ids, metric_key: 'm', ...more }, prefix);
  const pointsOf = ({ body }: { body: unknown }) => (body as { metrics?: (Point & { run_id: string })[] }).metrics ?? [];
  const stepsOf = (answer: { body: unknown }) => pointsOf(answer).map(({ step }) => step);
  const line = (count: number) => Array.from({ length: count }, (_, step) => ({ key: 'm', value: step, timestamp: 1000 + step, step }));

  it.each(['/api/2.0/mlflow/', '/ajax-api/2.0/mlflow/'])(
    'are all points where they are few, by run, step, time and value, under %s',
    async (prefix) => {
      const runs = [await start(), await start()].sort();
      const [first = '', second = ''] = runs;
      await logged(first, [
        { key: 'm', value: 2, timestamp: 1, step: 2 },
        { key: 'm', value: 'NaN', timestamp: 9, step: 1 },
      ]);
      await logged(second, [{ key: 'm', value: 'Infinity', timestamp: 1, step: -3 }]);
      expect((await sample(runs, {}, prefix)).body).toEqual({
        metrics: [
          { key: 'm', value: 'NaN', timestamp: 9, step: 1, run_id: first },
          { key: 'm', value: 2, timestamp: 1, step: 2, run_id: first },
          { key: 'm', value: LARGEST, timestamp: 1, step: -3, run_id: second },
        ],
      });
    },
  );

  it('are at most as many real points a run as asked, the first, the last and the spikes among them', async () => {
    const runs = [await start(), await start()];
    const spiky = line(1000).map((point) =>
      point.step === 321 ? { ...point, value: 1e6 } : point.step === 654 ? { ...point, value: -1e6 } : point,
    );
    for (const run of runs) await logged(run, spiky);
    const sent = new Set(spiky.map(({ step, value, timestamp }) => JSON.stringify([step, value, timestamp])));
    const answer = await sample(runs, { max_results: '100' });
    for (const run of runs) {
      const points = pointsOf(answer).filter(({ run_id }) => run_id === run);
      expect(points.length).toBeLessThanOrEqual(100);
      expect(points.every(({ step, value, timestamp }) => sent.has(JSON.stringify([step, value, timestamp])))).toBe(true);
      const steps = points.map(({ step }) => step);
      expect(steps).toEqual(steps.toSorted((a, b) => a - b));
      expect(steps).toEqual(expect.arrayContaining([0, 321, 654, 999]));
    }
  });

  it.each(['1', '2', '3'])('are at most %s where no more are asked for', async (max_results) => {
    const run = await start();
    await logged(run, line(50));
    expect(stepsOf(await sample([run], { max_results })).length).toBeLessThanOrEqual(Number(max_results));
    expect(stepsOf(await sample([run], { max_results })).length).toBeGreaterThan(0);
  });

  it('hold to a range of steps, both ends in it', async () => {
    const run = await start();
    await logged(run, line(10));
    expect(stepsOf(await sample([run], { start_step: '3', end_step: '6' }))).toEqual([3, 4, 5, 6]);
    expect(stepsOf(await sample([run], { start_step: '4', end_step: '4' }))).toEqual([4]);
    expect((await sample([run], { start_step: '100', end_step: '200' })).body).toEqual({});
  });

  it('leave out runs that nobody knows, and tell deleted ones', async () => {
    const run = await start();
    await logged(run, line(2));
    await mlflow.did('runs/delete', { run_id: run });
    expect(stepsOf(await sample(['f'.repeat(32), run, run]))).toEqual([0, 1]);
    expect((await sample(['f'.repeat(32)])).body).toEqual({});
  });

  it.each([
    [{ run_ids: [] }, "Missing value for required parameter 'run_ids'"],
    [{ metric_key: '' }, "Missing value for required parameter 'metric_key'"],
    [{ run_ids: Array.from({ length: 101 }, String) }, 'must specify at most 100 run_ids. Received 101 run_ids.'],
    [{ max_results: '0' }, 'max_results must be between 1 and 2500.'],
    [{ max_results: '2501' }, 'max_results must be between 1 and 2500.'],
    [{ max_results: 'x' }, "for parameter 'max_results' supplied"],
    [{ start_step: '3' }, 'If either start step or end step are specified, both must be specified.'],
    [{ end_step: '3' }, 'If either start step or end step are specified, both must be specified.'],
    [{ start_step: '9', end_step: '3' }, 'end_step must be greater than start_step. Found start_step=9 and end_step=3.'],
    [{ start_step: 'x', end_step: '3' }, "for parameter 'start_step' supplied"],
  ])('with %j are refused', async (change: Record<string, string | string[]>, words) => {
    const answer = await mlflow.get('metrics/get-history-bulk-interval', { run_ids: ['a'], metric_key: 'm', ...change });
    expect(answer).toMatchObject(INVALID);
    expect(answer.message).toContain(words);
  });
});
