// The points of metrics, as MLflow's clients and pages ask for them.

import { Readable } from 'node:stream';

import type { Call } from '@throughline/database';
import { invalid } from '@throughline/kernel';
import type { Page, PageRequest } from '@throughline/kernel';
import { MAX_BULK_POINTS, MAX_BULK_RUNS, MAX_HISTORY_PAGE, MAX_INTERVAL_POINTS } from '@throughline/tracking';
import type { MetricPoint, Run, RunKey, RunPoints } from '@throughline/tracking';

import type { Services } from '../services.ts';
import { int64, list, required, text } from './message.ts';
import type { MessageOf } from './message.ts';
import { askedPage } from './paging.ts';
import type { Asked } from './paging.ts';
import { nextPage, presentMetric } from './present.ts';
import { AJAX_ONLY, rpc } from './rpc.ts';
import type { Rpc } from './rpc.ts';
import { RUN, runKey } from './runs.ts';

type History = Page<MetricPoint>;

/** Points of a metric as a JSON document, page by page from its first: a long history is never held whole. At most `limit`, with a token of the rest. */
async function* historyJson(key: string, first: History, limit: number, next: (request: PageRequest) => Promise<History>) {
  let left = limit;
  yield '{"metrics": [';
  for (let page = first, comma = ''; ; comma = ',') {
    const points = page.items.map((point) => JSON.stringify(presentMetric({ ...point, key }))).join(',');
    if (points !== '') yield comma + points;
    left -= page.items.length;
    const last = page.items.at(-1);
    if (!page.hasNextPage || last === undefined) break;
    const token = page.cursorOf(last);
    if (left <= 0) {
      yield `], "next_page_token": ${JSON.stringify(token)}}`;
      return;
    }
    page = await next({ first: Math.min(left, MAX_HISTORY_PAGE), after: token });
  }
  yield ']}';
}

async function history({ tracking }: Services, call: Call, run: RunKey, key: string, asked: Asked): Promise<object | Readable> {
  const { after } = askedPage(asked, { default: MAX_HISTORY_PAGE, max: Number.MAX_SAFE_INTEGER });
  // Without a limit all points are asked for, as the protocol promises.
  const limit = asked.max_results ?? Infinity;
  const next = (request: PageRequest) => tracking.metrics.history(call, run, key, request);
  const page = await next({ first: Math.min(limit, MAX_HISTORY_PAGE), after });
  if (page.hasNextPage && limit > page.items.length) {
    return Readable.from(historyJson(key, page, limit, next), { objectMode: false });
  }
  const metrics = page.items.map((point) => presentMetric({ ...point, key }));
  return { ...(metrics.length === 0 ? {} : { metrics }), ...nextPage(page) };
}

/** The runs of these ids that there are: pages keep asking for what was purged meanwhile, and get the rest. */
async function known({ tracking }: Services, call: Call, runIds: readonly string[]): Promise<Run[]> {
  const found = await Promise.all([...new Set(runIds)].map((runId) => tracking.runs.find(call, { runId })));
  return found.filter((run) => run !== null);
}

/** Points of one metric, each with the run that it is of. */
function presentPoints(key: string, runs: readonly RunPoints[]): object[] {
  return runs.flatMap(({ run, points }) => points.map((point) => ({ ...presentMetric({ ...point, key }), run_id: run.runId })));
}

async function bulkHistory(services: Services, call: Call, runIds: readonly string[], key: string, limit: number): Promise<object> {
  // Unlike the other searches this one takes 0, for nothing.
  if (limit === 0) return { metrics: [] };
  const runs = await known(services, call, runIds);
  return { metrics: presentPoints(key, await services.tracking.metrics.historyOf(call, runs, key, limit)) };
}

const INTERVAL = {
  run_ids: required(list(text)),
  metric_key: required(text),
  start_step: int64,
  end_step: int64,
  max_results: int64,
} as const;

async function interval(services: Services, call: Call, message: MessageOf<typeof INTERVAL>): Promise<object> {
  const { run_ids, metric_key, start_step: startStep, end_step: endStep, max_results: maxPoints = MAX_INTERVAL_POINTS } = message;
  if (run_ids.length > MAX_BULK_RUNS) {
    throw refused(
      `GetMetricHistoryBulkInterval request must specify at most ${MAX_BULK_RUNS} run_ids. Received ${run_ids.length} run_ids.`,
    );
  }
  if (maxPoints < 1 || maxPoints > MAX_INTERVAL_POINTS) throw refused(`max_results must be between 1 and ${MAX_INTERVAL_POINTS}.`);
  if ((startStep === undefined) !== (endStep === undefined)) {
    throw refused('If either start step or end step are specified, both must be specified.');
  }
  if (startStep !== undefined && endStep !== undefined && startStep > endStep) {
    throw refused(`end_step must be greater than start_step. Found start_step=${startStep} and end_step=${endStep}.`);
  }
  const runs = await known(services, call, run_ids);
  const found = await services.tracking.metrics.bulkInterval(call, runs, metric_key, { startStep, endStep, maxPoints });
  const metrics = presentPoints(metric_key, found);
  return metrics.length === 0 ? {} : { metrics };
}

export const metricRpcs: readonly Rpc[] = [
  rpc(
    'GET',
    '/mlflow/metrics/get-history',
    { ...RUN, metric_key: required(text), page_token: text, max_results: int64 },
    async (services, call, message) => history(services, call, runKey(message), message.metric_key, message),
  ),
  rpc('GET', '/mlflow/metrics/get-history-bulk-interval', INTERVAL, interval),
  rpc(
    'GET',
    '/mlflow/metrics/get-history-bulk',
    { run_id: list(text), metric_key: text, max_results: int64 },
    async (services, call, { run_id, metric_key, max_results = MAX_BULK_POINTS }) => {
      if (run_id.length === 0) throw refused('GetMetricHistoryBulk request must specify at least one run_id.');
      if (run_id.length > MAX_BULK_RUNS) {
        throw refused(`GetMetricHistoryBulk request cannot specify more than ${MAX_BULK_RUNS} run_ids. Received ${run_id.length} run_ids.`);
      }
      if (metric_key === undefined) throw refused('GetMetricHistoryBulk request must specify a metric_key.');
      if (max_results < 0) throw refused(`Invalid value ${max_results} for parameter 'max_results' supplied. It must not be negative.`);
      return bulkHistory(services, call, run_id, metric_key, Math.min(max_results, MAX_BULK_POINTS));
    },
    AJAX_ONLY,
  ),
];

function refused(words: string): Error {
  return invalid('INVALID_PARAMETER_VALUE', words);
}
