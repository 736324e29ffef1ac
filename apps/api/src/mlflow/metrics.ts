// The points of metrics, as MLflow's clients and pages ask for them.

import { Readable } from 'node:stream';

import type { Call } from '@throughline/database';
import type { Page, PageRequest } from '@throughline/kernel';
import { MAX_HISTORY_PAGE } from '@throughline/tracking';
import type { MetricPoint, RunKey } from '@throughline/tracking';

import type { Services } from '../services.ts';
import { int64, required, text } from './message.ts';
import { askedPage } from './paging.ts';
import type { Asked } from './paging.ts';
import { nextPage, presentMetric } from './present.ts';
import { rpc } from './rpc.ts';
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

export const metricRpcs: readonly Rpc[] = [
  rpc(
    'GET',
    '/mlflow/metrics/get-history',
    { ...RUN, metric_key: required(text), page_token: text, max_results: int64 },
    async (services, call, message) => history(services, call, runKey(message), message.metric_key, message),
  ),
];
