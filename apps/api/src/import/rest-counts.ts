// How many there are of what a server tells only page by page. MLflow's tokens say how many items to pass over, so a few questions for one item each
// find the end by halves: two thousand runs take twenty short answers, where reading them all for their number costs a server what the import does.

/** One item behind a token, or the first of all: how many came, and the token behind it. */
export type AskForOne = (token: { page_token?: string }) => Promise<{ items: number; next: string | null }>;

/** Beyond this a server answers whatever it is asked. */
const MOST = 2 ** 40;

const tokenAt = (offset: number) => ({ page_token: btoa(JSON.stringify({ offset })) });

/** The items that a token passes over; null where it says something else. */
function offsetOf(token: string): number | null {
  try {
    const said: unknown = JSON.parse(atob(token));
    const offset: unknown = typeof said === 'object' && said !== null ? Reflect.get(said, 'offset') : null;
    return typeof offset === 'number' ? offset : null;
  } catch {
    return null;
  }
}

/** Counts them; null where the server's tokens do not say how many they pass over. */
export async function countByTokens(ask: AskForOne): Promise<number | null> {
  const first = await ask({});
  if (first.next === null) return first.items;
  if (offsetOf(first.next) !== 1) return null;
  const isThere = async (offset: number) => (await ask(tokenAt(offset))).items > 0;
  let there = 0;
  let beyond = 2;
  while (await isThere(beyond)) {
    there = beyond;
    beyond *= 2;
    if (beyond > MOST) return null;
  }
  while (beyond - there > 1) {
    const middle = Math.floor((there + beyond) / 2);
    if (await isThere(middle)) there = middle;
    else beyond = middle;
  }
  return beyond;
}
