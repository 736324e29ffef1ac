// Rows about finding runs. Each request asks another question (another param, another threshold, another order), so that no answer can be kept;
// before the clock starts, some questions are put to both servers, and both must answer with the right runs in the right order.

import { closedLoop } from '../harness/load.ts';
import { figure, row, timesAsFast, under } from '../harness/report.ts';
import { interleaved } from '../harness/rounds.ts';
import { median, percentile } from '../harness/statistics.ts';
import { connectionOf, withConnections } from './connection.ts';
import type { Connection } from './connection.ts';
import { countRuns, pageOf, PATHS, searchBody, searchPage } from './mlflow-protocol.ts';
import { answerTo, filterOf, orderOf, questionOf } from './run-data.ts';
import type { Question } from './run-data.ts';
import { searchData } from './search-data.ts';
import type { SearchData } from './search-data.ts';
import type { Server, Stand } from './stand.ts';
import { figureAt, ROUNDS_BUDGET_SECONDS } from './work.ts';
import type { Work } from './work.ts';

const P95_LIMIT_MS = 50;
const CHECKED_QUESTIONS = 3;
/** Pages that are walked to reach a deep one. */
const WALK_PAGE = 1_000;
/** Questions whose deep pages were reached beforehand; their requests take turns. */
const DEEP_QUESTIONS = 48;

interface Page {
  /** How many runs it is to hold. */
  size: number;
  /** How many come before it. */
  offset: number;
}

function searchWork(name: string, what: string, seconds: number, pageIn: (stand: Stand) => Page): Work {
  return {
    name,
    title: `search of 75,000 runs (20 metrics, 20 params, 10 tags each): ${what}, ms`,
    work:
      'runs/search by a metric and a param, ordered by another metric, about a tenth of the runs matching; every request asks another question. 8 clients at ' +
      'once, and this server also with one. Answers were checked against the right ones, on both sides.',
    seconds,
    async run(stand, work) {
      const page = pageIn(stand);
      const data = await searchData(stand);
      const mlflow = await stand.mlflow();
      const ask = await askers(stand, mlflow, data, page);
      const { clients, search } = stand.scale;
      const { sides, notes } = await interleaved(
        [
          { name: 'Throughline', turn: (isWarmUp) => ask.throughline(clients, isWarmUp ? search.turnMs / 2 : search.turnMs) },
          { name: 'MLflow', turn: (isWarmUp) => ask.mlflow(isWarmUp ? 1 : search.mlflowTurns) },
          { name: 'Throughline, 1 client', turn: (isWarmUp) => ask.throughline(1, isWarmUp ? search.turnMs / 4 : search.turnMs / 2) },
        ],
        {
          rounds: Math.min(search.rounds, stand.scale.rounds),
          budgetSeconds: ROUNDS_BUDGET_SECONDS,
          progress: stand.progress,
          signal: stand.signal,
        },
      );
      const [ours = [], theirs = [], alone = []] = sides;
      const p95 = (turns: number[][]) => turns.map((latencies) => percentile(latencies, 95));
      const figures = [
        figure('Throughline, p95', 'ms', p95(ours)),
        figure('Throughline, median', 'ms', ours.map(median)),
        figure('Throughline, 1 client, p95', 'ms', p95(alone)),
        figure('Throughline, 1 client, median', 'ms', alone.map(median)),
        figure('MLflow, p95', 'ms', p95(theirs)),
        figure('MLflow, median', 'ms', theirs.map(median)),
      ];
      const counts = `${ours.flat().length} requests to this server, ${theirs.flat().length} to MLflow, which takes seconds for each`;
      return row(work, {
        figures,
        bars: [under(figureAt(figures, 0), P95_LIMIT_MS), timesAsFast(figureAt(figures, 1), figureAt(figures, 5), 10, 'MLflow')],
        notes: [...notes, counts],
      });
    },
  };
}

export const SEARCH_100 = searchWork('search-100', 'the first 100', 300, () => ({ size: 100, offset: 0 }));
export const SEARCH_1000 = searchWork('search-1000', 'the first 1000', 120, ({ scale }) => ({
  size: Math.min(1000, scale.search.deepOffset),
  offset: 0,
}));
export const SEARCH_DEEP = searchWork('search-deep', '100 after the first 5,000', 120, ({ scale }) => ({
  size: scale.search.deepOffset < 1000 ? 20 : 100,
  offset: scale.search.deepOffset,
}));

interface Askers {
  /** Latencies of one turn, ms. */
  throughline(clients: number, durationMs: number): Promise<number[]>;
  mlflow(turnsPerClient: number): Promise<number[]>;
}

