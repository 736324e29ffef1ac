import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { orderBy, patchQuery, quoted, readList, readOrder, readZoom, writeList, writeOrder, writeZoom } from './url-state.ts';

describe('lists in the address', () => {
  it('come back as they went, whatever the keys hold', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ minLength: 1 })), (items) => {
        expect(readList(new URLSearchParams(patchQuery('', { columns: writeList(items) })).get('columns'))).toEqual(items);
      }),
    );
  });

  it('go away when they are empty', () => {
    expect(patchQuery('columns=a&tab=runs', { columns: writeList([]) })).toBe('tab=runs');
  });
});

describe('the order', () => {
  it('is newest first unless the address says otherwise', () => {
    expect([readOrder(null), readOrder('nonsense')]).toEqual([
      { column: 'started', descending: true },
      { column: 'started', descending: true },
    ]);
  });

  it('comes back as it went, with keys that hold blanks', () => {
    const order = { column: 'm:val accuracy', descending: false };
    expect(readOrder(writeOrder(order))).toEqual(order);
  });

  it('is written in MLflow’s grammar', () => {
    expect(orderBy({ column: 'm:val accuracy', descending: true })).toEqual(['metrics.`val accuracy` DESC', 'attributes.start_time DESC']);
    expect(orderBy({ column: 'name', descending: false })).toEqual(['attributes.run_name ASC']);
  });
});

describe('the zoom', () => {
  it('comes back as whole steps that contain what was chosen', () => {
    expect(readZoom(writeZoom({ from: 10.4, to: 20.2 }))).toEqual({ from: 10, to: 21 });
  });

  it.each(['', '5', '9..3', 'a..b', null])('is none for %j', (value) => {
    expect(readZoom(value)).toBeNull();
  });
});

it('quotes text with whichever quote it does not hold', () => {
  expect([quoted('plain'), quoted("it's"), quoted(`it's "it"`)]).toEqual(["'plain'", `"it's"`, null]);
});
