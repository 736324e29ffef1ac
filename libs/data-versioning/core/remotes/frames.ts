// Many small objects in one body, as a Throughline server takes and gives them: 8 bytes of length (big-endian), a byte of flags, the MD5 as 32 ASCII digits, then the
// bytes. A request for each of ten thousand small files would cost more than their bytes.

import { unexpectedAnswer } from './failures.ts';

export const FRAMES_TYPE = 'application/vnd.throughline.objects';
export const FRAME_LIMIT_BYTES = 8 * 1024 * 1024;
export const FRAMES_LIMIT_COUNT = 4096;
export const FRAMES_LIMIT_BYTES = 64 * 1024 * 1024;

const HEADER_BYTES = 8 + 1 + 32;
const FLAG_TREE = 1;
/** Too large for a frame: it is fetched alone. */
const FLAG_ALONE = 2;
const ABSENT = 0xffff_ffff_ffff_ffffn;
const MD5 = /^[0-9a-f]{32}$/;

export interface Frame {
  readonly md5: string;
  readonly isTree: boolean;
  /** Null where the server has it not. */
  readonly bytes: Buffer | null;
  /** Whether it is there and must be fetched alone; its bytes are empty then. */
  readonly isAlone: boolean;
}

/** The header of a frame that its bytes follow. */
export function frameHeader({ md5, isTree, sizeBytes }: { md5: string; isTree: boolean; sizeBytes: number }): Buffer {
  const header = Buffer.alloc(HEADER_BYTES);
  header.writeBigUInt64BE(BigInt(sizeBytes), 0);
  header.writeUInt8(isTree ? FLAG_TREE : 0, 8);
  header.write(md5, 9, 'latin1');
  return header;
}

/** The frames of a body, as many at a time as have arrived. Throws where it is no such body, or ends within a frame. */
export async function* readFrames(chunks: AsyncIterable<Uint8Array>, url: string): AsyncGenerator<Frame[]> {
  let parts: Buffer[] = [];
  let held = 0;
  let needed = HEADER_BYTES;
  for await (const chunk of chunks) {
    parts.push(Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength));
    held += chunk.length;
    if (held < needed) continue;
    const buffer = parts.length === 1 && parts[0] !== undefined ? parts[0] : Buffer.concat(parts, held);
    const { frames, used, next } = framesIn(buffer, url);
    if (frames.length > 0) yield frames;
    const rest = buffer.subarray(used);
    parts = rest.length === 0 ? [] : [rest];
    held = rest.length;
    needed = next;
  }
  if (held > 0) throw unexpectedAnswer(url, 'with a body that ends within an object');
}

/** Whole frames at the beginning of a buffer, how many bytes they took, and how many the next one needs. */
function framesIn(buffer: Buffer, url: string): { frames: Frame[]; used: number; next: number } {
  const frames: Frame[] = [];
  let at = 0;
  while (buffer.length - at >= HEADER_BYTES) {
    const length = buffer.readBigUInt64BE(at);
    const flags = buffer.readUInt8(at + 8);
    const md5 = buffer.toString('latin1', at + 9, at + HEADER_BYTES);
    if (!MD5.test(md5)) throw unexpectedAnswer(url, 'with something else than objects');
    const isAbsent = length === ABSENT;
    if (!isAbsent && length > BigInt(FRAME_LIMIT_BYTES))
      throw unexpectedAnswer(url, `with an object of more than ${FRAME_LIMIT_BYTES} bytes in one body with others`);
    const size = isAbsent ? 0 : Number(length);
    if (buffer.length - at < HEADER_BYTES + size) return { frames, used: at, next: HEADER_BYTES + size };
    const bytes = isAbsent ? null : buffer.subarray(at + HEADER_BYTES, at + HEADER_BYTES + size);
    frames.push({ md5, isTree: (flags & FLAG_TREE) !== 0, bytes, isAlone: (flags & FLAG_ALONE) !== 0 });
    at += HEADER_BYTES + size;
  }
  return { frames, used: at, next: HEADER_BYTES };
}
