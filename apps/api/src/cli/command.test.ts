import { createTerminal } from '@throughline/kernel';
import { describe, expect, it } from 'vitest';

import { durationOf, listOf, readLine } from './command.ts';
import type { Command } from './command.ts';

const terminal = createTerminal({ out: { write: () => true }, err: { write: () => true }, colours: 'never', progress: 'log' });
const command: Command = {
  help: 'helps',
  operands: ['The folder'],
  options: { 'dry-run': { type: 'boolean', default: false }, 'older-than': { type: 'string' } },
  run: async () => 0,
};
const read = (...args: string[]) => readLine('save', command, args, terminal);

describe('a command line', () => {
  it('is read by name, in any order', () => {
    const { json, help, invocation } = read('--older-than', '3d', 'here', '--json');
    expect({ json, help, operands: invocation.operands, age: invocation.text('older-than'), dry: invocation.flag('dry-run') }).toEqual({
      json: true,
      help: false,
      operands: ['here'],
      age: '3d',
      dry: false,
    });
  });

  it('that asks for help needs nothing else', () => {
    expect(read('-h').help).toBe(true);
  });

  it.each([
    { args: [], words: 'The folder is missing.' },
    { args: ['a', 'b'], words: "There is a word too much: 'b'." },
    { args: ['a', '--dryrun'], words: 'There is no option --dryrun. Did you mean --dry-run?' },
    { args: ['a', '--colour'], words: 'There is no option --colour.' },
    { args: ['a', '--older-than'], words: 'argument missing' },
  ])('says what is wrong with $args', ({ args, words }) => {
    const attempt = () => read(...args);
    expect(attempt).toThrow(words);
    expect(attempt).toThrow(expect.objectContaining({ code: 'USAGE', hint: 'npx throughline save --help says more.' }) as Error);
  });
});

describe('a length of time', () => {
  it.each([
    ['30d', 2_592_000_000],
    ['1d12h', 129_600_000],
    ['1.5h', 5_400_000],
    ['2m4s', 124_000],
  ])('%s is %d ms', (text, ms) => {
    expect(durationOf(text, 'older-than', 'gc')).toBe(ms);
  });

  it.each(['', '30', 'd', '3 d', '-1d', '1w'])("is not '%s'", (text) => {
    expect(() => durationOf(text, 'older-than', 'gc')).toThrow('--older-than takes a length of time');
  });
});

describe('a list', () => {
  it('is what stands between commas', () => {
    expect([listOf('a, b,,c'), listOf(null)]).toEqual([['a', 'b', 'c'], undefined]);
  });
});
