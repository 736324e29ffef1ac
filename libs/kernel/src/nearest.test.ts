import { describe, expect, it } from 'vitest';

import { nearest } from './nearest.ts';

describe('the nearest word', () => {
  it.each([
    ['bakup', 'backup'],
    ['docter', 'doctor'],
    ['cg', null],
    ['frobnicate', null],
  ])('to %s is %s', (word, meant) => {
    expect(nearest(word, ['backup', 'restore', 'doctor', 'gc'])).toBe(meant);
  });
});
