import { createTerminal } from '@throughline/kernel';
import { describe, expect, it } from 'vitest';

import { createReporter } from './reporter.ts';

function make({ isTTY = true, isQuiet = false } = {}) {
  const written = { err: '' };
  const time = { ms: 1000 };
  const err = { write: (text: string) => (written.err += text), isTTY, columns: 80 };
  const terminal = createTerminal({ out: err, err, colours: 'never', progress: 'bar', now: () => (time.ms += 1000) });
  return { written, reporter: createReporter({ terminal, isQuiet }) };
}

describe('long work', () => {
  it('shows how far it is, and leaves nothing when it is done', () => {
    const { written, reporter } = make();
    const task = reporter.task('Adding', 'files', 4);
    task.advance(1);
    expect(written.err).toContain('Adding [#####...............] 25% 1 of 4');
    task.end();
    expect(written.err.endsWith('\r\u001b[K')).toBe(true);
  });

  it('inside of other work is what is shown', () => {
    const { written, reporter } = make();
    const outer = reporter.task('Outer', 'files', 10);
    const inner = reporter.task('Inner', 'bytes', 10);
    outer.advance(1);
    expect(written.err).not.toContain('Outer');
    inner.end();
    outer.advance(1);
    expect(written.err).toContain('Outer [####................] 20%');
  });

  it('shows nothing in a pipe, nor to whoever wants quiet', () => {
    for (const options of [{ isTTY: false }, { isQuiet: true }]) {
      const { written, reporter } = make(options);
      reporter.task('Adding', 'files', 4).advance(2);
      expect(written.err).toBe('');
    }
  });

  it('says warnings, but to whoever wants quiet', () => {
    const told = [false, true].map((isQuiet) => {
      const { written, reporter } = make({ isQuiet });
      reporter.warn('look out');
      return written.err;
    });
    expect(told).toEqual(['warning: look out\n', '']);
  });
});
