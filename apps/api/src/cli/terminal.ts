// What commands say. Answers go to the standard output and nothing else does, so that they can be piped; everything on the way goes to the
// standard error: as one line that moves on a terminal, as a line now and then in a log.

import { humanBytes, humanTime } from './words.ts';

export interface Progress {
  /** How far it is. Cheap: call it as often as you like. */
  at: (done: number, total: number) => void;
  end: () => void;
}

export interface Terminal {
  /** The answer. */
  say: (text: string) => void;
  /** What happens on the way. */
  note: (text: string) => void;
  /** Green, or red, where the output is a terminal that wants colours. */
  good: (text: string) => string;
  bad: (text: string) => string;
  /** Shows how far a long work is, in bytes or in things. */
  progress: (title: string, unit: 'bytes' | 'things') => Progress;
}

export interface Stream {
  write(text: string): unknown;
  isTTY?: boolean | undefined;
  columns?: number | undefined;
}

export interface TerminalOptions {
  out: Stream;
  err: Stream;
  /** NO_COLOR, as no-color.org has it: any value but the empty one. */
  noColor: boolean;
  now?: () => number;
}

/** A bar is drawn so often, and a log gets a line so often. */
const DRAW_MS = 100;
const LOG_MS = 10_000;
const BAR = 20;

export function createTerminal({ out, err, noColor, now = Date.now }: TerminalOptions): Terminal {
  const coloured = (code: number) => (text: string) => (out.isTTY === true && !noColor ? `\u001b[${code}m${text}\u001b[0m` : text);

  function lineOf(title: string, unit: 'bytes' | 'things', done: number, total: number, ms: number): string {
    const shown = (n: number) => (unit === 'bytes' ? humanBytes(n) : Math.round(n).toLocaleString('en'));
    const share = total === 0 ? 1 : Math.min(done / total, 1);
    const rate = ms > 0 ? (done / ms) * 1000 : 0;
    const left = rate > 0 ? ((total - done) / rate) * 1000 : null;
    const bar = err.isTTY === true ? ` [${'#'.repeat(Math.round(share * BAR)).padEnd(BAR, '.')}]` : '';
    const tail = left === null || done >= total ? '' : `, ${humanTime(left)} left`;
    return `${title}${bar} ${Math.floor(share * 100)}% ${shown(done)} of ${shown(total)}, ${shown(rate)}/s${tail}`;
  }

  return {
    say: (text) => void out.write(`${text}\n`),
    note: (text) => void err.write(`${text}\n`),
    good: coloured(32),
    bad: coloured(31),
    progress(title, unit) {
      const begun = now();
      let shownAt = err.isTTY === true ? 0 : begun;
      let last: string | null = null;
      return {
        at(done, total) {
          const time = now();
          if (time - shownAt < (err.isTTY === true ? DRAW_MS : LOG_MS) && !(err.isTTY === true && done >= total)) return;
          shownAt = time;
          const line = lineOf(title, unit, done, total, time - begun);
          if (err.isTTY !== true) err.write(`${line}\n`);
          // Back to the first column, and what an older, longer line left is cleared.
          else err.write(`\r${line.slice(0, (err.columns ?? 80) - 1)}\u001b[K`);
          last = line;
        },
        end() {
          if (err.isTTY === true && last !== null) err.write('\n');
        },
      };
    },
  };
}
