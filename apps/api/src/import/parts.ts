// Work over streams and lists, as an import needs it.

import { DomainError } from '@throughline/kernel';

/** Runs work over a stream or a list, so many at once. The first failure ends it, once those under way are done. */
export async function eachOf<T>(items: AsyncIterable<T> | Iterable<T>, width: number, work: (item: T) => Promise<void>): Promise<void> {
  const under = new Set<Promise<void>>();
  let failed: { error: unknown } | undefined;
  try {
    for await (const item of items) {
      const one: Promise<void> = work(item)
        .catch((error: unknown) => {
          failed ??= { error };
        })
        .finally(() => under.delete(one));
      under.add(one);
      if (under.size >= width) await Promise.race(under);
      if (failed !== undefined) break;
    }
  } finally {
    await Promise.all(under);
  }
  if (failed !== undefined) throw failed.error;
}

/** Whether an error is about what was to be written, and not about this server or the source at the moment. */
export function isAboutInput(error: unknown): error is DomainError {
  return error instanceof DomainError && ['invalid', 'not_found', 'conflict', 'forbidden'].includes(error.kind);
}

/**
 * Sends a list in parts. A part that is refused is halved until what is refused stands alone, so that one bad item costs itself and no other.
 */
export async function sendAll<T>(
  items: readonly T[],
  size: number,
  send: (part: readonly T[]) => Promise<unknown>,
  refused: (item: T, why: string) => void,
): Promise<void> {
  const sendPart = async (part: readonly T[]): Promise<void> => {
    try {
      await send(part);
    } catch (error) {
      if (!isAboutInput(error)) throw error;
      const [one] = part;
      if (part.length === 1 && one !== undefined) {
        refused(one, error.message);
        return;
      }
      const half = Math.ceil(part.length / 2);
      await sendPart(part.slice(0, half));
      await sendPart(part.slice(half));
    }
  };
  for (let from = 0; from < items.length; from += size) await sendPart(items.slice(from, from + size));
}
