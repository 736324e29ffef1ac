// What text may enter the registry. The limits are MLflow's where it has one (reference: its utils/validation.py), so that
// nothing that its client may send is refused, and bounds of our own where it has none.

import { invalid, isHandleName } from '@throughline/kernel';
import type { DomainError } from '@throughline/kernel';

import { invalidAlias, invalidName } from './errors.ts';
import type { Tag } from './types.ts';

export const MAX_NAME = 256;
export const MAX_DESCRIPTION = 100_000;
export const MAX_REASON = 2_000;
export const MAX_LOCATION = 4_096;
export const MAX_TAG_KEY = 250;
export const MAX_TAG_VALUE = 100_000;
export const MAX_TAGS = 1_000;
export const MAX_PLACE = 128;

const CONTROL = /\p{Cc}/u;

/** What PostgreSQL can hold and UTF-8 can write: no NUL, no lone surrogate; at most `max` characters. */
export function checkText(what: string, text: string, max: number): string {
  if (text.includes('\0')) throw invalid('INVALID_TEXT', `The ${what} holds a NUL character.`);
  if (!text.isWellFormed()) throw invalid('INVALID_TEXT', `The ${what} is not well-formed Unicode: it holds half a surrogate pair.`);
  if (text.length > max) {
    throw invalid('TEXT_TOO_LONG', `The ${what} has ${text.length} characters; ${max} are allowed.`, { details: { limit: max } });
  }
  return text;
}

/** Whether the database can hold the text, and so could know something of this name. */
export function isStorable(text: string): boolean {
  return !text.includes('\0') && text.isWellFormed();
}

/** The same for text that need not be given: null and absent are one. */
export function checkOptional(what: string, text: string | null | undefined, max: number): string | null {
  return text === null || text === undefined ? null : checkText(what, text, max);
}

/** A model's name: 1 to 256 characters; no '/', ':' or control character, and not '.' or '..', which no URL can carry. */
export function checkModelName(name: string): string {
  if (name.trim() === '') throw invalidName("Registered model name cannot be empty: a model's name has 1 to 256 characters.");
  checkText('name of the model', name, MAX_NAME);
  if (/[/:]/.test(name)) {
    throw invalidName(`Invalid registered model name: '${name}'. Registered model name cannot contain '/' or ':'.`);
  }
  if (CONTROL.test(name) || name === '.' || name === '..') {
    throw invalidName(`A model cannot be called ${JSON.stringify(name)}: control characters, '.' and '..' are no names.`);
  }
  return name;
}

export function checkAlias(alias: string): string {
  if (!isHandleName(alias)) throw invalidAlias(alias);
  return alias;
}

/** The name of an environment or a target: 1 to 128 characters, no '/', no control character, no blanks around it. */
export function checkPlace(what: 'environment' | 'target', name: string): string {
  checkText(`name of the ${what}`, name, MAX_PLACE);
  if (name === '' || name.includes('/') || CONTROL.test(name) || name !== name.trim() || name === '.' || name === '..') {
    throw invalid(
      'INVALID_PLACE',
      `${JSON.stringify(name.slice(0, 80))} cannot be the name of a ${what}: 1 to 128 characters, no '/', no control characters, no blanks around it.`,
    );
  }
  return name;
}

const TAG_KEY = /^[/\p{L}\p{N}\p{M}_.\- :]+$/u;

/** A tag's key by MLflow's rules: letters, digits, `_ . - : /` and blanks, at most 250, and a normal relative path. */
export function checkTagKey(key: string): string {
  if (key.length > MAX_TAG_KEY) throw tooLong(`Invalid tag name: '${key.slice(0, 80)}…'`, 'key', key.length, MAX_TAG_KEY);
  if (!TAG_KEY.test(key)) {
    throw invalid(
      'INVALID_TAG_KEY',
      `Invalid tag name: '${key.slice(0, 80)}'. Names may only contain alphanumerics, underscores (_), dashes (-), periods (.), spaces ( ), ` +
        `colon(:) and slashes (/), and are not empty.`,
    );
  }
  if (key.split('/').some((part) => part === '' || part === '.' || part === '..')) {
    throw invalid('INVALID_TAG_KEY', `Invalid tag name: '${key}'. Names are treated as paths, and this one is not in its normal form.`);
  }
  return key;
}

/** In MLflow's words, which name the field alone. */
function tooLong(what: string, field: string, length: number, max: number): DomainError {
  return invalid('TEXT_TOO_LONG', `${what}: '${field}' exceeds the maximum length of ${max} characters; it has ${length}.`, {
    details: { limit: max },
  });
}

/** Checks tags and answers them with the last one of each key; at most 1000. */
export function checkTags(tags: readonly Tag[]): Tag[] {
  if (tags.length > MAX_TAGS) throw invalid('TOO_MANY_TAGS', `${tags.length} tags at once; ${MAX_TAGS} are allowed.`);
  const byKey = new Map<string, string>();
  for (const { key, value } of tags) {
    checkTagKey(key);
    if (value.length > MAX_TAG_VALUE) throw tooLong(`Invalid value of the tag '${key}'`, 'value', value.length, MAX_TAG_VALUE);
    byKey.set(key, checkText(`value of the tag '${key}'`, value, MAX_TAG_VALUE));
  }
  return [...byKey].map(([key, value]) => ({ key, value }));
}
