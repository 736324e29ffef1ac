// Goal: the number is right for any number, after few questions. Method: a server's pages over so many items, with tokens of several kinds.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { countByTokens } from './rest-counts.ts';
import type { AskForOne } from './rest-counts.ts';

/** Answers as a server does that has so many, and counts how often it was asked. */
function server(
  count: number,
  write: (offset: number) => string,
  read: (token: string) => number,
): { ask: AskForOne; asked: () => number } {
  let asked = 0;
  return {
    asked: () => asked,
    ask({ page_token }) {
      asked += 1;
      const offset = page_token === undefined ? 0 : read(page_token);
      return Promise.resolve({ items: offset < count ? 1 : 0, next: offset + 1 < count ? write(offset + 1) : null });
    },
  };
}

const writeOffset = (offset: number) => Buffer.from(`{"offset": ${offset}}`).toString('base64');
const readOffset = (token: string) => (JSON.parse(Buffer.from(token, 'base64').toString()) as { offset: number }).offset;

describe('what a server tells page by page', () => {
  it('is counted by few questions where its tokens say how many they pass over', async () => {
    await fc.assert(
      fc.asyncProperty(fc.oneof(fc.nat(40), fc.nat(10_000_000)), async (count) => {
        const { ask, asked } = server(count, writeOffset, readOffset);
        expect(await countByTokens(ask)).toBe(count);
        expect(asked()).toBeLessThanOrEqual(2 + 2 * Math.ceil(Math.log2(count + 2)));
      }),
    );
  });

  it.each([
    ['another text', (offset: number) => `after-${offset}`, (token: string) => Number(token.slice(6))],
    [
      'another object',
      (offset: number) => btoa(JSON.stringify({ after: offset })),
      (token: string) => Number(/\d+/.exec(atob(token))?.[0]),
    ],
  ])('is not counted so where its tokens are %s', async (_, write, read) => {
    const { ask, asked } = server(5, write, read);
    expect(await countByTokens(ask)).toBeNull();
    expect(asked()).toBe(1);
  });

  it('is not counted so where the server takes no notice of tokens', async () => {
    const ask: AskForOne = () => Promise.resolve({ items: 1, next: writeOffset(1) });
    expect(await countByTokens(ask)).toBeNull();
  });
});
