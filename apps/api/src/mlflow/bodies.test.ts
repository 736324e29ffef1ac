// Goal: a body is its texts, and a buffer serves one body at a time. Method: texts of all widths and lengths, around the sizes of buffers.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { createBodies } from './bodies.ts';

const KILOBYTES = 1024;

describe('a body', () => {
  it('is its texts with commas between them, whatever they hold', () => {
    const bodies = createBodies();
    const text = fc.oneof(fc.string({ unit: 'grapheme' }), fc.string(), fc.constantFrom('', 'ä', '日本', '🦭'));
    const long = fc
      .tuple(text, fc.integer({ min: 0, max: 60 * KILOBYTES }))
      .map(([part, times]) => part.repeat(Math.min(times, 200_000 / (part.length + 1))));
    fc.assert(
      fc.property(text, fc.array(fc.oneof(text, long), { maxLength: 30 }), text, (begin, texts, end) => {
        const body = bodies.enclosed(begin, texts, end);
        expect(body.equals(Buffer.from(begin + texts.join(',') + end))).toBe(true);
        bodies.giveBack(body);
      }),
      { numRuns: 60 },
    );
  });

  it('takes texts that are bytes already', () => {
    const bodies = createBodies();
    const text = fc.string({ unit: 'grapheme', maxLength: 20 }).map((part) => part.repeat(2_000));
    fc.assert(
      fc.property(fc.array(fc.record({ text, isBytes: fc.boolean() }), { maxLength: 30 }), (all) => {
        const texts = all.map(({ text: one, isBytes }) => (isBytes ? Buffer.from(one) : one));
        const body = bodies.enclosed('[', texts, ']');
        expect(body.equals(Buffer.from(`[${all.map(({ text: one }) => one).join(',')}]`))).toBe(true);
        bodies.giveBack(body);
      }),
      { numRuns: 60 },
    );
  });

  it.each(['x', 'é', '日', '🦭'])('grows where %s needs more bytes than it has units', (unit) => {
    const texts = Array.from({ length: 400 }, () => unit.repeat(2_000));
    expect(
      createBodies()
        .enclosed('[', texts, ']')
        .equals(Buffer.from(`[${texts.join(',')}]`)),
    ).toBe(true);
  });
});

describe('a buffer', () => {
  const texts = (mark: string): string[] => Array.from({ length: 100 }, () => mark.repeat(2_000));

  it('serves another body once it was given back', () => {
    const bodies = createBodies();
    const first = bodies.enclosed('[', texts('a'), ']');
    bodies.giveBack(first);
    const second = bodies.enclosed('[', texts('b'), ']');
    expect(second.buffer).toBe(first.buffer);
    expect(second.equals(Buffer.from(`[${texts('b').join(',')}]`))).toBe(true);
  });

  it('serves one body until then', () => {
    const bodies = createBodies();
    const first = bodies.enclosed('[', texts('a'), ']');
    const second = bodies.enclosed('[', texts('b'), ']');
    expect(second.buffer).not.toBe(first.buffer);
    expect(first.equals(Buffer.from(`[${texts('a').join(',')}]`))).toBe(true);
  });

  it('is taken back once', () => {
    const bodies = createBodies();
    const first = bodies.enclosed('[', texts('a'), ']');
    bodies.giveBack(first);
    bodies.giveBack(first);
    const [second, third] = [bodies.enclosed('[', texts('b'), ']'), bodies.enclosed('[', texts('c'), ']')];
    expect(second.buffer).not.toBe(third.buffer);
  });

  it('that is somebody else’s is left alone', () => {
    const bodies = createBodies();
    const own = Buffer.alloc(KILOBYTES * KILOBYTES, 'x');
    bodies.giveBack(own);
    expect(bodies.enclosed('[', texts('a'), ']').buffer).not.toBe(own.buffer);
    expect(own.every((byte) => byte === 'x'.charCodeAt(0))).toBe(true);
  });
});
