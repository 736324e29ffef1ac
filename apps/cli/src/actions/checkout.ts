// throughline checkout

import { checkout, openRepository } from '@throughline/data-versioning/core';
import type { CheckoutResult } from '@throughline/data-versioning/core';
import { counted } from '@throughline/kernel';
import type { Terminal } from '@throughline/kernel';

import type { Action } from '../command.ts';
import { failureLines, flagged, given, selectionOf } from './shared.ts';

export const run: Action = async (context) => {
  const { options, surroundings, terminal } = context;
  const result = await checkout(await openRepository(surroundings), {
    ...selectionOf(context),
    ...given({
      force: flagged(options, 'force'),
      relink: flagged(options, 'relink'),
      allowMissing: flagged(options, 'allowMissing'),
      dry: flagged(options, 'dry'),
    }),
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
  { added, modified, deleted, stats, failed, planned }: CheckoutResult,
  { terminal, isSummary }: { terminal: Terminal; isSummary: boolean },
): Iterable<string> {
  if (!isSummary) {
    for (const path of added) yield `${terminal.good('A')} ${path}`;
    for (const path of modified) yield `${terminal.changed('M')} ${path}`;
    for (const path of deleted) yield `${terminal.bad('D')} ${path}`;
  }
  const counts = Object.entries(stats).filter(([, count]) => count > 0);
  if (counts.length === 0 && failed.length === 0) yield 'The workspace is as it is recorded.';
  if (planned !== undefined) {
    yield* namedLines('Would be deleted', planned.deleted);
    yield* namedLines('Would be replaced', planned.replaced);
  }
  if (counts.length > 0) yield `Files: ${counts.map(([what, count]) => `${count} ${what}`).join(', ')}.`;
  if (counts.length > 0 && planned !== undefined) yield 'Nothing was done: it was a dry run.';
}

const MAX_NAMED = 100;

function* namedLines(what: string, paths: readonly string[]): Iterable<string> {
  if (paths.length === 0) return;
  yield `${what}:`;
  for (const path of paths.slice(0, MAX_NAMED)) yield `  ${path}`;
  if (paths.length > MAX_NAMED) yield `  and ${counted(paths.length - MAX_NAMED, 'more file')}`;
}
