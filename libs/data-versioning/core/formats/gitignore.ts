// The grammar of .gitignore and .dvcignore lines, read exactly as DVC reads it: both tools must leave out the same files, or each would undo the other's work.
// A pattern becomes an expression over a path relative to the folder that its file stands in. Where DVC differs from Git, this follows DVC: a "." never passes a newline,
// the end also matches before a last newline, and patterns of folders alone without a name in them match nothing.

import { invalid } from '@throughline/kernel';
import { GlobAutomaton, sourceOf } from './glob-automaton.ts';
import type { Piece } from './glob-automaton.ts';

/** One line of an ignore file that says something. */
export interface IgnorePattern {
  /** As it is written in the file. */
  readonly text: string;
  /** Where: `.dvcignore:3`; empty for rules that are always there. */
  readonly origin: string;
  /** `!`: what it matches is not left out after all. */
  readonly isNegated: boolean;
  /** Ends with "/": matches folders alone. */
  readonly isFolderOnly: boolean;
  /** Of what is matched at any depth by a plain name, that name: looked up instead of matched. */
  readonly name: string | null;
  readonly expression: PathExpression;
}

/** A regular expression where it finds its way at once, as nearly all do, and an automaton where it might not. */
export type PathExpression = RegExp | GlobAutomaton;

/** Whose file it is: they differ in what a star and a slash alone mean. */
export type IgnoreReader = 'dvc' | 'git';

/** Longer lines are refused: no file system has such paths. */
const MAX_PATTERN_LENGTH = 16_384;
const ANY_IN_NAME: Piece = { kind: 'one', source: '[^/]' };
const SLASH: Piece = { kind: 'one', source: '/' };
const SPECIAL = /[*?[\]\\!]/;

/**
 * What a line means; null for what says nothing (blank lines, comments, a single "/", an unfinished "[").
 * @param line Without its line end. Blanks at its end are dropped unless a backslash stands before them.
 * @throws DomainError `IGNORE_PATTERN_INVALID`.
 */
export function compilePattern(line: string, origin: string, reader: IgnoreReader = 'dvc'): IgnorePattern | null {
  const body = line.endsWith('\\ ') ? line : line.replace(/[\s\x1c-\x1f\x85]+$/, '');
  if (body === '' || body.startsWith('#') || body === '/') return null;
  if (body.length > MAX_PATTERN_LENGTH) throw refused(origin, `is longer than ${MAX_PATTERN_LENGTH} characters`);
  const isNegated = body.startsWith('!');
  const pattern = isNegated ? body.slice(1) : body;
  const expression = expressionOf(pattern, origin, reader);
  if (expression === null) return null;
  const bare = pattern.endsWith('/') ? pattern.slice(0, -1) : pattern;
  return {
    text: line,
    origin,
    isNegated,
    isFolderOnly: pattern.endsWith('/'),
    name: bare !== '' && !bare.includes('/') && !SPECIAL.test(bare) ? bare : null,
    expression,
  };
}

function expressionOf(pattern: string, origin: string, reader: IgnoreReader): PathExpression | null {
  const isFolderPattern = pattern.endsWith('/') || pattern === '';
  const segments = normalSegments(pattern, origin);
  const [first, second] = segments;
  // DVC looks for the slash of a folder at the path's beginning, where there never is one.
  const anyFolder = reader === 'dvc' ? /^\//u : /\//u;
  if (segments.length === 1 && first === '**') return isFolderPattern ? anyFolder : /^[^\n]/u;
  if (segments.length === 2 && first === '**' && second === '*') return /^[^\n]/u;
  if (segments.length === 3 && first === '**' && second === '*' && segments[2] === '**') return anyFolder;
  const pieces = translate(segments, origin);
  if (pieces === null) return null;
  try {
    return isPlain(pieces) ? new RegExp(sourceOf(pieces), 'u') : new GlobAutomaton(pieces);
  } catch (cause) {
    throw refused(origin, 'holds a range of characters that runs backwards', cause);
  }
}

