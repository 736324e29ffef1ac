// throughline data status

import { dataStatus, openRepository } from '@throughline/data-versioning/core';
import type { DataChanges, DataStatusResult } from '@throughline/data-versioning/core';
import type { Terminal } from '@throughline/kernel';

import type { Action, Options } from '../command.ts';
import { usage } from '../command.ts';
import { flagged, given, targetsOf } from './shared.ts';

export const run: Action = async (context) => {
  const { options, surroundings, terminal } = context;
  const result = await dataStatus(
    await openRepository(surroundings),
    given({
      targets: targetsOf(context),
      granular: flagged(options, 'granular'),
      untrackedFiles: wantsUntracked(options),
      unchanged: flagged(options, 'unchanged'),
      notInRemote: flagged(options, 'notInRemote'),
      remote: options.text('remote'),
    }),
  );
  return { value: result, lines: () => statusLines(result, terminal) };
};

/** `--untracked-files` alone means all of them. */
function wantsUntracked(options: Options): true | null {
  const which = options.text('untrackedFiles') ?? (options.flag('untrackedFiles') ? 'all' : 'no');
  if (which !== 'all' && which !== 'no') throw usage(`--untracked-files takes no or all, not '${which.slice(0, 40)}'.`, 'data status');
  return which === 'all' ? true : null;
}

function* statusLines(result: DataStatusResult, terminal: Terminal): Iterable<string> {
  if (Object.keys(result).length === 0) yield 'Nothing has changed.';
  yield* list('Not in the cache (throughline fetch brings them):', result.not_in_cache, terminal.bad);
  yield* list('Not in the remote (throughline push sends them):', result.not_in_remote, terminal.changed);
  yield* changes('Recorded since the last Git commit:', result.committed, terminal);
  yield* changes('Changed and not recorded (throughline commit records, throughline checkout takes back):', result.uncommitted, terminal);
  yield* list('Tracked by nobody:', result.untracked, terminal.faint);
  yield* list('Unchanged:', result.unchanged, terminal.good);
}

function* list(title: string, paths: readonly string[] | undefined, paint: (text: string) => string): Iterable<string> {
  if (paths === undefined || paths.length === 0) return;
  yield title;
  for (const path of paths) yield `  ${paint(path)}`;
}

const WIDTH = 'modified'.length;

function* changes(title: string, found: DataChanges | undefined, terminal: Terminal): Iterable<string> {
  if (found === undefined) return;
  const paints = {
    added: terminal.good,
    modified: terminal.changed,
    deleted: terminal.bad,
    renamed: terminal.changed,
    unknown: terminal.faint,
  };
  yield title;
  for (const kind of ['added', 'modified', 'renamed', 'deleted', 'unknown'] as const) {
    for (const path of found[kind] ?? []) {
      const shown = typeof path === 'string' ? path : `${path.old} -> ${path.new}`;
      yield `  ${paints[kind](kind.padEnd(WIDTH))} ${shown}`;
    }
  }
}
