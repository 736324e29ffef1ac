// throughline log

import { log, openRepository } from '@throughline/data-versioning/core';
import type { LogChange, LogEntry } from '@throughline/data-versioning/core';
import { counted, humanBytes } from '@throughline/kernel';
import type { Terminal } from '@throughline/kernel';

import type { Action } from '../command.ts';
import { given, targetsOf } from './shared.ts';

const COMMIT_SHOWN = 10;

export const run: Action = async (context) => {
  const { options, surroundings, terminal } = context;
  const repository = await openRepository(surroundings);
  const entries = await log(repository, given({ targets: targetsOf(context), revision: options.text('rev'), limit: options.count('num') }));
  return { value: entries, lines: () => entries.flatMap((entry) => [...entryLines(entry, terminal)]) };
};

function* entryLines({ commit, author, at, subject, changes }: LogEntry, terminal: Terminal): Iterable<string> {
  yield `${terminal.changed(commit.slice(0, COMMIT_SHOWN))} ${at.slice(0, 10)} ${author}: ${subject}`;
  for (const change of changes) yield `  ${changeLine(change, terminal)}`;
}

function changeLine({ path, change, after, sizeBytes, fileCount }: LogChange, terminal: Terminal): string {
  const paint = { added: terminal.good, modified: terminal.changed, deleted: terminal.bad }[change];
  const facts = [
    fileCount === null ? null : counted(fileCount, 'file'),
    sizeBytes === null ? null : humanBytes(sizeBytes),
    after === null ? null : terminal.faint(after.slice(0, COMMIT_SHOWN)),
  ].filter((fact) => fact !== null);
  return `${paint(change.padEnd(8))} ${path}${facts.length === 0 ? '' : `  ${facts.join(', ')}`}`;
}
