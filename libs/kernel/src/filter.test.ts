import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { DomainError } from './errors.ts';
import type { FilterClause, FilterComparator, OrderClause } from './filter.ts';
import { parseFilter, parseOrderBy, printFilter, printOrderBy } from './filter.ts';

const text = fc.string({ unit: 'grapheme', maxLength: 20 }).filter((value) => !value.includes('\0') && value.isWellFormed());
const operand = fc.record({
  entity: fc.option(
    text.filter((word) => word !== ''),
    { nil: null },
  ),
  key: text,
});
const clause: fc.Arbitrary<FilterClause> = fc
  .oneof(
    fc.record({
      operand,
      comparator: fc.constantFrom<FilterComparator>('=', '!=', '>', '>=', '<', '<=', 'LIKE', 'ILIKE'),
      value: fc.oneof(
        text.map((value) => ({ kind: 'text' as const, value })),
        fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => ({ kind: 'number' as const, value: value === 0 ? 0 : value })),
      ),
    }),
    fc.record({
      operand,
      comparator: fc.constantFrom<FilterComparator>('IN', 'NOT IN'),
      value: fc.array(text, { minLength: 1, maxLength: 5 }).map((values) => ({ kind: 'list' as const, values })),
    }),
    fc.record({
      operand,
      comparator: fc.constantFrom<FilterComparator>('IS NULL', 'IS NOT NULL'),
      value: fc.constant({ kind: 'none' as const }),
    }),
  )
  .map(({ operand: { entity, key }, comparator, value }) => ({ entity, key, comparator, value }));

describe('the filter grammar', () => {
  it('reads back what it prints', () => {
    fc.assert(
      fc.property(fc.array(clause, { minLength: 1, maxLength: 5 }), (clauses) => {
        expect(parseFilter(printFilter(clauses))).toEqual(clauses);
      }),
    );
  });

  it('reads back an ordering that it prints', () => {
    fc.assert(
      fc.property(operand, fc.boolean(), ({ entity, key }, ascending) => {
        const order: OrderClause = { entity, key, ascending };
        expect(parseOrderBy(printOrderBy(order))).toEqual(order);
      }),
    );
  });

  it('answers every text with clauses or a DomainError', () => {
    const pieces = fc.constantFrom(
      ...[
        'metrics.',
        'a',
        '`',
        '"',
        "'",
        ' ',
        '.',
        '(',
        ')',
        ',',
        'AND',
        'IS',
        'NOT',
        'NULL',
        'IN',
        'LIKE',
        '>',
        '=',
        '!',
        '1',
        '-',
        'e',
        '\\',
        '\0',
        '\ud800',
      ],
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string({ unit: 'binary' }),
          fc.array(pieces, { maxLength: 20 }).map((parts) => parts.join('')),
        ),
        (input) => {
          for (const read of [parseFilter, parseOrderBy]) {
            try {
              read(input);
            } catch (error) {
              expect(error).toBeInstanceOf(DomainError);
            }
          }
        },
      ),
      { numRuns: 1000 },
    );
  });

  it.each([
    ['metrics.accuracy > 0.72', [{ entity: 'metrics', key: 'accuracy', comparator: '>', value: { kind: 'number', value: 0.72 } }]],
    ["params.\"my key\" = 'it''s'", [{ entity: 'params', key: 'my key', comparator: '=', value: { kind: 'text', value: "it's" } }]],
    [
      'tags.`mlflow.parentRunId` is not null',
      [{ entity: 'tags', key: 'mlflow.parentRunId', comparator: 'IS NOT NULL', value: { kind: 'none' } }],
    ],
    [
      'tags.mlflow.source.name iLike "%x"',
      [{ entity: 'tags', key: 'mlflow.source.name', comparator: 'ILIKE', value: { kind: 'text', value: '%x' } }],
    ],
    ["run_id not in ('a', 'b',)", [{ entity: null, key: 'run_id', comparator: 'NOT IN', value: { kind: 'list', values: ['a', 'b'] } }]],
    [
      'attributes."Run name"=\'a AND b\'',
      [{ entity: 'attributes', key: 'Run name', comparator: '=', value: { kind: 'text', value: 'a AND b' } }],
    ],
    [
      'metrics.x>-1e-3 and metrics.y<=.5',
      [
        { entity: 'metrics', key: 'x', comparator: '>', value: { kind: 'number', value: -0.001 } },
        { entity: 'metrics', key: 'y', comparator: '<=', value: { kind: 'number', value: 0.5 } },
      ],
    ],
    ['   ', []],
  ])('reads %s', (input, expected) => {
    expect(parseFilter(input)).toEqual(expected);
  });

  it.each([
    "params.a = 'x' OR params.b = 'y'",
    "(params.a = 'x')",
    'params.a = x',
    "params.a = 'x",
    'run_id IN ()',
    'run_id IN (1)',
    "params.a 'x'",
    "params.a = 'x' AND",
    "= 'x'",
    'metrics.a > 1e999',
    "params.a IS 'x'",
  ])('refuses %s', (input) => {
    expect(() => parseFilter(input)).toThrow(expect.objectContaining({ kind: 'invalid', code: 'INVALID_FILTER' }));
  });

  it.each(['metrics.loss SIDEWAYS', 'DESC metrics.loss x', '', 'metrics.a DESC, metrics.b'])('refuses the ordering %s', (input) => {
    expect(() => parseOrderBy(input)).toThrow(expect.objectContaining({ kind: 'invalid', code: 'INVALID_ORDER' }));
  });
});
