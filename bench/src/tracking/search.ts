// Rows about finding runs. Each request asks another question (another param, another threshold, another order), so that no answer can be kept;
// before the clock starts, some questions are put to both servers, and both must answer with the right runs in the right order.

import { figure, row, timesAsFast, under } from '../harness/report.ts';
import { interleaved } from '../harness/rounds.ts';
import { median, percentile } from '../harness/statistics.ts';
import { searchData } from './search-data.ts';
import { awaken, checkAnswers, search, searchesOf } from './search-requests.ts';
import type { Page } from './search-requests.ts';
import type { Stand } from './stand.ts';
import { figureAt, oncePerStand, ROUNDS_BUDGET_SECONDS } from './work.ts';
import type { Work } from './work.ts';

const P95_LIMIT_MS = 50;

/** Once, by the smallest page. */
const awakenMlflow = oncePerStand(async (stand) => {
  stand.progress.say('waking the workers of MLflow');
  const { theirs } = await searchesOf(stand, await stand.mlflow(), await searchData(stand), { size: 1, offset: 0 });
  await awaken(theirs, stand.scale.clients, stand.signal);
});

function searchWork(name: string, what: string, seconds: number, pageIn: (stand: Stand) => Page): Work {
  return {
    name,
    title: `search of 75,000 runs (20 metrics, 20 params, 10 tags each): ${what}, ms`,
    work:
      'runs/search by a metric and a param, ordered by another metric, about a tenth of the runs matching; every request asks another question. 8 clients at ' +
      'once, and one alone. Answers were checked against the right ones, on both sides.',
    seconds,
    async run(stand, work) {
      const data = await searchData(stand);
      const { ours, theirs } = await searchesOf(stand, await stand.mlflow(), data, pageIn(stand));
      await awakenMlflow(stand);
      stand.progress.say('checking the answers of both');
      for (const searches of [ours, theirs]) await checkAnswers(searches, data);
      const { clients, rounds } = stand.scale;
      const { turnMs, mlflowTurns, rounds: searchRounds } = stand.scale.search;
      const from = { turn: 0 };
      const ourTurn = (count: number) => (isWarmUp: boolean) =>
        search(stand, ours, { clients: count, durationMs: isWarmUp ? turnMs / 2 : turnMs }, from);
      const theirTurn = (count: number) => (isWarmUp: boolean) =>
        search(stand, theirs, { clients: count, turnsPerClient: isWarmUp ? 1 : mlflowTurns }, from);
      const sides = [
        { name: 'Throughline', turn: ourTurn(clients) },
        { name: 'MLflow', turn: theirTurn(clients) },
        { name: 'Throughline, 1 client', turn: ourTurn(1) },
        { name: 'MLflow, 1 client', turn: theirTurn(1) },
      ];
      const { sides: latencies, notes } = await interleaved(sides, {
        rounds: Math.min(searchRounds, rounds),
        budgetSeconds: ROUNDS_BUDGET_SECONDS,
        progress: stand.progress,
        signal: stand.signal,
      });
      const tails = sides.map((side, index) =>
        figure(
          `${side.name}, p95`,
          'ms',
          (latencies[index] ?? []).map((turn) => percentile(turn, 95)),
        ),
      );
      const medians = sides.map((side, index) => figure(`${side.name}, median`, 'ms', (latencies[index] ?? []).map(median)));
      const counts = latencies.map((turns) => turns.flat().length);
      return row(work, {
        figures: [...tails, ...medians],
        bars: [under(figureAt(tails, 0), P95_LIMIT_MS), timesAsFast(figureAt(medians, 0), figureAt(medians, 1), 10, 'MLflow')],
        notes: [...notes, `${counts.join(', ')} requests, in this order; MLflow gets few, for each takes it long`],
      });
    },
  };
}

export const SEARCH_100 = searchWork('search-100', 'the first 100', 300, () => ({ size: 100, offset: 0 }));
export const SEARCH_1000 = searchWork('search-1000', 'the first 1000', 80, ({ scale }) => ({
  // A quick run has fewer matches.
  size: Math.min(1000, scale.search.deepOffset),
  offset: 0,
}));
export const SEARCH_DEEP = searchWork('search-deep', '100 after the first 5,000', 100, ({ scale }) => ({
  size: scale.search.deepOffset < 1000 ? 20 : 100,
  offset: scale.search.deepOffset,
}));
