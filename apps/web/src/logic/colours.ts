// One colour per run, the same in every table row and chart: the run's id picks a slot of the palette (seven of Okabe and Ito,
// then generated ones). Where two runs of one chart fall on the same slot, the later id moves on to the next free one.

/** How many `--series-N` the tokens define. */
export const SERIES_COUNT = 21;

/** FNV-1a over UTF-16 units: spreads ids evenly, and is the same in every browser and on the server. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) value = Math.imul(value ^ text.charCodeAt(index), 0x01000193);
  return value >>> 0;
}

/** The slot that a run prefers, 1 to SERIES_COUNT. Two of three runs get one of the seven colours that everybody can tell apart. */
export function slotOf(runId: string): number {
  const value = hash(runId);
  return value % 3 === 0 ? 8 + ((value >>> 4) % (SERIES_COUNT - 7)) : 1 + ((value >>> 4) % 7);
}

/** A slot for each of a set of runs, all different while there are slots. Does not depend on the order of the set. */
export function assignSlots(runIds: readonly string[]): ReadonlyMap<string, number> {
  const slots = new Map<string, number>();
  const taken = new Set<number>();
  for (const runId of [...new Set(runIds)].sort()) {
    let slot = slotOf(runId);
    for (let tries = 0; taken.has(slot) && tries < SERIES_COUNT; tries += 1) slot = (slot % SERIES_COUNT) + 1;
    taken.add(slot);
    slots.set(runId, slot);
  }
  return slots;
}

/** The CSS colour of a slot. */
export function colourOf(slot: number): string {
  return `var(--series-${slot})`;
}
