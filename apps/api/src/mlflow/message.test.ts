import { DomainError } from '@throughline/kernel';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { bool, cut, double, int64, list, nested, oneOf, readMessage, readQuery, required, text } from './message.ts';

const SHAPE = {
  name: required(text),
  count: int64,
  value: double,
  flag: bool,
  view: oneOf('ACTIVE_ONLY', 'ALL'),
  tags: list(nested({ key: required(text), value: text })),
};

function complaint(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    if (error instanceof DomainError) return error.message;
    throw error;
  }
  throw new Error('the message was taken');
}

describe('a message', () => {
  it('is read whole, unknown fields ignored', () => {
    const message = { name: 'n', count: '12', value: 'NaN', flag: true, view: 'ALL', tags: [{ key: 'k', value: '' }], other: 1 };
    expect(readMessage(SHAPE, message)).toEqual({
      name: 'n',
      count: 12,
      value: NaN,
      flag: true,
      view: 'ALL',
      tags: [{ key: 'k', value: '' }],
    });
  });

  it('takes the name that protocol buffers give a field in JSON, and not both names at once', () => {
    const shape = { run_id: required(text), metrics: list(nested({ model_id: text })) };
    const read = readMessage(shape, { runId: 'r', metrics: [{ modelId: 'm' }, { model_id: 'n' }] });
    expect(read).toEqual({ run_id: 'r', metrics: [{ model_id: 'm' }, { model_id: 'n' }] });
    expect(complaint(() => readMessage(shape, { run_id: 'r', metrics: [{ modelId: 'm', model_id: 'm' }] }))).toBe(
      "Request specifies both 'metrics[0].model_id' and 'modelId'; provide only one of them.",
    );
  });

  it.each(['ALL', 2, '2'])('takes %j for the second of two names', (value) => {
    expect(readMessage({ view: oneOf('ACTIVE_ONLY', 'ALL') }, { view: value })).toEqual({ view: 'ALL' });
  });

  it.each(['all', 0, 3, '0', 1.5, true, '', '01'])('takes %j for no name', (value) => {
    expect(complaint(() => readMessage({ view: oneOf('ACTIVE_ONLY', 'ALL') }, { view: value }))).toContain("parameter 'view'");
  });

  it('takes null for absent', () => {
    expect(readMessage(SHAPE, { name: 'n', count: null, tags: null })).toMatchObject({ count: undefined, tags: [] });
  });

  it('names the field that has a wrong type, as its clients expect', () => {
    expect(complaint(() => readMessage(SHAPE, { name: 123 }))).toContain(
      "Invalid value 123 for parameter 'name' supplied: Hint: Value was of type 'int'.",
    );
    expect(complaint(() => readMessage(SHAPE, { name: 'n', tags: [{ key: 'a' }, { key: 1 }] }))).toContain("parameter 'tags[1].key'");
  });

  it.each([
    ['lists', (inner: unknown) => [inner]],
    ['objects', (inner: unknown) => ({ key: inner })],
  ])('names the field that has %s in each other without end', (_what, around) => {
    let value: unknown = 1;
    for (let depth = 0; depth < 100_000; depth += 1) value = around(value);
    expect(complaint(() => readMessage(SHAPE, { name: value }))).toContain("parameter 'name'");
  });

  it('shows the beginning of what it cannot take', () => {
    expect(complaint(() => readMessage(SHAPE, { name: { a: [1, 'b', null] } }))).toContain(`Invalid value {"a":[1,"b",null]} for`);
    expect(complaint(() => readMessage(SHAPE, { name: ['x'.repeat(1000)] })).length).toBeLessThan(500);
  });

  it('names the field that is missing', () => {
    expect(complaint(() => readMessage(SHAPE, {}))).toContain("Missing value for required parameter 'name'");
    expect(complaint(() => readMessage(SHAPE, { name: '' }))).toContain("Missing value for required parameter 'name'");
  });

  it('takes no bool for a number, and no integer beyond 2^53', () => {
    expect(complaint(() => readMessage(SHAPE, { name: 'n', value: true }))).toContain("of type 'bool'");
    expect(complaint(() => readMessage(SHAPE, { name: 'n', count: '9007199254740993' }))).toContain('2^53');
  });

  it('reads query parameters, repeated keys as lists', () => {
    expect(readQuery({ ids: list(text), flag: bool, count: int64 }, { ids: 'a', flag: 'True', count: '3' })).toEqual({
      ids: ['a'],
      flag: true,
      count: 3,
    });
    expect(readQuery({ ids: list(text) }, { ids: ['a', 'b'] })).toEqual({ ids: ['a', 'b'] });
  });

  it('takes the first of repeated query parameters where one is wanted', () => {
    expect(readQuery({ id: text }, { id: ['a', 'b'] })).toEqual({ id: 'a' });
  });

  it('cuts what a field cuts, and leaves no half of a surrogate pair behind', () => {
    expect(cut(3).read('abcdef', 'value')).toBe('abc');
    expect(cut(3).read('ab\u{1f600}', 'value')).toBe('ab');
    expect(cut(3).read('abc', 'value')).toBe('abc');
    expect(complaint(() => cut(3).read(5, 'value'))).toContain("of type 'int'");
  });

  it('refuses whatever else it is given with a complaint, never with a defect', () => {
    fc.assert(
      fc.property(fc.anything(), (value) => {
        try {
          readMessage(SHAPE, value);
        } catch (error) {
          expect(error).toBeInstanceOf(DomainError);
        }
      }),
    );
  });
});
