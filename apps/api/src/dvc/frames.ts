// Many small objects in one body. Each is a frame: 8 bytes of length (big-endian), a byte of flags, the MD5 as 32 ASCII digits, and the bytes. Ten
// thousand requests for ten thousand files of a few hundred bytes would cost a hundred times what the files do.

import { invalid } from '@throughline/kernel';

export const FRAMES_TYPE = 'application/vnd.throughline.objects';
/** Larger objects go one by one, since a frame is held in memory. */
export const MAX_FRAME_BYTES = 8 * 2 ** 20;
export const MAX_FRAMES_BYTES = 64 * 2 ** 20;
export const MAX_FRAMES = 4_096;

const HEADER_BYTES = 41;
const MANIFEST = 1;
const ALONE = 2;
const ABSENT = 0xffff_ffff_ffff_ffffn;
const MD5 = /^[0-9a-f]{32}$/;

/** An object on its way in. */
export interface Frame {
  md5: string;
  /** Whether it is a folder: its name has `.dir` behind it. */
  isTree: boolean;
  bytes: Buffer;
}

/** How DVC writes the name of an object. */
export function nameOfFrame({ md5, isTree }: Pick<Frame, 'md5' | 'isTree'>): string {
  return isTree ? `${md5}.dir` : md5;
}

function bad(why: string): Error {
  return invalid('INVALID_FRAMES', `The body ${why}.`, {
    hint: `It is at most ${MAX_FRAMES} frames of at most ${MAX_FRAME_BYTES} bytes, ${MAX_FRAMES_BYTES} bytes in all; larger objects are sent by PUT, one by one.`,
  });
}

/** Reads a body of frames whole into memory. Throws `invalid` INVALID_FRAMES where it is none, ends within one, or is over the limits. */
export async function readFrames(body: AsyncIterable<Uint8Array>): Promise<Frame[]> {
  const frames: Frame[] = [];
  let chunks: Uint8Array[] = [];
  let held = 0;
  let received = 0;
  let needed = HEADER_BYTES;
  for await (const chunk of body) {
    chunks.push(chunk);
    held += chunk.byteLength;
    received += chunk.byteLength;
    if (received > MAX_FRAMES_BYTES + MAX_FRAMES * HEADER_BYTES) throw bad(`has more than ${MAX_FRAMES_BYTES} bytes`);
    if (held < needed) continue;
    const buffer = Buffer.concat(chunks, held);
    const { used, next } = takeFrames(buffer, frames);
    chunks = used === held ? [] : [buffer.subarray(used)];
    held -= used;
    needed = next;
  }
  if (held > 0) throw bad('ends within a frame');
  return frames;
}

/** Takes the whole frames at the beginning of a buffer; answers how many bytes they had, and how many the next one needs. */
function takeFrames(buffer: Buffer, frames: Frame[]): { used: number; next: number } {
  let at = 0;
  while (buffer.length - at >= HEADER_BYTES) {
    const length = buffer.readBigUInt64BE(at);
    const flags = buffer.readUInt8(at + 8);
    const md5 = buffer.toString('latin1', at + 9, at + HEADER_BYTES);
    if (!MD5.test(md5) || flags > MANIFEST) throw bad('holds something that is no frame');
    if (length > BigInt(MAX_FRAME_BYTES)) throw bad(`has a frame of more than ${MAX_FRAME_BYTES} bytes`);
    if (frames.length === MAX_FRAMES) throw bad(`has more than ${MAX_FRAMES} frames`);
    const end = at + HEADER_BYTES + Number(length);
    if (buffer.length < end) return { used: at, next: end - at };
    frames.push({ md5, isTree: flags === MANIFEST, bytes: buffer.subarray(at + HEADER_BYTES, end) });
    at = end;
  }
  return { used: at, next: HEADER_BYTES };
}

function header(md5: string, flags: number, length: bigint): Buffer {
  const bytes = Buffer.alloc(HEADER_BYTES);
  bytes.writeBigUInt64BE(length, 0);
  bytes.writeUInt8(flags, 8);
  bytes.write(md5, 9, 'latin1');
  return bytes;
}

/** An object on its way out, its bytes behind the header. */
export function frameOf({ md5, isTree, bytes }: Frame): [Buffer, Buffer] {
  return [header(md5, isTree ? MANIFEST : 0, BigInt(bytes.length)), bytes];
}

/** Says of an object that it is too large for a frame, and has to be fetched alone. */
export function aloneFrame({ md5, isTree }: Pick<Frame, 'md5' | 'isTree'>): Buffer {
  return header(md5, ALONE | (isTree ? MANIFEST : 0), 0n);
}

/** Says of an object that it is not there. */
export function absentFrame({ md5, isTree }: Pick<Frame, 'md5' | 'isTree'>): Buffer {
  return header(md5, isTree ? MANIFEST : 0, ABSENT);
}
