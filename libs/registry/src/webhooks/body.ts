// The body of a delivery. It is written once, when the event happens, and sent as it is with every attempt: what is signed is what is
// stored.

import type { RegistryEvent } from './events.ts';

/** Longer than a receiver should have to take. */
const MAX_BODY_CHARACTERS = 1_000_000;
/** The parts of a payload that name things, and are short. */
const NAMES: ReadonlySet<string> = new Set(['name', 'version', 'alias', 'key', 'run_id']);

/**
 * The JSON that tells of an event. Above a million characters (a prompt or a tag may be long) it names what the event is about, and
 * `truncated` says that the rest is to be asked for.
 */
export function bodyOf({ event, data }: RegistryEvent, at: Date): string {
  const [entity, action] = event.split('.');
  // As Python writes it: its older versions do not read a Z.
  const timestamp = at.toISOString().replace('Z', '+00:00');
  const whole = JSON.stringify({ entity, action, timestamp, data });
  if (whole.length <= MAX_BODY_CHARACTERS) return whole;
  const names = Object.fromEntries(Object.entries(data).filter(([name]) => NAMES.has(name)));
  return JSON.stringify({ entity, action, timestamp, data: { ...names, truncated: true } });
}
