// The searches that are sent, the same questions to both servers, and what their answers are held to.

import { closedLoop } from '../harness/load.ts';
import type { Server } from '../harness/servers.ts';
import { connectionOf, withConnections } from './connection.ts';
import type { Connection } from './connection.ts';
import { countRuns, pageOf, PATHS, searchBody, searchPage } from './mlflow-protocol.ts';
import { answerTo, filterOf, orderOf, questionOf } from './run-data.ts';
import type { Question } from './run-data.ts';
import type { SearchData } from './search-data.ts';
import type { Stand } from './stand.ts';

/** Questions whose right answers are computed here and compared, before the clock starts. */
const CHECKED_QUESTIONS = 3;
/** Questions whose deep pages are reached beforehand; their requests take turns. */
const DEEP_QUESTIONS = 48;
/** Pages that are walked to reach a deep one. */
const WALK_PAGE = 1_000;

export interface Page {
  /** How many runs it is to hold. */
  size: number;
  /** How many come before it. */
  offset: number;
}

/** Searches of one page, as one server wants them. */
export interface Searches {
  server: Server;
  page: Page;
  /** The turn-th request. */
  ask: (turn: number) => { question: Question; body: string };
}

/** The searches of both servers. Walks this server's pages to where a deep one begins: its tokens tell a place in the order, and cannot be made up. */
export async function searchesOf(
  stand: Stand,
  mlflow: Server,
  data: SearchData,
  page: Page,
): Promise<{ ours: Searches; theirs: Searches }> {
  const walked = page.offset === 0 ? null : await reachPages(stand, data, page.offset);
  const asked = (turn: number) => walked?.[turn % walked.length] ?? { question: questionOf(turn), token: null };
  const request = (experimentId: string, question: Question, token: string | null) =>
    searchBody({
      experimentId,
      filter: filterOf(question),
      orderBy: orderOf(question),
      maxResults: page.size,
      ...(token === null ? {} : { pageToken: token }),
    });
  // MLflow's pages begin after a number of runs.
  const offset = page.offset === 0 ? null : Buffer.from(JSON.stringify({ offset: page.offset })).toString('base64');
  return {
    ours: {
      server: stand.throughline,
      page,
      ask(turn) {
        const { question, token } = asked(turn);
        return { question, body: request(data.experiments.throughline, question, token) };
      },
    },
    theirs: {
      server: mlflow,
      page,
      ask(turn) {
        const { question } = asked(turn);
        return { question, body: request(data.experiments.mlflow, question, offset) };
      },
    },
  };
}

interface Reached {
  question: Question;
  /** Of the page that begins after the offset. */
  token: string;
}

async function reachPages(stand: Stand, data: SearchData, offset: number): Promise<Reached[]> {
  const { clients } = stand.scale;
  const found: Reached[] = [];
  await withConnections(stand.throughline.origin, clients, (connections) =>
    closedLoop({
      clients,
      durationMs: Infinity,
      turnsPerClient: Math.ceil(DEEP_QUESTIONS / clients),
      signal: stand.signal,
      async request(client, turn) {
        const question = questionOf(1_000_000 + turn * clients + client);
        found.push({ question, token: await walk(connectionOf(connections, client), data.experiments.throughline, question, offset) });
        return () => 1;
      },
    }),
  );
  return found;
}

async function walk(connection: Connection, experimentId: string, question: Question, offset: number): Promise<string> {
  let token = '';
  for (let before = 0; before < offset;) {
    const maxResults = Math.min(WALK_PAGE, offset - before);
    const search = { experimentId, filter: filterOf(question), orderBy: orderOf(question), maxResults };
    const { runIds, nextPageToken } = await searchPage(connection, token === '' ? search : { ...search, pageToken: token });
    if (runIds.length !== maxResults || nextPageToken === null) throw new Error(`a walk to ${offset} ended early, after ${before}`);
    before += maxResults;
    token = nextPageToken;
  }
  return token;
}

/** Rounds of requests until a server is taken to be awake, and at most. */
const WAKING_ROUNDS = 2;
const MOST_WAKING_ROUNDS = 20;

/**
 * Asks until some rounds of requests, one of each client at once, were all answered. MLflow's workers load a part of themselves at their first
 * search, and answer 500 to another one that comes meanwhile; that is no answer to be measured, nor one to be blamed for.
 */
export async function awaken({ server, ask }: Searches, clients: number, signal: AbortSignal): Promise<void> {
  let inRow = 0;
  for (let round = 1; inRow < WAKING_ROUNDS; round += 1) {
    signal.throwIfAborted();
    const answers = await withConnections(server.origin, clients, (connections) =>
      Promise.allSettled(connections.map((connection, client) => connection.postBytes(PATHS.searchRuns, ask(client).body))),
    );
    const failure = answers.find((answer) => answer.status === 'rejected');
    if (failure !== undefined && round >= MOST_WAKING_ROUNDS) throw failure.reason;
    inRow = failure === undefined ? inRow + 1 : 0;
  }
}

/** Throws unless the server answers some questions with the right runs, in the right order. */
export async function checkAnswers({ server, page, ask }: Searches, data: SearchData): Promise<void> {
  await withConnections(server.origin, 1, async (connections) => {
    for (let turn = 0; turn < CHECKED_QUESTIONS; turn += 1) {
      const { question, body } = ask(turn);
      const expected = answerTo(question, data.runs).slice(page.offset, page.offset + page.size);
      const { runIds } = pageOf(await connectionOf(connections, 0).postBytes(PATHS.searchRuns, body));
      const found = runIds.map((runId) => data.numberOf.get(runId));
      const wrong = expected.findIndex((run, place) => found[place] !== run);
      if (found.length === page.size && expected.length === page.size && wrong === -1) continue;
      const told = `${found.length} runs instead of ${expected.length}, of ${page.size} asked for; the first wrong place: ${wrong}`;
      throw new Error(`${server.name} answers ${filterOf(question)}, ${orderOf(question)} wrongly: ${told}`);
    }
  });
}

export interface SearchLoad {
  clients: number;
  durationMs?: number;
  turnsPerClient?: number;
}

/** One turn of searches; `from` counts requests over all turns, so that each is another question. Answers latencies, ms. */
export function search(stand: Stand, { server, page, ask }: Searches, load: SearchLoad, from: { turn: number }): Promise<number[]> {
  return withConnections(server.origin, load.clients, async (connections) => {
    const { latenciesMs } = await closedLoop({
      durationMs: Infinity,
      ...load,
      signal: stand.signal,
      async request(client) {
        from.turn += 1;
        const answer = await connectionOf(connections, client).postBytes(PATHS.searchRuns, ask(from.turn).body);
        return () => {
          const found = countRuns(answer);
          if (found !== page.size) throw new Error(`${server.name} answered with ${found} runs instead of ${page.size}`);
          return found;
        };
      },
    });
    return latenciesMs;
  });
}