async function askers(stand: Stand, mlflow: Server, data: SearchData, page: Page): Promise<Askers> {
  stand.progress.say('checking the answers of both');
  const { throughline } = stand;
  const deep = await withConnections(throughline.origin, stand.scale.clients, (connections) => reachPages(stand, connections, data, page));
  await withConnections(throughline.origin, 1, (connections) => check(throughline, connectionOf(connections, 0), data, page, deep));
  await withConnections(mlflow.origin, 1, (connections) => check(mlflow, connectionOf(connections, 0), data, page, null));
  let asked = 0;
  const turn = (server: Server, pages: DeepPages | null, clients: number, limit: { durationMs: number; turnsPerClient: number }) =>
    withConnections(server.origin, clients, async (connections) => {
      const result = await closedLoop({
        clients,
        ...limit,
        signal: stand.signal,
        async request(client) {
          asked += 1;
          const body = bodyFor(server, data, page, pages, asked);
          const answer = await connectionOf(connections, client).postBytes(PATHS.searchRuns, body);
          return () => {
            const found = countRuns(answer);
            if (found !== page.size) throw new Error(`${server.name} answered with ${found} runs instead of ${page.size}`);
            return found;
          };
        },
      });
      return result.latenciesMs;
    });
  return {
    throughline: (clients, durationMs) => turn(throughline, deep, clients, { durationMs, turnsPerClient: Infinity }),
    mlflow: (turnsPerClient) => turn(mlflow, null, stand.scale.clients, { durationMs: Infinity, turnsPerClient }),
  };
}

/** A question, and the token of the page that begins after `offset` runs of its answer. */
type DeepPages = readonly { question: Question; token: string }[];

/** Walks this server's pages to where the deep one begins: its tokens tell a place in the order, and cannot be made up. */
async function reachPages(stand: Stand, connections: readonly Connection[], data: SearchData, page: Page): Promise<DeepPages | null> {
  if (page.offset === 0) return null;
  const found: { question: Question; token: string }[] = [];
  await closedLoop({
    clients: connections.length,
    durationMs: Infinity,
    turnsPerClient: Math.ceil(DEEP_QUESTIONS / connections.length),
    signal: stand.signal,
    async request(client, turn) {
      const question = questionOf(1_000_000 + turn * connections.length + client);
      let token = '';
      for (let before = 0; before < page.offset;) {
        const maxResults = Math.min(WALK_PAGE, page.offset - before);
        const search = { experimentId: data.experiments.throughline, filter: filterOf(question), orderBy: orderOf(question), maxResults };
        const answer = await searchPage(connectionOf(connections, client), token === '' ? search : { ...search, pageToken: token });
        if (answer.runIds.length !== maxResults || answer.nextPageToken === null)
          throw new Error(`a walk to ${page.offset} ended early, after ${before}`);
        before += maxResults;
        token = answer.nextPageToken;
      }
      found.push({ question, token });
      return () => 1;
    },
  });
  return found;
}

function bodyFor(server: Server, data: SearchData, page: Page, pages: DeepPages | null, turn: number): string {
  const isOurs = server.name === 'Throughline';
  const deep = pages?.[turn % pages.length];
  const question = deep?.question ?? questionOf(turn);
  const token = deep?.token ?? (page.offset === 0 ? undefined : mlflowToken(page.offset));
  return searchBody({
    experimentId: isOurs ? data.experiments.throughline : data.experiments.mlflow,
    filter: filterOf(question),
    orderBy: orderOf(question),
    maxResults: page.size,
    ...(token === undefined ? {} : { pageToken: token }),
  });
}

/** MLflow's pages begin after a number of runs. */
function mlflowToken(offset: number): string {
  return Buffer.from(JSON.stringify({ offset })).toString('base64');
}

/** Throws unless the server answers some questions with the right runs, in the right order. */
async function check(server: Server, connection: Connection, data: SearchData, page: Page, pages: DeepPages | null): Promise<void> {
  for (let turn = 0; turn < CHECKED_QUESTIONS; turn += 1) {
    const question = pages?.[turn % pages.length]?.question ?? questionOf(turn);
    const expected = answerTo(question, data.runs).slice(page.offset, page.offset + page.size);
    const { runIds } = pageOf(await connection.postBytes(PATHS.searchRuns, bodyFor(server, data, page, pages, turn)));
    const found = runIds.map((runId) => data.numberOf.get(runId));
    const wrong = expected.findIndex((run, place) => found[place] !== run);
    if (found.length !== expected.length || wrong !== -1 || expected.length !== page.size) {
      throw new Error(
        `${server.name} answers ${filterOf(question)} with ${found.length} runs instead of ${expected.length}, wrong from place ${wrong} on`,
      );
    }
  }
}
