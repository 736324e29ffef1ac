// Bodies of large answers, put together in buffers that are used again. A page of a thousand runs is 3 MB; as a new buffer each, they press V8 to
// collect all of its heap every twenty pages, and the system to clear pages for them. A buffer is given back once the answer has left the process;
// where that is never told, as when a client hangs up, it is garbage like any other.

/** Bodies below this are as well off with a buffer of their own. */
const SMALL_BYTES = 32 * 1024;
/** Buffers are of powers of two, from here on. Larger ones than this are not kept. */
const LEAST_BYTES = 512 * 1024;
const LARGEST_KEPT_BYTES = 8 * 2 ** 20;
/** So many are kept: as many answers as are on their way at once, mostly. */
const MOST_KEPT = 4;
/** What nobody has used for so long is let go. */
const KEPT_MS = 3_000;

const COMMA = 0x2c;

export interface Bodies {
  /** A text, some texts with commas between them, and another text, as UTF-8. Texts may be UTF-8 already. */
  enclosed(begin: string, texts: readonly (string | Uint8Array)[], end: string): Buffer;
  /** Takes back what `enclosed` answered. Nobody may look at it any more. Anything else is left alone. */
  giveBack(body: Buffer): void;
}

export function createBodies(): Bodies {
  let kept: Buffer[] = [];
  let lettingGo: NodeJS.Timeout | null = null;
  const lent = new WeakMap<ArrayBufferLike, Buffer>();

  const lend = (atLeast: number): Buffer => {
    const index = kept.findIndex(({ length }) => length >= atLeast);
    const [found] = index === -1 ? [] : kept.splice(index, 1);
    if (found !== undefined) return found;
    let size = LEAST_BYTES;
    while (size < atLeast) size *= 2;
    return Buffer.allocUnsafeSlow(size);
  };

  const keep = (buffer: Buffer): void => {
    if (buffer.length > LARGEST_KEPT_BYTES || buffer.length < LEAST_BYTES) return;
    kept.push(buffer);
    // The smallest first, which is lent first; the largest stay, which serve for all.
    kept.sort((a, b) => a.length - b.length);
    if (kept.length > MOST_KEPT) kept.shift();
    lettingGo ??= setTimeout(() => {
      kept = [];
      lettingGo = null;
    }, KEPT_MS).unref();
    lettingGo.refresh();
  };

  return {
    enclosed(begin, texts, end) {
      let least = begin.length + end.length + texts.length;
      for (const text of texts) least += text.length;
      let bytes = least < SMALL_BYTES ? Buffer.allocUnsafe(least) : lend(least);
      let at = 0;
      const add = (text: string | Uint8Array): void => {
        const isText = typeof text === 'string';
        // Three bytes for a UTF-16 unit at most; so the bytes are counted near the end of the buffer alone.
        if (bytes.length - at < (isText ? 3 : 1) * text.length + 1) {
          const needed = at + (isText ? Buffer.byteLength(text) : text.length) + 1;
          if (needed > bytes.length) {
            const larger = lend(Math.max(needed, 2 * bytes.length));
            bytes.copy(larger, 0, 0, at);
            keep(bytes);
            bytes = larger;
          }
        }
        if (isText) {
          at += bytes.write(text, at);
        } else {
          bytes.set(text, at);
          at += text.length;
        }
      };
      add(begin);
      for (const [index, text] of texts.entries()) {
        if (index > 0) at = bytes.writeUInt8(COMMA, at);
        add(text);
      }
      add(end);
      const body = bytes.subarray(0, at);
      if (bytes.length >= LEAST_BYTES) lent.set(body.buffer, bytes);
      return body;
    },

    giveBack(body) {
      const buffer = lent.get(body.buffer);
      if (buffer === undefined) return;
      lent.delete(body.buffer);
      keep(buffer);
    },
  };
}

/** Those of this process. */
export const bodies = createBodies();
