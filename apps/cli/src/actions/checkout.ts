// throughline checkout

import { checkout, openRepository } from '@throughline/data-versioning/core';
import type { CheckoutResult } from '@throughline/data-versioning/core';
import type { Terminal } from '@throughline/kernel';

import type { Action } from '../command.ts';
import { failureLines, flagged, given, selectionOf } from './shared.ts';

export const run: Action = async (context) => {
  const { options, surroundings, terminal } = context;
  const result = await checkout(await openRepository(surroundings), {
    ...selectionOf(context),
    ...given({ force: flagged(options, 'force'), relink: flagged(options, 'relink'), allowMissing: flagged(options, 'allowMissing') }),
  });
  return {
    value: result,
    lines: () => checkoutLines(result, { terminal, isSummary: options.flag('summary') }),
    problems: () => failureLines(result.failed, terminal),
    exitCode: result.failed.length === 0 ? 0 : 1,
  };
};

/** What a checkout did, by outputs and then by files. */
export function* checkoutLines(
  { added, modified, deleted, stats, failed }: CheckoutResult,
  { terminal, isSummary }: { terminal: Terminal; isSummary: boolean },
): Iterable<string> {
  if (!isSummary) {
    for (const path of added) yield `${terminal.good('A')} ${path}`;
    for (const path of modified) yield `${terminal.changed('M')} ${path}`;
    for (const path of deleted) yield `${terminal.bad('D')} ${path}`;
  }
  const counts = Object.entries(stats).filter(([, count]) => count > 0);
  if (counts.length === 0 && failed.length === 0) yield 'The workspace is as it is recorded.';
  if (counts.length > 0) yield `Files: ${counts.map(([what, count]) => `${count} ${what}`).join(', ')}.`;
}
