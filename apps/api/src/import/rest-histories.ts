// The points of another server's runs. Its client asks for one metric of one run at a time, which makes a server busy for long with small answers:
// two thousand runs of twenty metrics take forty thousand of them. The route behind its charts tells one metric of many runs at once, so what
// importers of several runs ask for at about the same time is asked for together. Nothing is read ahead: runs that an import passes over cost nothing.
//
// That route ends at 25,000 points without saying so. What reached that is asked for alone, page by page, and so is everything where a server
// does not have the route.

import { setTimeout as pause } from 'node:timers/promises';

import { DomainError } from '@throughline/kernel';

import { eachOf } from './parts.ts';
import type { RestClient } from './rest-client.ts';
import { POINTS_AT_ONCE } from './source.ts';
import type { SourcePoint } from './source.ts';
import { list, number, record, text } from './values.ts';

export interface Histories {
  /** All points of a run that has these metrics, at most 1,000 an array. */
  of(runId: string, keys: readonly string[]): AsyncGenerator<SourcePoint[]>;
}

interface HistoriesOptions {
  /** Pages of one answer. */
  pages: (ask: (token: Record<string, string>) => ReturnType<RestClient['get']>) => AsyncIterable<Readonly<Record<string, unknown>>>;
  /** Most points that the route for many runs answers. */
  mostTogether?: number;
}

/** Points by metric; what was not had together is missing. */
type Found = Map<string, SourcePoint[]>;

interface Asked {
  runId: string;
  keys: readonly string[];
  found: (found: Found) => void;
  failed: (error: unknown) => void;
}

const ALONE = '/api/2.0/mlflow/metrics/get-history';
const TOGETHER = '/ajax-api/2.0/mlflow/metrics/get-history-bulk';
const PAGE = 25_000;
/** How long the first waits for company: short beside what its metrics take. */
const GATHER_MS = 50;
/** Most runs in one question. */
const RUNS = 100;
/** Questions under way at once: a server has a few workers. */
const WIDTH = 4;
/** Points that are held at once of runs that were asked about together, about: what is beyond is read alone, and streams. */
const HELD = 200_000;

/** A double, as the protocol writes it: NaN and the infinities are text. */
export function double(value: unknown): number {
  if (value === 'NaN') return Number.NaN;
  if (value === 'Infinity' || value === '-Infinity') return value === 'Infinity' ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY;
  return number(value ?? 0);
}

const pointOf = (key: string, point: Readonly<Record<string, unknown>>): SourcePoint => ({
  key,
  value: double(point['value']),
  timestampMs: number(point['timestamp'] ?? 0),
  step: number(point['step'] ?? 0),
});

function byRun(key: string, points: readonly unknown[]): Map<string, SourcePoint[]> {
  const found = new Map<string, SourcePoint[]>();
  for (const item of points) {
    const point = record(item, 'a point');
    const runId = text(point['run_id']);
    const own = found.get(runId) ?? [];
    own.push(pointOf(key, point));
    found.set(runId, own);
  }
  return found;
}

/** Null in place of a refusal by the source, or of an answer that makes no sense. */
async function unlessRefused<T>(work: Promise<T>): Promise<T | null> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof DomainError && ['BAD_SOURCE', 'SOURCE_FAILED'].includes(error.code)) return null;
    throw error;
  }
}

export function createHistories(client: RestClient, { pages, mostTogether = PAGE }: HistoriesOptions): Histories {
  let waiting: Asked[] = [];
  let isAsking = false;
  let hasRoute = true;

  /** One metric of several runs; null where it cannot be had so. */
  async function askTogether(key: string, runIds: readonly string[]): Promise<Map<string, SourcePoint[]> | null> {
    // A server, or what stands before it, that does not know the route refuses in its own way.
    const answer = await unlessRefused(client.get(TOGETHER, { metric_key: key, max_results: String(mostTogether), run_id: runIds }));
    if (answer === null) hasRoute = false;
    const metrics = list(answer?.['metrics']);
    if (answer === null || metrics.length >= mostTogether) return null;
    // One point that is none costs its own run, and not those that it was asked for with.
    return unlessRefused(Promise.resolve(metrics).then((points) => byRun(key, points)));
  }

  async function findTogether(asked: readonly Asked[]): Promise<Map<string, Found>> {
    const all = new Map(asked.map(({ runId }) => [runId, new Map() as Found]));
    const runsOf = new Map<string, string[]>();
    for (const { runId, keys } of asked) for (const key of keys) runsOf.set(key, [...(runsOf.get(key) ?? []), runId]);
    let isEnough = false;
    let held = 0;
    await eachOf(runsOf, WIDTH, async ([key, runIds]) => {
      if (isEnough || !hasRoute) return;
      const found = await askTogether(key, runIds);
      for (const [runId, points] of found ?? []) {
        all.get(runId)?.set(key, points);
        held += points.length;
      }
      // Metrics of a run tend to be of one length: what one answer could not hold the next will not hold either.
      isEnough ||= found === null || held >= HELD;
    });
    return all;
  }

  /** Asks for what waits, until nothing does. */
  async function ask(): Promise<void> {
    if (isAsking) return;
    isAsking = true;
    while (waiting.length > 0) {
      await pause(GATHER_MS);
      const asked = waiting.slice(0, RUNS);
      waiting = waiting.slice(RUNS);
      try {
        const all = await findTogether(asked);
        for (const { runId, found } of asked) found(all.get(runId) ?? new Map<string, SourcePoint[]>());
      } catch (error) {
        for (const { failed } of asked) failed(error);
      }
    }
    isAsking = false;
  }

  async function* each(runId: string, keys: readonly string[]): AsyncGenerator<SourcePoint> {
    const together = await new Promise<Found>((found, failed) => {
      waiting.push({ runId, keys, found, failed });
      void ask();
    });
    for (const key of keys) {
      const points = together.get(key);
      together.delete(key);
      if (points !== undefined) yield* points;
      else {
        const asking = (token: Record<string, string>) =>
          client.get(ALONE, { run_id: runId, metric_key: key, max_results: String(PAGE), ...token });
        for await (const page of pages(asking)) for (const point of list(page['metrics'])) yield pointOf(key, record(point, 'a point'));
      }
    }
  }

  return {
    async *of(runId, keys) {
      let points: SourcePoint[] = [];
      for await (const point of each(runId, keys)) {
        points.push(point);
        if (points.length < POINTS_AT_ONCE) continue;
        yield points;
        points = [];
      }
      if (points.length > 0) yield points;
    },
  };
}
