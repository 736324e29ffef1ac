import { describe, expect, it } from 'vitest';

import { helpText, readArguments } from './arguments.ts';

const CATALOGUE = { tracking: ['writing', 'finding', 'memory'] };
const read = (...args: string[]) => readArguments(args, CATALOGUE);
const PLAIN = { kind: 'run', benchmark: 'tracking', json: false, quick: false, rows: ['writing', 'finding', 'memory'], rounds: null };

describe('the arguments of a benchmark', () => {
  it('name a benchmark, of which every row is run', () => {
    expect(read('tracking')).toEqual(PLAIN);
  });

  it('choose the form and the length', () => {
    expect(read('tracking', '--json', '--quick', '--rounds', '7')).toEqual({ ...PLAIN, json: true, quick: true, rounds: 7 });
  });

  it('choose rows, which are run in the benchmark’s order', () => {
    expect(read('tracking', '--only', 'memory', '--only', 'writing')).toEqual({ ...PLAIN, rows: ['writing', 'memory'] });
  });

  it('ask for help, whatever stands beside it', () => {
    expect(read('--help')).toEqual({ kind: 'help' });
    expect(read('tracking', '-h')).toEqual({ kind: 'help' });
  });

  it.each([
    ['no benchmark', [], 'Which benchmark? There is: tracking.'],
    ['an unknown benchmark', ['tracing'], "There is no benchmark 'tracing'; there is: tracking."],
    ['a benchmark named like what every object has', ['constructor'], "There is no benchmark 'constructor'; there is: tracking."],
    ['two benchmarks', ['tracking', 'data'], "'data' is one too many"],
    ['an unknown row', ['tracking', '--only', 'reading'], "tracking has no row 'reading'; its rows: writing, finding, memory."],
    ['an unknown option', ['tracking', '--fast'], "Unknown option '--fast'"],
    ['no number of rounds', ['tracking', '--rounds', 'many'], "--rounds takes a whole number from 1 to 99, not 'many'."],
    ['no rounds at all', ['tracking', '--rounds', '0'], '--rounds takes a whole number from 1 to 99'],
    ['too many rounds', ['tracking', '--rounds', '100'], '--rounds takes a whole number from 1 to 99'],
  ])('are refused: %s', (_, args, message) => {
    const found = read(...args);
    expect(found).toMatchObject({ kind: 'fault' });
    expect(found.kind === 'fault' ? found.message : '').toContain(message);
  });

  it('are explained, rows included', () => {
    const text = helpText(CATALOGUE);
    for (const word of ['--only', '--rounds', '--quick', '--json', 'tracking: writing, finding, memory']) expect(text).toContain(word);
  });
});
