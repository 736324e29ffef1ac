// What commands say. Answers go to the standard output and nothing else does, so that they can be piped; everything on the way goes to the
// standard error: as one line that moves on a terminal and, for commands that run for hours unseen, as a line now and then in a log.

import { humanBytes, humanTime } from './words.ts';

export interface Progress {
  /** How far it is, and of how much: null while nobody knows. Cheap: call it as often as you like. */
  at: (done: number, total: number | null) => void;
  end: () => void;
}

type Paint = (text: string) => string;

export interface Terminal {
  /** The answer. */
  say: (text: string) => void;
  /** What happens on the way. */
  note: (text: string) => void;
  /** Green, red, yellow or grey, in an answer whose reader wants colours. */
  good: Paint;
  bad: Paint;
  changed: Paint;
  faint: Paint;
  /** Red and yellow, for what goes to the standard error. */
  alarm: Paint;
  caution: Paint;
  /** Shows how far a long work is, in bytes or in things. */
  progress: (title: string, unit: 'bytes' | 'things') => Progress;
}

export interface Stream {
  write(text: string): unknown;
  isTTY?: boolean | undefined;
  columns?: number | undefined;
}

/** Whether there are colours: where the reader is a terminal, or whoever reads. */
export type Colours = 'auto' | 'always' | 'never';

export interface TerminalOptions {
  out: Stream;
  err: Stream;
  colours: Colours;
  /** `log`: a bar stays on the terminal when it is done, and a pipe gets a line now and then. `bar`: on a terminal only, and gone when it is done. */
  progress: 'log' | 'bar';
  now?: () => number;
}

/** A bar is drawn so often, and a log gets a line so often. */
const DRAW_MS = 100;
const LOG_MS = 10_000;
const BAR = 20;

/** As no-color.org and force-color.org have it: any value counts but the empty one. Whoever asks for colours by name gets them, as in Node. */
export function coloursOf(environment: Readonly<Record<string, string | undefined>>): Colours {
  const force = environment['FORCE_COLOR'] ?? '';
  if (force !== '') return force === '0' || force === 'false' ? 'never' : 'always';
  return (environment['NO_COLOR'] ?? '') === '' ? 'auto' : 'never';
}

/** Bytes that a terminal obeys: all control characters but a line's end and a tab, and an escape that is not a colour. */
const OBEYED = /\u001b(?!\[\d{1,3}m)|[\u0000-\u0008\u000b-\u001a\u001c-\u001f\u007f-\u009f]/g;

/** What is shown on a terminal may hold names that strangers gave: they must not move its cursor, retitle its window or answer in the user's place. */
function harmless(text: string, stream: Stream): string {
  return stream.isTTY === true ? text.replace(OBEYED, (unit) => `\\x${unit.charCodeAt(0).toString(16).padStart(2, '0')}`) : text;
}

export function createTerminal({ out, err, colours, progress, now = Date.now }: TerminalOptions): Terminal {
  const coloured = (stream: Stream, code: number): Paint => {
    const isWanted = colours === 'always' || (colours === 'auto' && stream.isTTY === true);
    return (text) => (isWanted ? `\u001b[${code}m${text}\u001b[0m` : text);
  };
  const isTerminal = err.isTTY === true;
  /** The bar that stands on the terminal: what else is said goes in its place, and it is drawn again below. */
  let standing: string | null = null;
  const draw = (line: string) => err.write(`\r${harmless(line, err).slice(0, (err.columns ?? 80) - 1)}\u001b[K`);
  const around = (write: () => void) => {
    if (standing !== null) err.write('\r\u001b[K');
    write();
    if (standing !== null) draw(standing);
  };

  return {
    say: (text) => around(() => void out.write(`${harmless(text, out)}\n`)),
    note: (text) => around(() => void err.write(`${harmless(text, err)}\n`)),
    good: coloured(out, 32),
    bad: coloured(out, 31),
    changed: coloured(out, 33),
    faint: coloured(out, 90),
    alarm: coloured(err, 31),
    caution: coloured(err, 33),
    progress(title, unit) {
      const begun = now();
      let shownAt = isTerminal ? 0 : begun;
      return {
        at(done, total) {
          if (!isTerminal && progress === 'bar') return;
          const time = now();
          const isLast = total !== null && done >= total;
          if (time - shownAt < (isTerminal ? DRAW_MS : LOG_MS) && !(isTerminal && isLast)) return;
          shownAt = time;
          const line = lineOf({ title, unit, done, total, ms: time - begun, hasBar: isTerminal });
          if (isTerminal) draw((standing = line));
          else err.write(`${line}\n`);
        },
        end() {
          if (standing === null) return;
          standing = null;
          err.write(progress === 'bar' ? '\r\u001b[K' : '\n');
        },
      };
    },
  };
}

interface Moment {
  title: string;
  unit: 'bytes' | 'things';
  done: number;
  total: number | null;
  /** Since the beginning. */
  ms: number;
  hasBar: boolean;
}

function lineOf({ title, unit, done, total, ms, hasBar }: Moment): string {
  const shown = (n: number) => (unit === 'bytes' ? humanBytes(n) : Math.round(n).toLocaleString('en'));
  const rate = ms > 0 ? (done / ms) * 1000 : 0;
  if (total === null) return `${title} ${shown(done)}, ${shown(rate)}/s`;
  const share = total === 0 ? 1 : Math.min(done / total, 1);
  const left = rate > 0 ? ((total - done) / rate) * 1000 : null;
  const bar = hasBar ? ` [${'#'.repeat(Math.round(share * BAR)).padEnd(BAR, '.')}]` : '';
  const tail = left === null || done >= total ? '' : `, ${humanTime(left)} left`;
  return `${title}${bar} ${Math.floor(share * 100)}% ${shown(done)} of ${shown(total)}, ${shown(rate)}/s${tail}`;
}
