// Where the registry's nouns leave word of what they did. It is written in their transaction: what was committed is told, what was not is
// not, and nothing is lost between the two.

import type { Call, Tx } from '@throughline/database';

import { bodyOf } from './body.ts';
import type { RegistryEvent } from './events.ts';
import { enqueue, wantedEvents } from './store.ts';

/** Queues events for the webhooks that asked for them. Most workspaces have none: then nothing is put into words. */
export async function tell(
  tx: Tx,
  { caller, silent = false }: Pick<Call, 'caller' | 'silent'>,
  at: Date,
  events: readonly RegistryEvent[],
): Promise<void> {
  if (silent || events.length === 0) return;
  const names = [...new Set(events.map(({ event }) => event))];
  const wanted = await wantedEvents(tx, caller.workspaceId, names);
  const told = events.filter(({ event }) => wanted.has(event));
  if (told.length === 0) return;
  await enqueue(
    tx,
    caller.workspaceId,
    told.map((one) => ({ event: one.event, body: bodyOf(one, at) })),
  );
}
