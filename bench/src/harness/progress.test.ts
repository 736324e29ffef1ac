import { describe, expect, it } from 'vitest';

import { openProgress } from './progress.ts';

function stream(isTTY: boolean) {
  const written: string[] = [];
  return { written, isTTY, columns: 30, write: (text: string) => written.push(text) };
}

describe('progress', () => {
  it('is plain lines where nobody can rewrite them', () => {
    const to = stream(false);
    const progress = openProgress(to);
    progress.begin('[1/2] writing', 60);
    progress.say('warm-up, ours');
    progress.end();
    expect(to.written).toEqual(['[1/2] writing (about 60 s) …\n', '  warm-up, ours\n']);
  });

  it('is one line on a terminal, never wider than it, and gone at the end', () => {
    const to = stream(true);
    const progress = openProgress(to);
    progress.begin('[1/2] writing', 60);
    progress.say('round 1 of 5, a side with a long name');
    progress.end();
    const [line = '', last] = to.written;
    expect(line).toBe('\r\u001b[K[1/2] writing: round 1 of 5, ');
    expect(last).toBe('\r\u001b[K');
  });
});
