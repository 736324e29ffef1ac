// Pages of runs as JSON text. Most of a page comes as it was kept (see RunCards): each run one text, put between commas. Runs without a card are
// read and written down, in their places among the others, and missed, so that they have one the next time.

import { Readable } from 'node:stream';

import type { Call } from '@throughline/database';
import type { Page, PageRequest } from '@throughline/kernel';
import type { CardFacts, CardWriter, FoundRun, KeyValue, Run, RunSearch } from '@throughline/tracking';

import type { Services } from '../services.ts';
import { bodies } from './bodies.ts';
import { nextPage, runJson } from './present.ts';

/**
 * Counts up with every change of what a run looks like in an answer, in present.ts or in how it is read: cards that an earlier release made
 * are then made anew.
 */
const LAYOUT = 1;

/** Runs whose details are in memory at once: some megabytes. */
const RUNS_AT_ONCE = 1_000;

/** Some runs with everything that belongs to them, each as JSON, by UUID. */
async function writeRuns({ tracking }: Pick<Services, 'tracking'>, call: Call, runs: readonly Run[]): Promise<Map<string, string>> {
  const ids = runs.map(({ id }) => id);
  // One after the other, as a transaction wants it.
  const details = await tracking.runs.loadDetailsJson(call, ids);
  const more = await tracking.runs.loadDetails(call, ids, { inputs: true });
  const links = await tracking.loggedModels.linksOfRuns(call, ids);
  const none = { params: '', tags: '', metrics: '' };
  return new Map(
    runs.map((run) => [run.id, runJson(run, details.get(run.id) ?? none, more.get(run.id)?.inputs ?? [], links.get(run.id) ?? [])]),
  );
}

/** What of a card is read again. */
interface WrittenRun {
  info: { run_id: string; run_name: string; status: string; start_time: number; end_time?: number; lifecycle_stage: string };
  data: {
    metrics?: { key: string; value: number | 'NaN' }[];
    params?: KeyValue[];
    tags?: KeyValue[];
  };
}

function readCard(body: string): CardFacts {
  const { info, data } = JSON.parse(body) as WrittenRun;
  return {
    runId: info.run_id,
    name: info.run_name,
    status: info.status,
    isActive: info.lifecycle_stage === 'active',
    startTimeMs: info.start_time,
    endTimeMs: info.end_time ?? null,
    metrics: (data.metrics ?? []).map(({ key, value }) => ({ key, value: Number(value) })),
    params: data.params ?? [],
    tags: data.tags ?? [],
  };
}

/** What makes the cards of this protocol. */
export function cardWriter(services: Pick<Services, 'tracking'>): CardWriter {
  return { layout: LAYOUT, write: (call, runs) => writeRuns(services, call, runs), read: readCard };
}

/** Runs that were found, each as JSON. One that was removed for good since is left out. */
async function textsOf(services: Services, call: Call, found: readonly FoundRun[]): Promise<(string | Uint8Array)[]> {
  const { runs, cards } = services.tracking;
  // A card that is too large to be kept says nothing, and is not missed.
  const without = found.filter(({ card }) => !card);
  const ids = without.map(({ id }) => id);
  const read = ids.length === 0 ? new Map<string, string>() : await writeRuns(services, call, await runs.findMany(call, ids));
  cards.missed(
    call,
    without.filter(({ card }) => card === null).map(({ id }) => id),
  );
  return found.flatMap(({ id, card }) => card || (read.get(id) ?? []));
}

/** The same of runs that were found without their cards. */
async function textsApart(services: Services, call: Call, found: readonly FoundRun[]): Promise<(string | Uint8Array)[]> {
  const ids = found.map(({ id }) => id);
  const cards = await services.tracking.cards.read(call, ids, LAYOUT);
  return textsOf(
    services,
    call,
    ids.map((id) => ({ id, card: cards.get(id) ?? null })),
  );
}

/** A page of a search, as a JSON document: at once where it is small, which is to be given back to the bodies, else as it is read. */
export async function searchJson(services: Services, call: Call, search: RunSearch, page: PageRequest): Promise<Buffer | Readable> {
  const isSmall = page.first <= RUNS_AT_ONCE;
  const found = await services.tracking.cards.search(call, search, { page, layout: isSmall ? LAYOUT : null });
  if (found.items.length > RUNS_AT_ONCE) return Readable.from(pieces(services, call, found), { objectMode: false });
  const texts = await (isSmall ? textsOf : textsApart)(services, call, found.items);
  const [begin, end] = around(found);
  return bodies.enclosed(begin, texts, end);
}

async function* pieces(services: Services, call: Call, found: Page<FoundRun>): AsyncGenerator<Buffer> {
  const [begin, end] = around(found);
  yield Buffer.from(begin);
  let comma = '';
  for (let from = 0; from < found.items.length; from += RUNS_AT_ONCE) {
    const texts = await textsApart(services, call, found.items.slice(from, from + RUNS_AT_ONCE));
    if (texts.length === 0) continue;
    yield bodies.enclosed(comma, texts, '');
    comma = ',';
  }
  yield Buffer.from(end);
}

/** What stands in front of the members and behind them. A page without any has no list. */
function around(found: Page<FoundRun>): [begin: string, end: string] {
  const rest = JSON.stringify(nextPage(found)).slice(1);
  if (found.items.length === 0) return ['{', rest];
  return ['{"runs":[', rest === '}' ? ']}' : `],${rest}`];
}
