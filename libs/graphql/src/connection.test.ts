import { pageOf } from '@throughline/kernel';
import { describe, expect, it } from 'vitest';

import { toConnection } from './connection.ts';

describe('toConnection', () => {
  it('presents a page with a cursor for each of its items', () => {
    const page = pageOf(['a', 'b', 'c'], 2, (item) => `cursor-${item}`);
    expect(toConnection(page)).toEqual({
      edges: [
        { cursor: 'cursor-a', node: 'a' },
        { cursor: 'cursor-b', node: 'b' },
      ],
      nodes: ['a', 'b'],
      pageInfo: { hasNextPage: true, hasPreviousPage: false, startCursor: 'cursor-a', endCursor: 'cursor-b' },
    });
  });

  it('has no cursors on an empty page', () => {
    expect(toConnection(pageOf<string>([], 2, String)).pageInfo).toEqual({
      hasNextPage: false,
      hasPreviousPage: false,
      startCursor: null,
      endCursor: null,
    });
  });

  it('maps each item once, and takes cursors from what it was', () => {
    const page = pageOf([1, 2], 5, String);
    const { edges, nodes } = toConnection(page, (item) => ({ doubled: item * 2 }));
    expect(edges.map((edge) => edge.cursor)).toEqual(['1', '2']);
    expect(nodes[1]).toBe(edges[1]?.node);
  });

  it('says that there is something before a page behind a cursor', () => {
    expect(toConnection(pageOf([1], 1, String), String, 'cursor').pageInfo.hasPreviousPage).toBe(true);
  });
});
