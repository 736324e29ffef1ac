import type { Page } from '@throughline/kernel';

/** A page in Relay's shape. `totalCount`, where a connection has one, is the domain's to add. */
export interface Connection<T> {
  edges: { cursor: string; node: T }[];
  nodes: T[];
  pageInfo: { hasNextPage: boolean; hasPreviousPage: boolean; startCursor: string | null; endCursor: string | null };
}

/**
 * Presents the kernel's page as a Relay connection, each item through `map` where one is given.
 * `after` is the cursor that the page was asked with: behind one, there are items before it. Lists page forward only.
 */
export function toConnection<T>(page: Page<T>): Connection<T>;
export function toConnection<T, U>(page: Page<T>, map: (item: T) => U, after?: string | null): Connection<U>;
export function toConnection<T, U>(page: Page<T>, map?: (item: T) => U, after: string | null = null): Connection<T | U> {
  const edges = page.items.map((item) => ({ cursor: page.cursorOf(item), node: map === undefined ? item : map(item) }));
  return {
    edges,
    nodes: edges.map((edge) => edge.node),
    pageInfo: {
      hasNextPage: page.hasNextPage,
      hasPreviousPage: after !== null,
      startCursor: edges[0]?.cursor ?? null,
      endCursor: edges.at(-1)?.cursor ?? null,
    },
  };
}
