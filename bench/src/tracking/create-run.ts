// The row about starting runs.

import { closedLoop } from '../harness/load.ts';
import { row, timesTheRate } from '../harness/report.ts';
import type { Server } from '../harness/servers.ts';
import { connectionOf, withConnections } from './connection.ts';
import { createExperiment, PATHS, runBody, runIdOf, searchPage } from './mlflow-protocol.ts';
import type { Stand } from './stand.ts';
import { figureAt, figuresOf, freshName } from './work.ts';
import type { Work } from './work.ts';

/** Larger than a turn's runs may be, and within what both servers allow. */
const PAGE = 10_000;

export const CREATE_RUN: Work = {
  name: 'create-run',
  title: 'create run, runs/s',
  work: 'Each of 8 clients starts runs in one experiment, with a name and the tags that the Python client sends; then the runs are counted by a search.',
  seconds: 65,
  async run(stand, work) {
    const mlflow = await stand.mlflow();
    const { figures, notes } = await figuresOf(stand, 'runs/s', [
      { name: stand.throughline.name, turn: (isWarmUp) => createRunsFor(stand, stand.throughline, isWarmUp) },
      { name: mlflow.name, turn: (isWarmUp) => createRunsFor(stand, mlflow, isWarmUp) },
    ]);
    return row(work, { figures, bars: [timesTheRate(figureAt(figures, 0), figureAt(figures, 1), 10, 'MLflow')], notes });
  },
};

async function createRunsFor(stand: Stand, server: Server, isWarmUp: boolean): Promise<number> {
  const { clients, turnMs } = stand.scale;
  return withConnections(server.origin, clients, async (connections) => {
    const first = connectionOf(connections, 0);
    const experimentId = await createExperiment(first, freshName('create-run'));
    const made = new Set<string>();
    const result = await closedLoop({
      clients,
      durationMs: isWarmUp ? turnMs / 2 : turnMs,
      signal: stand.signal,
      async request(client, turn) {
        const body = runBody({ experimentId, name: `run-${client}-${turn}`, startTimeMs: Date.now() });
        const answer = await connectionOf(connections, client).postBytes(PATHS.createRun, body);
        return () => {
          made.add(runIdOf(answer));
          return 1;
        };
      },
    });
    const found = new Set<string>();
    for (let pageToken: string | null = ''; pageToken !== null;) {
      const search = { experimentId, filter: '', orderBy: 'attributes.start_time ASC', maxResults: PAGE };
      const page = await searchPage(first, pageToken === '' ? search : { ...search, pageToken });
      for (const runId of page.runIds) found.add(runId);
      pageToken = page.nextPageToken;
    }
    if (found.size !== result.units || [...made].some((runId) => !found.has(runId))) {
      throw new Error(`${server.name} acknowledged ${result.units} runs and found ${found.size}`);
    }
    return result.perSecond;
  });
}
