// What the server would refuse is refused here, at the call that is wrong and not in a request some moments later. The limits are the server's.

import { invalidInput } from './errors.ts';
import type { Scalar } from './types.ts';

/** Lengths in UTF-16 units, counts in items. */
export const LIMITS = {
  name: 500,
  key: 250,
  paramValue: 6_000,
  tagValue: 8_000,
  batchMetrics: 1_000,
  batchParams: 100,
  batchTags: 100,
  batchTotal: 1_000,
  artifactPath: 1_024,
  inputDigest: 36,
  inputSource: 65_535,
  inputSchema: 1_048_575,
  inputProfile: 16_777_215,
  inputContext: 500,
} as const;

const KEY = /^[/\p{L}\p{N}_.\- :]+$/u;
const RUN_ID = /^[a-zA-Z0-9][\w-]{0,255}$/;
const DATASET_REF = /^data:[^@\s]+@[^\s]+$/;

function shown(text: string): string {
  return JSON.stringify(text.length > 80 ? `${text.slice(0, 80)}…` : text);
}

function typeName(value: unknown): string {
  return value === null ? 'null' : typeof value;
}

/** Text that a database can hold, up to a length. */
export function checkText(text: unknown, what: string, limit: number): string {
  if (typeof text !== 'string') throw invalidInput(`${what} must be text; it is ${typeof text}.`);
  if (text.length > limit) throw invalidInput(`${what} may have ${limit} characters; ${shown(text)} has ${text.length}.`);
  // In a class, since a lone half of a pair matches only outside pairs in a pattern with the flag u.
  if (/[\0\p{Surrogate}]/u.test(text)) throw invalidInput(`${what} ${shown(text)} has a NUL or half a character.`);
  return text;
}

export function checkName(text: unknown, what: string, limit: number): string {
  const name = checkText(text, what, limit);
  if (name.trim() === '') throw invalidInput(`${what} must not be empty.`);
  return name;
}

/** A key of a metric, param or tag. */
export function checkKey(key: string, what: string): string {
  checkText(key, `The key of a ${what}`, LIMITS.key);
  const isPath = key.split('/').every((part) => part !== '' && part !== '.' && part !== '..');
  if (KEY.test(key) && isPath) return key;
  throw invalidInput(
    `${shown(key)} is no key of a ${what}.`,
    "Keys have letters, digits, blanks and _ . - : and /, and no empty part, '.' or '..' between slashes.",
  );
}

/** A value as text. */
export function checkValue(value: Scalar, key: string, what: 'param' | 'tag'): string {
  if (!['string', 'number', 'bigint', 'boolean'].includes(typeof value)) {
    throw invalidInput(`The ${what} ${shown(key)} must be text, a number or a boolean; it is ${typeName(value)}.`);
  }
  return checkText(String(value), `The value of the ${what} ${shown(key)}`, what === 'param' ? LIMITS.paramValue : LIMITS.tagValue);
}

/** Keys with their values as text. */
export function checkPairs(pairs: Readonly<Record<string, Scalar>>, what: 'param' | 'tag'): [string, string][] {
  return Object.entries(pairs).map(([key, value]) => [checkKey(key, what), checkValue(value, key, what)]);
}

export function checkMetric(key: string, value: unknown): void {
  if (typeof value === 'number') return;
  throw invalidInput(`The metric ${shown(key)} must be a number; it is ${typeName(value)}.`);
}

export function checkStep(step: number): number {
  if (Number.isSafeInteger(step)) return step;
  throw invalidInput(`The step must be a whole number; it is ${String(step)}.`);
}

/** A time in whole milliseconds since 1970. */
export function checkTime(time: number | Date): number {
  const ms = Math.trunc(typeof time === 'number' ? time : time.getTime());
  if (Number.isSafeInteger(ms) && ms >= 0) return ms;
  throw invalidInput(`The timestamp must be milliseconds since 1970 or a Date; it is ${String(time)}.`);
}

export function checkRunId(id: string): string {
  if (RUN_ID.test(checkText(id, 'The id of a run', LIMITS.name))) return id;
  throw invalidInput(`${shown(id)} is no id of a run.`);
}

/** A path among a run's artifacts: relative, with slashes, and one that stays where it is put. */
export function checkArtifactPath(path: string): string {
  checkName(path, 'The path of an artifact', LIMITS.artifactPath);
  const isPlain = !path.includes('\\') && path.split('/').every((part) => part !== '' && part !== '.' && part !== '..');
  if (isPlain) return path;
  throw invalidInput(
    `${shown(path)} is no path of an artifact.`,
    "It is relative, with '/' between its parts, and no part is empty, '.' or '..'.",
  );
}

export function checkDatasetRef(ref: string): string {
  if (DATASET_REF.test(checkText(ref, 'A reference to a dataset', LIMITS.inputSource))) return ref;
  throw invalidInput(`${shown(ref)} is no reference to a version of a dataset.`, "One is written 'data:penguins@2'.");
}

export function checkSha256(hash: string, path: string): string {
  if (/^[0-9a-fA-F]{64}$/.test(hash)) return hash.toLowerCase();
  throw invalidInput(`The SHA-256 of ${shown(path)} must be 64 hexadecimal characters.`);
}
