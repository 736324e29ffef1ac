// What a benchmark is doing, on stderr: one line that is rewritten on a terminal, plain lines elsewhere. stdout is the report's.

export interface Progress {
  /** A row begins. `seconds` is about how long it will take. */
  begin(title: string, seconds: number): void;
  /** What it does now. */
  say(what: string): void;
  /** It ended; what it found is to be printed next. */
  end(): void;
}

interface Stream {
  isTTY?: boolean;
  columns?: number;
  write(text: string): unknown;
}

const CLEAR = '\r\u001b[K';

export function openProgress(stream: Stream): Progress {
  let title = '';
  let what = '';
  let seconds = 0;
  let begun = 0;
  let ticking: NodeJS.Timeout | null = null;
  const isTerminal = stream.isTTY === true;
  const line = () => {
    const elapsed = Math.round((performance.now() - begun) / 1000);
    return `${title}: ${what === '' ? '' : `${what}, `}${elapsed} s of about ${seconds} s`;
  };
  const draw = () => stream.write(CLEAR + line().slice(0, (stream.columns ?? 80) - 1));
  return {
    begin(newTitle, newSeconds) {
      [title, what, seconds, begun] = [newTitle, '', newSeconds, performance.now()];
      if (!isTerminal) stream.write(`${title} (about ${seconds} s) …\n`);
      else ticking ??= setInterval(draw, 1000).unref();
    },
    say(newWhat) {
      what = newWhat;
      if (isTerminal) draw();
      else stream.write(`  ${what}\n`);
    },
    end() {
      if (ticking !== null) clearInterval(ticking);
      ticking = null;
      if (isTerminal) stream.write(CLEAR);
    },
  };
}
