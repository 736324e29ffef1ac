import { describe, expect, it } from 'vitest';

import {
  counted,
  formatBytes,
  formatCount,
  formatDuration,
  formatNumber,
  fullNumber,
  relativeTime,
  shortHash,
  shortRef,
} from './format.ts';

describe('numbers', () => {
  it('keeps four significant digits and separates thousands', () => {
    expect([0.98514321, 61.2, 1234.56, 12345.6].map(formatNumber)).toEqual(['0.9851', '61.20', '1,235', '12,346']);
  });

  it('writes whole numbers out, and very large and very small ones with an exponent', () => {
    expect([3000, -42, 0, 123456789, 0.0000123456].map(formatNumber)).toEqual(['3,000', '-42', '0', '1.235e8', '1.235e-5']);
  });

  it('keeps the sign of a negative fraction', () => {
    expect(formatNumber(-0.5)).toBe('-0.5000');
  });

  it('names what JSON numbers cannot say', () => {
    expect(['NaN', 'Infinity', '-Infinity'].map(formatNumber)).toEqual(['NaN', '∞', '−∞']);
    expect([Number.MAX_VALUE, -Number.MAX_VALUE].map(formatNumber)).toEqual(['∞', '−∞']);
  });

  it('shows every digit on demand', () => {
    expect(fullNumber(12345.678901234)).toBe('12,345.678901234');
  });

  it('counts beyond the exact range of doubles', () => {
    expect(formatCount('9007199254740993')).toBe('9,007,199,254,740,993');
    expect([counted(1, 'run'), counted('2000', 'run'), counted(2, 'entry', 'entries')]).toEqual(['1 run', '2,000 runs', '2 entries']);
  });
});

describe('sizes, spans and moments', () => {
  it('writes sizes in decimal units with three digits', () => {
    expect([0, 340, 12_400, 999_600, 1_200_000_000, -1500].map(formatBytes)).toEqual([
      '0 B',
      '340 B',
      '12.4 kB',
      '1.00 MB',
      '1.20 GB',
      '-1.50 kB',
    ]);
  });

  it('writes spans in their two largest units', () => {
    expect([340, 4200, 108_000, 3_600_000, 90_000_000].map(formatDuration)).toEqual(['340 ms', '4.2 s', '1 min 48 s', '1 h', '1 d 1 h']);
  });

  it('says how long ago something was', () => {
    const now = Date.parse('2026-11-23T12:00:00Z');
    const ago = (seconds: number) => relativeTime(new Date(now - seconds * 1000).toISOString(), now);
    expect([2, 30, 240, 7200, 90_000, 260_000].map(ago)).toEqual(['just now', '30 s ago', '4 min ago', '2 h ago', 'yesterday', '3 d ago']);
  });
});

describe('hashes and references', () => {
  it('shortens hashes in the middle and leaves short ids whole', () => {
    expect([shortHash('b2f4a1c09d91c0'), shortHash('4be1f02')]).toEqual(['b2f4…91c0', '4be1f02']);
  });

  it('shortens only the long ids in a reference', () => {
    expect([shortRef('run:7f3ac1aaaaaaaaaaaaaaaaaaaaaae09b'), shortRef('model:penguins/3')]).toEqual([
      'run:7f3ac1…e09b',
      'model:penguins/3',
    ]);
  });
});
