import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { frameHeader, readFrames } from './frames.ts';
import type { Frame } from './frames.ts';
import { md5Of } from './testing.ts';

async function* inPieces(bytes: Buffer, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function framesOf(bytes: Buffer, size: number): Promise<Frame[]> {
  const found: Frame[] = [];
  for await (const frames of readFrames(inPieces(bytes, size), 'http://server')) found.push(...frames);
  return found;
}

const body = (objects: readonly { bytes: Uint8Array; isTree: boolean }[]) =>
  Buffer.concat(objects.flatMap(({ bytes, isTree }) => [frameHeader({ md5: md5Of(bytes), isTree, sizeBytes: bytes.length }), bytes]));

describe('A body of many objects', () => {
  it('gives back what was put into it, wherever the network cuts it', async () => {
    const object = fc.record({ bytes: fc.uint8Array({ maxLength: 300 }), isTree: fc.boolean() });
    await fc.assert(
      fc.asyncProperty(fc.array(object, { maxLength: 20 }), fc.integer({ min: 1, max: 500 }), async (objects, size) => {
        const found = await framesOf(body(objects), size);
        expect(found.map(({ md5, isTree, bytes }) => ({ md5, isTree, bytes: bytes?.toString('hex') }))).toEqual(
          objects.map(({ bytes, isTree }) => ({ md5: md5Of(bytes), isTree, bytes: Buffer.from(bytes).toString('hex') })),
        );
      }),
    );
  });

  it('is refused where it ends within an object', async () => {
    const whole = body([{ bytes: Buffer.from('some bytes'), isTree: false }]);
    await expect(framesOf(whole.subarray(0, -1), 16)).rejects.toMatchObject({ code: 'REMOTE_ANSWER' });
  });

  it('is refused where it is something else', async () => {
    await expect(framesOf(Buffer.from('<!doctype html><title>Sign in</title>'.repeat(5)), 64)).rejects.toMatchObject({
      code: 'REMOTE_ANSWER',
    });
  });

  it('is refused before an object that is too large for it is waited for', async () => {
    const header = frameHeader({ md5: md5Of('x'), isTree: false, sizeBytes: 9 * 1024 * 1024 });
    await expect(framesOf(Buffer.concat([header, Buffer.alloc(100)]), 200)).rejects.toMatchObject({ code: 'REMOTE_ANSWER' });
  });

  it('tells what is absent and what must be fetched alone', async () => {
    const absent = frameHeader({ md5: md5Of('a'), isTree: false, sizeBytes: 0 });
    absent.fill(0xff, 0, 8);
    const alone = frameHeader({ md5: md5Of('b'), isTree: false, sizeBytes: 0 });
    alone.writeUInt8(2, 8);
    expect(await framesOf(Buffer.concat([absent, alone]), 1000)).toMatchObject([
      { md5: md5Of('a'), bytes: null, isAlone: false },
      { md5: md5Of('b'), isAlone: true },
    ]);
  });
});
