import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { contentDisposition } from './send.ts';

describe('the name under which a browser saves a file', () => {
  it('keeps any characters in its extended form', () => {
    expect(contentDisposition('Größe "1".csv')).toBe(
      `attachment; filename="Gr__e _1_.csv"; filename*=UTF-8''Gr%C3%B6%C3%9Fe%20%221%22.csv`,
    );
  });

  it('never breaks out of its header', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (name) => {
        expect(contentDisposition(name)).toMatch(/^attachment; filename="[^"\\%\x00-\x1f\x7f]*"; filename\*=UTF-8''[\w.!~%-]*$/);
      }),
    );
  });
});
