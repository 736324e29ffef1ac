// What texts are taken. PostgreSQL holds no NUL, and a lone surrogate is no Unicode: both are refused wherever a text enters.

import { isHandleName } from '@throughline/kernel';

import { invalidDatasetName, invalidTag, invalidText } from './errors.ts';

/** The pointer that stands for the dataset; no tag may be called so. */
export const CURRENT = 'current';

export const MAX_NAME_CHARACTERS = 255;
export const MAX_DESCRIPTION_CHARACTERS = 20_000;
export const MAX_README_CHARACTERS = 100_000;
export const MAX_MESSAGE_CHARACTERS = 5_000;
export const MAX_REASON_CHARACTERS = 2_000;

const CONTROL = /[\p{Cc}\u2028\u2029]/u;

/** Throws `invalid` unless the text may name a dataset; answers it. Blanks within are fine, at its ends they would be mistaken. */
export function checkDatasetName(name: string): string {
  if (name === '') throw invalidDatasetName(name, 'is empty');
  if (!name.isWellFormed()) throw invalidDatasetName(name.toWellFormed(), 'is not well-formed Unicode');
  if (CONTROL.test(name)) throw invalidDatasetName(name, 'has a control character');
  if (name === '.' || name === '..') throw invalidDatasetName(name, 'would be a step between folders in an address');
  if (name.trim() !== name) throw invalidDatasetName(name, 'begins or ends with a blank');
  if (countCharacters(name) > MAX_NAME_CHARACTERS) throw invalidDatasetName(name, `is longer than ${MAX_NAME_CHARACTERS} characters`);
  return name;
}

/** Throws `invalid` unless the text may be a tag; answers it. */
export function checkTag(tag: string): string {
  if (!isHandleName(tag) || tag.toLowerCase() === CURRENT) throw invalidTag(tag.toWellFormed());
  return tag;
}

/** Throws `invalid` for a free text that cannot be kept, or is longer than `max` characters; answers it. */
export function checkText(what: string, text: string, max: number): string {
  if (!text.isWellFormed()) throw invalidText(what, 'is not well-formed Unicode');
  if (text.includes('\0')) throw invalidText(what, 'has a NUL character');
  if (countCharacters(text) > max) throw invalidText(what, `has more than ${max} characters`);
  return text;
}

/** Throws `invalid` for a reason that is empty or cannot be kept; answers it without blanks around it. */
export function checkReason(reason: string): string {
  const text = checkText('reason', reason, MAX_REASON_CHARACTERS).trim();
  if (text === '') throw invalidText('reason', 'is empty; say why, in a sentence');
  return text;
}

/** Characters as PostgreSQL counts them: code points. */
function countCharacters(text: string): number {
  let count = 0;
  for (let index = 0; index < text.length; index += 1) {
    const unit = text.charCodeAt(index);
    if (unit < 0xdc00 || unit > 0xdfff) count += 1;
  }
  return count;
}
