// Ids. Every noun has a UUIDv7; what the API hands out is a node id, which carries the kind too: `run_0198c0de…`.
// A reader of a node id so knows whose it is, and a run that an import named like some dataset's UUID cannot be mistaken.

import { randomBytes } from 'node:crypto';

import { invalid } from './errors.ts';

/** The kinds of nodes that the API knows by id. */
export const NODE_KINDS = [
  'workspace',
  'principal',
  'token',
  'experiment',
  'run',
  'loggedModel',
  'datasetInput',
  'model',
  'modelVersion',
  'deployment',
  'dataset',
  'datasetVersion',
  'verification',
  'webhook',
  'webhookDelivery',
  'purge',
] as const;

export type NodeKind = (typeof NODE_KINDS)[number];

const KINDS: ReadonlySet<string> = new Set(NODE_KINDS);
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/**
 * A new UUIDv7 (RFC 9562): 48 bits of milliseconds, then randomness, so that ids sort by when they were made and
 * land on the right edge of an index.
 */
export function newId(nowMs: number = Date.now()): string {
  const bytes = randomBytes(16);
  bytes.writeUIntBE(nowMs, 0, 6);
  bytes[6] = 0x70 | ((bytes[6] ?? 0) & 0x0f);
  bytes[8] = 0x80 | ((bytes[8] ?? 0) & 0x3f);
  const hex = bytes.toString('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

/** Whether the text is a UUID in lower case, as we write them. */
export function isUuid(text: string): boolean {
  return UUID.test(text);
}

/** The API's id of a thing: its kind and its UUID. */
export function nodeId(kind: NodeKind, id: string): string {
  return `${kind}_${id}`;
}

/** Takes a node id apart; null where the text is not one. */
export function parseNodeId(text: string): { kind: NodeKind; id: string } | null {
  const cut = text.indexOf('_');
  const kind = text.slice(0, cut);
  const id = text.slice(cut + 1);
  return KINDS.has(kind) && isUuid(id) ? { kind: kind as NodeKind, id } : null;
}

/** Takes apart the id of one kind of thing. Throws `invalid` where it is malformed or another kind's. */
export function idOf(kind: NodeKind, text: string): string {
  const parsed = parseNodeId(text);
  if (parsed?.kind !== kind) {
    throw invalid('INVALID_ID', `'${text.slice(0, 80)}' is not the id of a ${kind}; it would look like '${kind}_<uuid>'.`);
  }
  return parsed.id;
}
