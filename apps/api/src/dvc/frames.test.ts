// Goal: frames come back as they were sent, however they are cut on their way, and nothing else is taken for frames.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { absentFrame, aloneFrame, frameOf, MAX_FRAME_BYTES, MAX_FRAMES, readFrames } from './frames.ts';
import type { Frame } from './frames.ts';

async function* cutAt(bytes: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

const encode = (frames: readonly Frame[]) => Buffer.concat(frames.flatMap(frameOf));

const FRAME = fc.record({
  md5: fc.stringMatching(/^[0-9a-f]{32}$/),
  isTree: fc.boolean(),
  bytes: fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)),
});

const MD5 = '0'.repeat(32);

function header(length: bigint, flags = 0, md5 = MD5): Buffer {
  const bytes = Buffer.alloc(41);
  bytes.writeBigUInt64BE(length, 0);
  bytes.writeUInt8(flags, 8);
  bytes.write(md5, 9, 'latin1');
  return bytes;
}

describe('frames', () => {
  it('come back as they were, however they are cut', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(FRAME, { maxLength: 8 }), fc.integer({ min: 1, max: 300 }), async (frames, size) => {
        expect(await readFrames(cutAt(encode(frames), size))).toEqual(frames);
      }),
    );
  });

  it('are refused where a body ends within one', async () => {
    await fc.assert(
      fc.asyncProperty(FRAME, fc.double({ min: 0.01, max: 0.99, noNaN: true }), async (frame, share) => {
        const whole = encode([frame]);
        const cut = whole.subarray(0, Math.max(1, Math.floor(whole.length * share)));
        await expect(readFrames(cutAt(cut, 50))).rejects.toMatchObject({ code: 'INVALID_FRAMES' });
      }),
    );
  });

  it.each<[string, Buffer]>([
    ['no MD5', header(0n, 0, 'x'.repeat(32))],
    ['an MD5 in upper case', header(0n, 0, 'A'.repeat(32))],
    ['unknown flags', header(0n, 2)],
    ['a frame that is too large', header(BigInt(MAX_FRAME_BYTES) + 1n)],
    ['a frame of nothing', absentFrame({ md5: MD5, isTree: false })],
    ['a frame that stands for another request', aloneFrame({ md5: MD5, isTree: true })],
    ['too many frames', Buffer.concat(Array.from({ length: MAX_FRAMES + 1 }, () => header(0n)))],
    ['text', Buffer.from('{"ids": []}'.repeat(10))],
  ])('are refused with %s', async (_what, bytes) => {
    await expect(readFrames(cutAt(bytes, 1000))).rejects.toMatchObject({ kind: 'invalid', code: 'INVALID_FRAMES' });
  });

  it('are refused where together they are too much for memory', async () => {
    const frame = encode([{ md5: MD5, isTree: false, bytes: Buffer.alloc(MAX_FRAME_BYTES) }]);
    const nine = async function* () {
      for (let index = 0; index < 9; index += 1) yield frame;
    };
    await expect(readFrames(nine())).rejects.toMatchObject({ code: 'INVALID_FRAMES' });
  });
});
