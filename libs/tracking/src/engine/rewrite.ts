// Where new points of a metric go among the chunks that it has, so that chunks stay apart in a series' order, few, and cheap to keep.
//
// Points within a chunk rewrite that chunk. Points between two chunks, or behind the last, become a chunk of their own, which joins a
// neighbour that is at most twice as large, and goes on joining: sizes then fall by half from one to the next, so that a metric of n points
// has a handful of small chunks, and each point is rewritten some log n times however slowly it grows. A full chunk is left alone.

import { concat, mergeDistinct, placeOf, slice } from './points.ts';
import type { Columns } from './points.ts';
import type { MetricPoint } from '../types.ts';
import { MAX_CHUNK_POINTS } from './chunk.ts';

/** A chunk that is there. */
export interface Held {
  pointCount: number;
  first: MetricPoint;
  last: MetricPoint;
}

/** Chunks that are replaced by chunks of the same points and new ones. */
export interface Rewrite<Chunk extends Held> {
  chunks: Chunk[];
  fresh: Columns[];
  /** Points in it at most: some of the new ones may be there already. */
  size: number;
  /** Whether it ends the series. */
  isTail: boolean;
}

interface Segment<Chunk extends Held> extends Rewrite<Chunk> {
  isTouched: boolean;
}

/**
 * Plans where points go: `chunks` are the metric's last ones in a series' order, and reach back before the first new point unless they are
 * all of them; `fresh` is in that order too.
 */
export function planRewrites<Chunk extends Held>(chunks: readonly Chunk[], fresh: Columns): Rewrite<Chunk>[] {
  const segments = lineUp(chunks, fresh);
  const last = segments.at(-1);
  if (last !== undefined) last.isTail = true;
  return join(segments).filter(({ isTouched }) => isTouched);
}

/** Chunks and new points in order: points within a chunk with it, the others between. */
function lineUp<Chunk extends Held>(chunks: readonly Chunk[], fresh: Columns): Segment<Chunk>[] {
  const segments: Segment<Chunk>[] = [];
  let done = 0;
  const between = (until: number) => {
    if (until > done) {
      segments.push({ chunks: [], fresh: [slice(fresh, done, until)], size: until - done, isTail: false, isTouched: true });
    }
    done = Math.max(done, until);
  };
  for (const chunk of chunks) {
    between(placeOf(fresh, chunk.first));
    const end = Math.max(done, placeOf(fresh, chunk.last, true));
    const within = end > done ? [slice(fresh, done, end)] : [];
    segments.push({ chunks: [chunk], fresh: within, size: chunk.pointCount + end - done, isTail: false, isTouched: end > done });
    done = end;
  }
  between(fresh.length);
  return segments;
}

/** Joins what was touched with neighbours that are not much larger. */
function join<Chunk extends Held>(segments: readonly Segment<Chunk>[]): Segment<Chunk>[] {
  const joined: Segment<Chunk>[] = [];
  for (const segment of segments) {
    let current = segment;
    for (let before = joined.at(-1); before !== undefined && belongTogether(before, current); before = joined.at(-1)) {
      joined.pop();
      current = {
        chunks: [...before.chunks, ...current.chunks],
        fresh: [...before.fresh, ...current.fresh],
        size: before.size + current.size,
        isTail: current.isTail,
        isTouched: true,
      };
    }
    joined.push(current);
  }
  return joined;
}

/**
 * Of two neighbours one joins the other where it is not more than twice as large, and both fit one chunk. At the end of a series the joined may
 * be more, once: the chunk in front is filled up, and the rest stands behind it. Elsewhere that would go on through the whole series.
 */
function belongTogether<Chunk extends Held>(before: Segment<Chunk>, after: Segment<Chunk>): boolean {
  const isSmall = ({ size }: Segment<Chunk>, than: Segment<Chunk>) => size < MAX_CHUNK_POINTS && size <= 2 * than.size;
  if (before.size + after.size <= MAX_CHUNK_POINTS) {
    return (after.isTouched && isSmall(before, after)) || (before.isTouched && isSmall(after, before));
  }
  const mayOverflow = after.isTail && (after.size < MAX_CHUNK_POINTS || after.chunks.length === 0);
  return mayOverflow && after.isTouched && isSmall(before, after);
}

/** The points of a rewrite, given those of its chunks in order; null where all of the new ones were there and nothing is to be joined. */
export function rewritten<Chunk extends Held>({ chunks, fresh }: Rewrite<Chunk>, held: readonly Columns[]): Columns | null {
  const base = concat(held);
  const points = mergeDistinct(base, concat(fresh));
  return chunks.length === 1 && points.length === base.length ? null : points;
}

/** Cuts points into chunks: full ones at the end of a series, where more will come; else even ones, which have room for what comes between. */
export function cut(points: Columns, isTail: boolean): Columns[] {
  const count = Math.ceil(points.length / MAX_CHUNK_POINTS);
  const size = isTail ? MAX_CHUNK_POINTS : Math.ceil(points.length / count);
  return Array.from({ length: count }, (_, index) => slice(points, index * size, Math.min(points.length, (index + 1) * size)));
}
