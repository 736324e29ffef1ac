// Lists that MLflow's clients keep as JSON in a tag: the versions made from a logged model, the models of a run. Anybody may write such
// a tag, and it has a longest length; so what is no list of ours is replaced, and of a list that grew too long the newest stay. Keeping
// the list never stops what it tells of.

import { LIMITS } from '@throughline/tracking';

/**
 * The tag's value with one more item at its end, which is JSON already: it may be nested deeper than could be written anew. One that is in
 * the list already moves there.
 */
export function appended(value: string | undefined, json: string, isOurs: (item: unknown) => boolean): string {
  const kept = itemsOf(value).filter(isOurs);
  const texts = [...kept.map((item) => JSON.stringify(item)).filter((text) => text !== json), json];
  let length = '[]'.length;
  // From the newest back, each with its comma, until the next one does not fit.
  const first =
    texts.findLastIndex((text) => {
      length += text.length + 1;
      return length > LIMITS.tagValue;
    }) + 1;
  return `[${texts.slice(first).join(',')}]`;
}

function itemsOf(value: string | undefined): unknown[] {
  if (value === undefined) return [];
  try {
    const list: unknown = JSON.parse(value);
    return Array.isArray(list) ? (list as unknown[]) : [];
  } catch {
    // Somebody wrote something else there.
    return [];
  }
}
