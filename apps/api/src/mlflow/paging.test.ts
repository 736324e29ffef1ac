import { describe, expect, it } from 'vitest';

import { askedPage } from './paging.ts';

const SIZES = { default: 10, max: 20 };

describe('the page that a request asks for', () => {
  it.each([
    [
      { max_results: undefined, page_token: undefined },
      { first: 10, after: null },
    ],
    [
      { max_results: 20, page_token: '' },
      { first: 20, after: null },
    ],
    [
      { max_results: 1, page_token: 'abc' },
      { first: 1, after: 'abc' },
    ],
  ])('%j is %j', (asked, page) => {
    expect(askedPage(asked, SIZES)).toEqual(page);
  });

  it.each([
    [0, "Invalid value 0 for parameter 'max_results' supplied. It must be a positive integer."],
    [-3, "Invalid value -3 for parameter 'max_results' supplied. It must be a positive integer."],
    [21, "Invalid value 21 for parameter 'max_results' supplied. It must be at most 20."],
  ])('of %d results is refused', (max_results, words) => {
    expect(() => askedPage({ max_results, page_token: undefined }, SIZES)).toThrow(words);
  });
});
