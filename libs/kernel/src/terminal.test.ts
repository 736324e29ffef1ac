import { describe, expect, it } from 'vitest';

import { coloursOf, createTerminal } from './terminal.ts';
import type { Colours } from './terminal.ts';
import { counted, humanBytes, humanTime } from './words.ts';

interface Made {
  isTTY: boolean;
  colours?: Colours;
  progress?: 'log' | 'bar';
}

function make({ isTTY, colours = 'auto', progress = 'log' }: Made) {
  const written = { out: '', err: '' };
  const time = { ms: 0 };
  const stream = (name: 'out' | 'err') => ({ write: (text: string) => (written[name] += text), isTTY, columns: 80 });
  return { written, time, terminal: createTerminal({ out: stream('out'), err: stream('err'), colours, progress, now: () => time.ms }) };
}

describe('a terminal', () => {
  it('gets one line that moves, with rate and remaining time', () => {
    const { written, time, terminal } = make({ isTTY: true });
    const bar = terminal.progress('Saving', 'bytes');
    time.ms = 1000;
    bar.at(25_000_000, 100_000_000);
    time.ms = 1050;
    bar.at(30_000_000, 100_000_000);
    bar.end();
    expect(written.err).toBe('\rSaving [#####...............] 25% 25 MB of 100 MB, 25 MB/s, 3 s left\u001b[K\n');
  });

  it('is not obeyed to by a name, in an answer, a note or a bar', () => {
    const { written, time, terminal } = make({ isTTY: true });
    const name = 'a\u001b]0;title\u0007\u001b[2J\rb\u009b1A\tc';
    const shown = 'a\\x1b]0;title\\x07\\x1b[2J\\x0db\\x9b1A\tc';
    terminal.say(terminal.good(name));
    terminal.note(`${name}\nnext`);
    const bar = terminal.progress(name, 'things');
    time.ms = 200;
    bar.at(0, null);
    expect(written.out).toBe(`\u001b[32m${shown}\u001b[0m\n`);
    expect(written.err.startsWith(`${shown}\nnext\n\r${shown} 0, `)).toBe(true);
  });

  it('gives a pipe the bytes as they are', () => {
    const { written, terminal } = make({ isTTY: false });
    terminal.say('a\u001b[2Jb');
    expect(written.out).toBe('a\u001b[2Jb\n');
  });

  it('is told the end even where it was just drawn', () => {
    const { written, time, terminal } = make({ isTTY: true });
    const bar = terminal.progress('Reading', 'things');
    time.ms = 200;
    bar.at(1, 2);
    time.ms = 201;
    bar.at(2, 2);
    expect(written.err).toContain('100% 2 of 2');
  });

  it('shows colours, unless it was asked not to', () => {
    expect([make({ isTTY: true }).terminal.bad('no'), make({ isTTY: true, colours: 'never' }).terminal.bad('no')]).toEqual([
      '\u001b[31mno\u001b[0m',
      'no',
    ]);
  });

  it('gets what is said meanwhile above the line that moves', () => {
    const { written, time, terminal } = make({ isTTY: true, progress: 'bar' });
    const bar = terminal.progress('Hashing', 'things');
    time.ms = 1000;
    bar.at(10, null);
    terminal.note('a word');
    bar.end();
    const line = '\rHashing 10, 10/s\u001b[K';
    expect(written.err).toBe(`${line}\r\u001b[Ka word\n${line}\r\u001b[K`);
  });
});

describe('a pipe', () => {
  it('gets a plain line every ten seconds, and no colours', () => {
    const { written, time, terminal } = make({ isTTY: false });
    const bar = terminal.progress('Saving', 'things');
    for (time.ms = 0; time.ms <= 25_000; time.ms += 500) bar.at(time.ms / 500, 100);
    bar.end();
    expect([written.err.split('\n').length - 1, written.err.includes('\u001b'), terminal.good('ok')]).toEqual([2, false, 'ok']);
  });

  it('gets no line of a bar that is for terminals, and colours where they were asked for', () => {
    const { written, time, terminal } = make({ isTTY: false, progress: 'bar', colours: 'always' });
    const bar = terminal.progress('Saving', 'things');
    time.ms = 60_000;
    bar.at(1, 100);
    bar.end();
    expect([written.err, terminal.good('ok')]).toEqual(['', '\u001b[32mok\u001b[0m']);
  });

  it('gets the answer, and nothing else of what is said', () => {
    const { written, terminal } = make({ isTTY: false });
    terminal.note('on the way');
    terminal.say('{}');
    expect(written).toEqual({ out: '{}\n', err: 'on the way\n' });
  });
});

describe('colours', () => {
  it.each([
    [{}, 'auto'],
    [{ NO_COLOR: '' }, 'auto'],
    [{ NO_COLOR: '0' }, 'never'],
    [{ FORCE_COLOR: '1' }, 'always'],
    [{ FORCE_COLOR: '0' }, 'never'],
    [{ NO_COLOR: '1', FORCE_COLOR: '1' }, 'always'],
  ])('with %j are %s', (environment, wanted) => {
    expect(coloursOf(environment)).toBe(wanted);
  });
});

describe('numbers', () => {
  it('are told as people read them', () => {
    expect([
      humanBytes(0),
      humanBytes(999),
      humanBytes(1500),
      humanBytes(271e9),
      humanTime(59_000),
      humanTime(3_661_000),
      humanTime(200 * 3_600_000),
    ]).toEqual(['0 B', '999 B', '1.5 kB', '271 GB', '59 s', '1 h 1 min', '8 d 8 h']);
    expect([counted(1, 'run'), counted(1234, 'run')]).toEqual(['1 run', '1,234 runs']);
  });
});
