// Which dataset version an input says that it is: by its source, or by its run's tag `throughline.dataset`. A claim is a reference in
// its canonical form (`data:penguins@2`), or what DVC calls the content (`dvc:<md5>.dir`); whether that version exists is for whoever knows
// datasets.

import { posix } from 'node:path';

import { DomainError, formatRef, parseRef } from '@throughline/kernel';

/** The address under which a server gives out a version's files. */
const FILE_ROUTE = /^https?:\/\/[^/?#]+\/(?:[^?#]*\/)?api\/v1\/datasets\/([^/?#]+)\/versions\/([1-9]\d{0,8})\/files\/[^?#]+/;

/** What DVC calls a file or a folder: it names content, which may be a version under any name. */
const DVC_NAME = /^dvc:[0-9a-f]{32}(?:\.dir)?$/;

/** The members of MLflow's JSON sources that say where the data is. */
const PLACES = ['url', 'uri', 'path', 'source', 'reference'] as const;

/** Whether this server answers under a host name. Another server's version 2 is another one, whatever it is called there. */
export type IsOwnHost = (hostname: string) => boolean;

/** The claim in a text, canonical; null where it is not a reference to a dataset of this workspace, an address of ours, or a name of DVC's. */
export function claimOf(text: string, isOwnHost: IsOwnHost): string | null {
  const trimmed = text.trim();
  if (DVC_NAME.test(trimmed)) return trimmed;
  const route = FILE_ROUTE.exec(trimmed);
  try {
    if (route !== null && !(URL.canParse(trimmed) && isOwnHost(new URL(trimmed).hostname.replace(/^\[|\]$/g, '')))) return null;
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
export function claimOfSource(source: string, isOwnHost: IsOwnHost): string | null {
  return (
    claimOf(source, isOwnHost) ??
    placesIn(source)
      .map((place) => claimOf(place, isOwnHost))
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

/** References in one tag; what stands behind them is not read. */
const MAX_TAGGED = 100;

/** A comma that another reference follows: one in the name of a dataset is none of these. */
const BETWEEN_CLAIMS = /,(?=\s*(?:data:|dvc:|https?:))/;

/** What a run's tag says that its inputs are: one reference, or several with commas between them. */
export function taggedClaims(text: string, isOwnHost: IsOwnHost): { claim: string; name: string | null }[] {
  const claims = text.split(BETWEEN_CLAIMS, MAX_TAGGED).flatMap((part) => claimOf(part, isOwnHost) ?? []);
  return [...new Set(claims)].map((claim) => ({ claim, name: nameIn(claim) }));
}

function nameIn(claim: string): string | null {
  const ref = parseRef(claim)?.ref;
  return ref?.kind === 'data' ? ref.name : null;
}

/** Which of a run's tagged references an input is: the only one, or of several the one of the dataset that the input is called like. */
export function taggedFor(claims: readonly { claim: string; name: string | null }[], inputName: string): string | null {
  const [only] = claims;
  if (claims.length === 1 && only !== undefined) return only.claim;
  return claims.find(({ name }) => name === inputName)?.claim ?? null;
}

/**
 * The path of a file on its reader's machine in a source, normal, with / between its parts and at its beginning where it is absolute; null where
 * the source is something else.
 */
export function localPathOf(source: string): string | null {
  const place = source.trimStart().startsWith('{') ? (placesIn(source)[0] ?? '') : source.trim();
  if (!/^file:\/\//i.test(place) && /^[a-z][a-z0-9+.-]+:/i.test(place)) return null;
  const path = posix.normalize(withoutScheme(place).replaceAll('\\', '/')).replace(/^(?:\.\.?\/)+/, '');
  return path === '' || path === '.' || path === '/' ? null : path.replace(/\/$/, '');
}

function withoutScheme(place: string): string {
  if (!/^file:\/\//i.test(place)) return place;
  try {
    return decodeURIComponent(new URL(place).pathname);
  } catch {
    // No address after all.
    return place;
  }
}
