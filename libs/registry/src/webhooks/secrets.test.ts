import { randomBytes } from 'node:crypto';

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { createSecretBox } from './secrets.ts';

const key = randomBytes(32);
const box = createSecretBox(() => key);

describe('a secret', () => {
  it('comes out as it went in, and never looks the same twice', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (secret) => {
        const [one, other] = [box.seal('owner', secret), box.seal('owner', secret)];
        expect(box.open('owner', one)).toBe(secret);
        expect(one.equals(other)).toBe(false);
      }),
    );
  });

  it('is not in what is kept', () => {
    expect(box.seal('owner', 'open sesame').includes('open sesame')).toBe(false);
  });

  it("opens neither for another owner nor under another server's key", () => {
    const sealed = box.seal('owner', 'open sesame');
    expect(() => box.open('other', sealed)).toThrow(expect.objectContaining({ code: 'SECRET_UNREADABLE' }));
    const elsewhere = createSecretBox(() => randomBytes(32));
    expect(() => elsewhere.open('owner', sealed)).toThrow(expect.objectContaining({ code: 'SECRET_UNREADABLE', kind: 'unavailable' }));
  });

  it('does not open where a single bit of it was turned, or where it was cut', () => {
    const sealed = box.seal('owner', 'open sesame');
    fc.assert(
      fc.property(fc.nat({ max: sealed.length * 8 - 1 }), (bit) => {
        const turned = Buffer.from(sealed);
        turned[bit >> 3] = (turned[bit >> 3] ?? 0) ^ (1 << (bit & 7));
        expect(() => box.open('owner', turned)).toThrow(expect.objectContaining({ code: 'SECRET_UNREADABLE' }));
      }),
    );
    for (let length = 0; length < sealed.length; length += 1) {
      expect(() => box.open('owner', sealed.subarray(0, length))).toThrow(expect.objectContaining({ code: 'SECRET_UNREADABLE' }));
    }
  });

  it('needs a key of 32 bytes', () => {
    expect(() => createSecretBox(() => Buffer.alloc(31)).seal('owner', 'x')).toThrow('must have 32');
  });
});
