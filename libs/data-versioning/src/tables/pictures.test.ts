import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { pictureOf } from './pictures.ts';

const DATA = join(dirname(createRequire(import.meta.url).resolve('vega-datasets')), '../data');

/** The least that says which picture it is, as the specifications lay it out. */
const webp = (chunk: string, body: readonly number[]) =>
  Buffer.concat([
    Buffer.from('RIFF\0\0\0\0WEBP', 'latin1'),
    Buffer.from(chunk, 'latin1'),
    Buffer.alloc(4),
    Buffer.from(body),
    Buffer.alloc(12),
  ]);

describe('a picture', () => {
  it('is told by its bytes, with its size', () => {
    const names = readdirSync(DATA).filter((name) => name.endsWith('.png'));
    expect(names).not.toEqual([]);
    for (const name of names) {
      const bytes = readFileSync(join(DATA, name));
      expect(pictureOf(bytes)).toEqual({ mediaType: 'image/png', width: bytes.readUInt32BE(16), height: bytes.readUInt32BE(20) });
    }
    expect(pictureOf(Buffer.from('GIF89a\x05\x00\x03\x00', 'latin1'))).toEqual({ mediaType: 'image/gif', width: 5, height: 3 });
  });

  it('is a JPEG behind whatever segments its camera wrote', () => {
    const exif = Buffer.concat([Buffer.from([0xff, 0xe1, 0xff, 0xff]), Buffer.alloc(0xfffd)]);
    const frame = Buffer.from([0xff, 0xff, 0xc2, 0, 17, 8, 1, 0, 2, 0, 3, 0, 0, 0, 0]);
    const jpeg = Buffer.concat([Buffer.from([0xff, 0xd8]), exif, exif, frame]);
    expect(pictureOf(jpeg)).toEqual({ mediaType: 'image/jpeg', width: 512, height: 256 });
  });

  it('is a WebP of each of its three kinds', () => {
    expect(pictureOf(webp('VP8 ', [0, 0, 0, 0x9d, 0x01, 0x2a, 0x20, 0x00, 0x10, 0x00]))).toMatchObject({ width: 32, height: 16 });
    expect(pictureOf(webp('VP8L', [0x2f, 0x1f, 0xc0, 0x03, 0x00]))).toMatchObject({ width: 32, height: 16 });
    expect(pictureOf(webp('VP8X', [0, 0, 0, 0, 31, 0, 0, 15, 0, 0]))).toMatchObject({ width: 32, height: 16 });
  });

  it('is none where a browser would run it, or where it is something else', () => {
    expect(pictureOf(Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>'))).toBeNull();
    expect(pictureOf(Buffer.from('<html>'))).toBeNull();
    expect(pictureOf(Buffer.from('\x89PNG\r\n\x1a\n0000IHDR\0\0\0\0\0\0\0\0', 'latin1'))).toBeNull();
  });

  it('is looked for in any bytes without a fault', () => {
    const beginning = fc.constantFrom('', '\xff\xd8', '\x89PNG\r\n\x1a\n', 'GIF89a', 'RIFF0000WEBPVP8X', 'RIFF0000WEBPVP8L');
    fc.assert(
      fc.property(beginning, fc.uint8Array({ maxLength: 64 }), (start, rest) => {
        const found = pictureOf(Buffer.concat([Buffer.from(start, 'latin1'), rest]));
        expect(found === null || (found.width > 0 && found.height > 0)).toBe(true);
      }),
    );
  });
});
