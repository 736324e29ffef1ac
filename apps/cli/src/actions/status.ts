// throughline status: of the workspace, or with -c of the cache against a remote.

import { openRepository, status, statusOfRemote } from '@throughline/data-versioning/core';
import type { PathStatus, StatusResult } from '@throughline/data-versioning/core';
import type { Terminal } from '@throughline/kernel';

import type { Action, Context } from '../command.ts';
import { usage } from '../command.ts';
import { given, selectionOf } from './shared.ts';

/** Options that only mean something for a remote. */
const CLOUD_ONLY = ['allBranches', 'allTags', 'allCommits'];

export const run: Action = async (context) => {
  const { options } = context;
  // As DVC has it: whoever names a remote means it.
  if (options.flag('cloud') || options.text('remote') !== null) return cloud(context);
  const stray = CLOUD_ONLY.find((name) => options.flag(name));
  if (stray !== undefined) throw usage('-a, -T and -A compare with a remote: add -c.', 'status');
  const result = await status(await openRepository(context.surroundings), {
    ...selectionOf(context),
    ...(options.choice('updates') === false ? { noUpdates: true } : {}),
  });
  return {
    value: result,
    lines: () => statusLines(result, context.terminal),
    // With --quiet the exit code is the answer.
    exitCode: context.isQuiet && Object.keys(result).length > 0 ? 1 : 0,
  };
};

async function cloud(context: Context): ReturnType<Action> {
  const { options, surroundings, terminal, isQuiet } = context;
  const repository = await openRepository(surroundings);
  const result = await statusOfRemote(repository, {
    ...selectionOf(context),
    ...given({ remote: options.text('remote'), jobs: options.count('jobs') }),
  });
  const differing = Object.entries(result);
  return {
    value: result,
    *lines() {
      if (differing.length === 0) yield 'The cache and the remote hold the same.';
      for (const [path, state] of differing) yield `  ${painted(state, terminal)} ${path}`;
    },
    exitCode: isQuiet && differing.length > 0 ? 1 : 0,
  };
}

function* statusLines(result: StatusResult, terminal: Terminal): Iterable<string> {
  const stages = Object.entries(result);
  if (stages.length === 0) yield 'Nothing has changed.';
  for (const [stage, changes] of stages) {
    yield `${stage}:`;
    for (const change of changes) {
      if (typeof change === 'string') {
        yield `  ${terminal.changed(change)}`;
        continue;
      }
      for (const [what, paths] of Object.entries<Readonly<Record<string, PathStatus>>>(change)) {
        yield `  ${what}:`;
        for (const [path, state] of Object.entries(paths)) yield* pathLines(path, state, terminal);
      }
    }
  }
}

function* pathLines(path: string, state: PathStatus, terminal: Terminal): Iterable<string> {
  if (typeof state === 'string') {
    yield `    ${painted(state, terminal)} ${path}`;
    return;
  }
  yield `    ${path}:`;
  for (const [name, one] of Object.entries(state)) yield `      ${painted(one, terminal)} ${name}`;
}

const WIDTH = 'update available'.length;

function painted(state: string, terminal: Terminal): string {
  const paint = state === 'new' ? terminal.good : state === 'modified' ? terminal.changed : terminal.bad;
  return paint(state.padEnd(WIDTH));
}