/**
 * Whether there is one way through a path for each place where it may begin: one star in a name, which a "/" ends, and folders that are left open in one place.
 * A range that takes a "/" would be another end of a name.
 */
function isPlain(pieces: readonly Piece[]): boolean {
  let stars = 0;
  let open = 0;
  for (const piece of pieces) {
    if (piece.kind === 'star') stars += 1;
    else if (piece.kind === 'parents' || piece.kind === 'between') open += 1;
    else if (piece === SLASH || piece.kind === 'end') stars = 0;
    else if (piece !== ANY_IN_NAME && new RegExp(`^${piece.source}$`, 'u').test('/')) return false;
    if (stars > 1 || open > 1) return false;
  }
  return true;
}

function normalSegments(pattern: string, origin: string): string[] {
  const segments = pattern.split('/');
  if (segments[0] === '') segments.shift();
  // Without a slash before its end, a pattern matches at any depth.
  else if ((segments.length === 1 || (segments.length === 2 && segments[1] === '')) && segments[0] !== '**') segments.unshift('**');
  if (segments.length === 0) throw refused(origin, 'matches nothing');
  if (segments.at(-1) === '') segments[segments.length - 1] = '**';
  return segments.filter((segment, index) => segment !== '**' || segments[index - 1] !== '**');
}

/** Null where a "[" is never closed. */
function translate(segments: readonly string[], origin: string): Piece[] | null {
  const last = segments.length - 1;
  const pieces: Piece[] = [];
  let needsSlash = false;
  for (const [index, segment] of segments.entries()) {
    if (segment === '**') {
      pieces.push(index === 0 ? { kind: 'parents' } : index < last ? { kind: 'between' } : SLASH);
      needsSlash = index !== 0;
      continue;
    }
    const glob: readonly Piece[] | null = segment === '*' ? [ANY_IN_NAME, { kind: 'star' }] : translateGlob(segment, origin);
    if (glob === null) return null;
    if (needsSlash) pieces.push(SLASH);
    pieces.push(...glob);
    if (index === last) pieces.push({ kind: 'end' });
    needsSlash = true;
  }
  return pieces;
}

/** One part of a path; null where a "[" is never closed, which makes Git pass over the line. */
function translateGlob(segment: string, origin: string): Piece[] | null {
  const units = [...segment];
  const pieces: Piece[] = [];
  for (let index = 0; index < units.length; index++) {
    const unit = units[index] ?? '';
    if (unit === '*') pieces.push({ kind: 'star' });
    else if (unit === '?') pieces.push(ANY_IN_NAME);
    else if (unit === '[') {
      const end = endOfRange(units, index + 1);
      if (end === null) return null;
      pieces.push({ kind: 'one', source: range(units.slice(index + 1, end)) });
      index = end;
    } else if (unit === '\\') {
      index += 1;
      const next = units[index];
      if (next === undefined) throw refused(origin, 'ends with a backslash that escapes nothing');
      pieces.push({ kind: 'one', source: escaped(next) });
    } else pieces.push({ kind: 'one', source: escaped(unit) });
  }
  return pieces;
}

function endOfRange(units: readonly string[], start: number): number | null {
  let index = start;
  if (units[index] === '!' || units[index] === '^') index += 1;
  if (units[index] === ']') index += 1;
  const end = units.indexOf(']', index);
  return end === -1 ? null : end;
}

function range(units: readonly string[]): string {
  const isNegated = units[0] === '!' || units[0] === '^';
  const members = isNegated ? units.slice(1) : units;
  return `[${isNegated ? '^' : ''}${members.map((unit) => (/[\\\]^[]/.test(unit) ? `\\${unit}` : unit)).join('')}]`;
}

function escaped(unit: string): string {
  return /[\\^$.*+?()[\]{}|/]/.test(unit) ? `\\${unit}` : unit;
}

function refused(origin: string, problem: string, cause?: unknown): Error {
  return invalid(
    'IGNORE_PATTERN_INVALID',
    `${origin === '' ? 'The pattern' : `${origin}: the pattern`} ${problem}.`,
    cause === undefined ? {} : { cause },
  );
}
