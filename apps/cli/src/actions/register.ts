// throughline register

import { openRepository, register } from '@throughline/data-versioning/core';
import type { RegisteredDataset } from '@throughline/data-versioning/core';
import type { Terminal } from '@throughline/kernel';

import type { Action } from '../command.ts';
import { given, selectionOf } from './shared.ts';

const DIGEST_SHOWN = 12;

export const run: Action = async (context) => {
  const { options, terminal, surroundings } = context;
  const repository = await openRepository(surroundings);
  const result = await register(repository, {
    ...selectionOf(context),
    ...given({
      remote: options.text('remote'),
      name: options.text('name'),
      message: options.text('message'),
      description: options.text('description'),
      tags: options.list('tag'),
    }),
  });
  return { value: result, lines: () => registeredLines(result.registered, terminal) };
};

/** One line a version: its reference, the beginning of its digest, where it is, and whether it is new. */
export function* registeredLines(registered: readonly RegisteredDataset[], terminal: Terminal): Iterable<string> {
  for (const { ref, digest, path, created } of registered) {
    const shown = terminal.faint(digest.slice(0, DIGEST_SHOWN));
    yield `${created ? terminal.good('new  ') : 'known'} ${ref}  ${shown}  ${path}`;
  }
}
