// Goal: an automaton says of every path what the regular expression of the same pattern says, and never takes longer than path times pattern. Method: generated patterns out of
// few characters, against paths out of the same; the worst patterns by the number of steps that are tried.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compilePattern } from './gitignore.ts';
import { GlobAutomaton, sourceOf } from './glob-automaton.ts';
import type { Piece } from './glob-automaton.ts';

const character = (source: string): Piece => ({ kind: 'one', source });
const star: Piece = { kind: 'star' };
const end: Piece = { kind: 'end' };
const letters = (text: string): Piece[] => [...text].map((letter) => (letter === '*' ? star : character(letter)));

const pieces = fc
  .tuple(
    fc.boolean(),
    fc.array(
      fc.constantFrom<Piece>(...['a', 'b', '/', '[^/]', '[ab]', '[^a]', '[a\\-/]', '😀', '\\n'].map(character), star, star, {
        kind: 'between',
      }),
      { maxLength: 10 },
    ),
    fc.boolean(),
  )
  .map(([hasParents, middle, hasEnd]): Piece[] => [
    ...(hasParents ? [{ kind: 'parents' } as const] : []),
    ...middle,
    ...(hasEnd ? [end] : []),
  ]);
const path = fc.array(fc.constantFrom('a', 'b', 'a', '/', 'c', '😀', '\n', '\ud83d'), { maxLength: 12 }).map((parts) => parts.join(''));

describe('an automaton', () => {
  test('matches what the regular expression of the same pattern matches', () => {
    fc.assert(
      fc.property(pieces, fc.array(path, { minLength: 1, maxLength: 20 }), (pattern, paths) => {
        const expression = new RegExp(sourceOf(pattern), 'u');
        const automaton = new GlobAutomaton(pattern);
        expect(paths.map((one) => automaton.test(one))).toEqual(paths.map((one) => expression.test(one)));
      }),
      { numRuns: 3_000 },
    );
  });

  test('tries each place of the pattern at most twice for a character of the path', () => {
    const pattern = [...letters(`${'*a'.repeat(20)}*b`), end];
    const automaton = new GlobAutomaton(pattern);
    const name = `${'a'.repeat(250)}c`;
    expect(automaton.test(name)).toBe(false);
    expect(automaton.tried).toBeLessThanOrEqual(2 * pattern.length * name.length);
  });

  test('remembers the ways that it has seen', () => {
    const automaton = new GlobAutomaton([...letters('*a*b'), end]);
    expect(automaton.test('xaxb')).toBe(true);
    const before = automaton.tried;
    expect([automaton.test('xaxb'), automaton.tried]).toEqual([true, before]);
  });

  test('goes on where there is more than it can remember', () => {
    const automaton = new GlobAutomaton([...letters('*a*b'), end]);
    const names = Array.from({ length: 10_000 }, (_, index) => `a${String.fromCodePoint(0x4e00 + index)}b`);
    expect(names.every((name) => automaton.test(name))).toBe(true);
    expect(automaton.test('ab/')).toBe(true);
    expect(automaton.test('abc')).toBe(false);
  });
});

describe('a pattern becomes', () => {
  test.each(['*.tmp', '/data/*', 'a/**/b', '*.py[co]', 'cache', 'a/*/b*', '/x?y'])(
    'a regular expression where that finds its way at once: %s',
    (line) => {
      expect(compilePattern(line, '')?.expression).toBeInstanceOf(RegExp);
    },
  );

  test.each(['*a*a*b', '**/a/**/b', '*[!x]', '/a/**/b/**/c', '*a*'])('an automaton where a regular expression might not: %s', (line) => {
    expect(compilePattern(line, '')?.expression).toBeInstanceOf(GlobAutomaton);
  });
});
