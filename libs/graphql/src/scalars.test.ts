import fc from 'fast-check';
import { parseValue } from 'graphql';
import { describe, expect, it } from 'vitest';

import { sharedScalars } from './scalars.ts';

function scalar(name: string) {
  const found = sharedScalars[name];
  if (found === undefined) throw new Error(`There is no scalar ${name}.`);
  return {
    out: (value: unknown): unknown => found.serialize(value),
    read: (value: unknown): unknown => found.parseValue(value),
    literal: (text: string): unknown => found.parseLiteral(parseValue(text)),
  };
}

describe('BigInt', () => {
  const { out, read, literal } = scalar('BigInt');

  it('brings every 64-bit whole number out and in again', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), (value) => {
        expect(read(out(value))).toBe(value);
        expect(literal(String(out(value)))).toBe(value);
        expect(literal(JSON.stringify(out(value)))).toBe(value);
      }),
    );
  });

  it('takes a JSON number where it is exact', () => {
    expect(read(Number.MAX_SAFE_INTEGER)).toBe(9007199254740991n);
    expect(() => read(Number.MAX_SAFE_INTEGER + 1)).toThrow('64-bit whole number');
  });

  it.each([1.5, '', '1.0', '0x10', '1e3', ' 1', '9223372036854775808', '-9223372036854775809', '9'.repeat(400), true, null, [], {}])(
    'refuses %j',
    (value) => {
      expect(() => read(value)).toThrow('A BigInt is a 64-bit whole number');
    },
  );

  it('quotes little of what it refuses', () => {
    expect(() => read('x'.repeat(10_000))).toThrow(/^.{1,200}$/);
  });
});

describe('DateTime', () => {
  const { out, read, literal } = scalar('DateTime');

  it('brings every moment of four-digit years out and in again', () => {
    const dates = fc.date({ min: new Date('0000-01-01T00:00:00Z'), max: new Date('9999-12-31T23:59:59.999Z'), noInvalidDate: true });
    fc.assert(
      fc.property(dates, (date) => {
        expect(read(out(date))).toEqual(date);
      }),
    );
  });

  it('takes other offsets, and cuts off what is finer than milliseconds', () => {
    expect(read('2026-11-23T16:24:58.123456+01:00')).toEqual(new Date('2026-11-23T15:24:58.123Z'));
    expect(literal('"2024-02-29T00:00:00Z"')).toEqual(new Date('2024-02-29T00:00:00Z'));
  });

  it.each([
    '2026-11-23',
    '2026-11-23T15:24:58',
    '2026-02-29T00:00:00Z',
    '2026-04-31T00:00:00Z',
    '2026-13-01T00:00:00Z',
    '2026-01-00T00:00:00Z',
    '2026-01-01T24:00:00Z',
    'now',
    1_790_000_000,
    null,
  ])('refuses %j', (value) => {
    expect(() => read(value)).toThrow('ISO 8601');
  });

  it('refuses to bring out a broken date', () => {
    expect(() => out(new Date(Number.NaN))).toThrow();
  });
});

describe('MetricValue', () => {
  const { out, read, literal } = scalar('MetricValue');

  it('brings every double through JSON and in again', () => {
    // JSON has no negative zero; nothing else may be lost.
    fc.assert(
      fc.property(
        fc.double().filter((value) => !Object.is(value, -0)),
        (value) => {
          expect(read(JSON.parse(JSON.stringify(out(value))))).toBe(value);
        },
      ),
    );
  });

  it('reads literals', () => {
    expect([literal('1'), literal('-2.5e3'), literal('"NaN"'), literal('"-Infinity"')]).toEqual([
      1,
      -2500,
      Number.NaN,
      Number.NEGATIVE_INFINITY,
    ]);
  });

  it('refuses a number that no double holds, rather than store an infinity that nobody sent', () => {
    expect(() => read(JSON.parse('1e999'))).toThrow('fits a double');
    expect(() => literal('1e999')).toThrow('fits a double');
  });

  it.each(['1', 'nan', 'inf', null, true, []])('refuses %j', (value) => {
    expect(() => read(value)).toThrow('A MetricValue is a number');
  });
});

describe('JSON', () => {
  it('is what it is', () => {
    const { out, read, literal } = scalar('JSON');
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect([out(value), read(value)]).toEqual([value, value]);
      }),
    );
    expect(literal('{ a: [1, 2.5, "x", true, null], b: {} }')).toEqual({ a: [1, 2.5, 'x', true, null], b: {} });
  });
});
