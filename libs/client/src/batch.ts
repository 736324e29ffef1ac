// Records into requests. Neighbours of metrics, params and tags go together as far as one request takes them; everything else goes alone. The
// order stays: a tag that was set twice keeps its last value, and what came after an end is sent after it.

import { LIMITS } from './checks.ts';
import type { Entry, JournalRecord, Point } from './journal.ts';

type Pair = readonly [string, string];
export type SingleRecord = Exclude<JournalRecord, { type: 'metrics' | 'params' | 'tags' }>;

/** One request's worth. */
export type Parcel =
  | { kind: 'batch'; metrics: Point[]; params: Pair[]; tags: Pair[]; records: JournalRecord[]; end: number }
  | { kind: 'single'; record: SingleRecord; end: number }
  | { kind: 'damaged'; end: number };

type BatchParcel = Extract<Parcel, { kind: 'batch' }>;

/** Cuts entries into parcels. No record is cut: each fits one request, since it was written so. */
export function parcelsOf(entries: readonly Entry[]): Parcel[] {
  const parcels: Parcel[] = [];
  let open: BatchParcel | null = null;
  for (const { record, end } of entries) {
    if (record === null) {
      parcels.push({ kind: 'damaged', end });
      open = null;
    } else if (record.type === 'metrics' || record.type === 'params' || record.type === 'tags') {
      if (open === null || !fits(open, record)) {
        open = { kind: 'batch', metrics: [], params: [], tags: [], records: [], end };
        parcels.push(open);
      }
      if (record.type === 'metrics') for (const point of record.points) open.metrics.push(point);
      else open[record.type].push(...record.pairs);
      open.records.push(record);
      open.end = end;
    } else {
      parcels.push({ kind: 'single', record, end });
      open = null;
    }
  }
  return parcels;
}

function fits(parcel: BatchParcel, record: Extract<JournalRecord, { type: 'metrics' | 'params' | 'tags' }>): boolean {
  const metrics = parcel.metrics.length + (record.type === 'metrics' ? record.points.length : 0);
  const params = parcel.params.length + (record.type === 'params' ? record.pairs.length : 0);
  const tags = parcel.tags.length + (record.type === 'tags' ? record.pairs.length : 0);
  return (
    metrics <= LIMITS.batchMetrics &&
    params <= LIMITS.batchParams &&
    tags <= LIMITS.batchTags &&
    metrics + params + tags <= LIMITS.batchTotal
  );
}
