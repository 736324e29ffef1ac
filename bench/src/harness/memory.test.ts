import { describe, expect, it } from 'vitest';

import { kilobytes, memoryOfNode, withDescendants } from './memory.ts';

describe('the memory of a program', () => {
  it('is that of the process and of all below it', () => {
    const parentOf = new Map([
      [2, 1],
      [3, 2],
      [4, 2],
      [5, 4],
      [6, 1],
    ]);
    expect(withDescendants(2, parentOf).sort()).toEqual([2, 3, 4, 5]);
  });

  it('is read from the kernel’s own sums', () => {
    const rollup = '55d0-7ffd ---p 00000000 00:00 0 [rollup]\nRss:              123456 kB\nPss:               61234 kB\nPss_Dirty: 1 kB\n';
    expect(kilobytes(rollup, 'Pss')).toBe(61_234);
    expect(() => kilobytes(rollup, 'Swap')).toThrow('no Swap');
  });

  it.runIf(process.platform === 'linux')('counts this very process', () => {
    const found = memoryOfNode(process.pid);
    expect(found.processes).toBeGreaterThanOrEqual(1);
    expect(found.pssMegabytes).toBeGreaterThan(1);
    expect(found.rssMegabytes).toBeGreaterThanOrEqual(found.pssMegabytes);
  });
});
