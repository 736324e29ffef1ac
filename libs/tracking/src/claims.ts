// Which dataset version an input says that it is: by its source, or by its run's tag `throughline.dataset`. A claim is a reference in
// its canonical form (`data:penguins@2`); whether that version exists is for whoever knows datasets.

import { DomainError, formatRef, parseRef } from '@throughline/kernel';

/** The address under which this server gives out a version's files; the host may be any of its names. */
const FILE_ROUTE = /^https?:\/\/[^/?#]+\/(?:[^?#]*\/)?api\/v1\/datasets\/([^/?#]+)\/versions\/([1-9]\d{0,8})\/files\/[^?#]+/;

/** The members of MLflow's JSON sources that say where the data is. */
const PLACES = ['url', 'uri', 'path', 'source', 'reference'] as const;

/** The reference in a text, canonical; null where it is not one of a dataset in this workspace. */
export function claimOf(text: string): string | null {
  const trimmed = text.trim();
  const route = FILE_ROUTE.exec(trimmed);
  try {
    if (route !== null) return formatRef({ kind: 'data', name: decodeURIComponent(route[1] ?? ''), number: Number(route[2]) });
    const parsed = parseRef(trimmed);
    return parsed?.ref.kind === 'data' && parsed.workspace === null ? formatRef(parsed.ref) : null;
  } catch (error) {
    // A source is free text: one that looks like a reference and is none claims nothing.
    if (error instanceof DomainError || error instanceof URIError) return null;
    throw error;
  }
}

/** The reference in a source, which MLflow writes as plain text or as JSON with the place in one of its members. */
export function claimOfSource(source: string): string | null {
  return (
    claimOf(source) ??
    placesIn(source)
      .map(claimOf)
      .find((claim) => claim !== null) ??
    null
  );
}

function placesIn(source: string): string[] {
  if (!source.trimStart().startsWith('{')) return [];
  try {
    const json: unknown = JSON.parse(source);
    if (typeof json !== 'object' || json === null) return [];
    return PLACES.map((place): unknown => Reflect.get(json, place)).filter((value) => typeof value === 'string');
  } catch {
    // Not JSON after all: a client's own way of writing sources.
    return [];
  }
}
