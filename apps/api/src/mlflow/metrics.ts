// The points of metrics, as MLflow's clients and pages ask for them.

import { Readable } from 'node:stream';

import type { Call } from '@throughline/database';
import { invalid } from '@throughline/kernel';
import type { Page, PageRequest } from '@throughline/kernel';
import { MAX_HISTORY_PAGE } from '@throughline/tracking';
import type { MetricPoint, RunKey } from '@throughline/tracking';

import type { Services } from '../services.ts';
import { int64, list, required, text } from './message.ts';
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
  for (let page = first; ; yield ',') {
    yield page.items.map((point) => JSON.stringify(presentMetric({ ...point, key }))).join(',');
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

/** Runs that one request may name. */
const MAX_RUNS = 100;

/** Points of one metric of several runs, run by run in the order of their ids, as far as the limit goes; unknown runs have none. */
async function bulkHistory({ tracking }: Services, call: Call, runIds: readonly string[], key: string, limit: number): Promise<object> {
  const metrics: object[] = [];
  for (const runId of [...new Set(runIds)].sort()) {
    if (metrics.length >= limit) break;
    const run = await tracking.runs.find(call, { runId });
    if (run === null) continue;
    const page = await tracking.metrics.history(call, run, key, { first: limit - metrics.length, after: null });
    for (const point of page.items) metrics.push({ ...presentMetric({ ...point, key }), run_id: runId });
  }
  return { metrics };
}

export const metricRpcs: readonly Rpc[] = [
  rpc(
    'GET',
    '/mlflow/metrics/get-history',
    { ...RUN, metric_key: required(text), page_token: text, max_results: int64 },
    async (services, call, message) => history(services, call, runKey(message), message.metric_key, message),
  ),
  rpc(
    'GET',
    '/mlflow/metrics/get-history-bulk',
    { run_id: list(text), metric_key: text, max_results: int64 },
    async (services, call, { run_id, metric_key, max_results = MAX_HISTORY_PAGE }) => {
      if (run_id.length === 0) throw refused('GetMetricHistoryBulk request must specify at least one run_id.');
      if (run_id.length > MAX_RUNS) {
        throw refused(`GetMetricHistoryBulk request cannot specify more than ${MAX_RUNS} run_ids. Received ${run_id.length} run_ids.`);
      }
      if (metric_key === undefined) throw refused('GetMetricHistoryBulk request must specify a metric_key.');
      if (max_results < 0) throw refused(`Invalid value ${max_results} for parameter 'max_results' supplied. It must not be negative.`);
      return bulkHistory(services, call, run_id, metric_key, Math.min(max_results, MAX_HISTORY_PAGE));
    },
    AJAX_ONLY,
  ),
];

function refused(words: string): Error {
  return invalid('INVALID_PARAMETER_VALUE', words);
}
