import { describe, expect, it } from 'vitest';

import { environmentText, machine } from './environment.ts';

describe('the environment', () => {
  it('tells the machine, and how busy it was', () => {
    expect(Object.keys(machine())).toEqual(['startedAt', 'platform', 'cores', 'processor', 'memoryGigabytes', 'loadAverage', 'node']);
  });

  it('is a line of facts for people, and one for each group', () => {
    const text = environmentText({ cores: 2, loadAverage: [0.5, 1], postgres: { fsync: 'on', wal_level: 'replica' } });
    expect(text).toBe('cores 2, loadAverage 0.5 1\npostgres: fsync on, wal_level replica');
  });
});
