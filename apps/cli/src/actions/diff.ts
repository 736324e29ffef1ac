// throughline diff

import { diff, openRepository } from '@throughline/data-versioning/core';
import type { DiffResult } from '@throughline/data-versioning/core';
import type { Terminal } from '@throughline/kernel';

import type { Action } from '../command.ts';
import { flagged, given } from './shared.ts';

const KINDS = ['added', 'deleted', 'renamed', 'modified', 'not in cache'] as const;
type Kind = (typeof KINDS)[number];

const HASH_SHOWN = 8;

export const run: Action = async ({ operands, options, surroundings, terminal }) => {
  const [from, to] = operands;
  const withHashes = options.flag('showHash');
  const result = await diff(
    await openRepository(surroundings),
    given({
      from: from ?? null,
      to: to ?? null,
      targets: options.list('targets'),
      showHash: withHashes ? true : null,
      hideMissing: flagged(options, 'hideMissing'),
    }),
  );
  return { value: result, lines: () => (options.flag('md') ? markdownLines(result, withHashes) : plainLines(result, terminal)) };
};

interface Line {
  path: string;
  hash: string | null;
}

function linesOf(result: DiffResult, kind: Kind): Line[] {
  return (result[kind] ?? []).map(({ path, hash }) => ({
    path: typeof path === 'string' ? path : `${path.old} -> ${path.new}`,
    hash: hash === undefined || hash === null ? null : typeof hash === 'string' ? short(hash) : `${short(hash.old)}..${short(hash.new)}`,
  }));
}

function short(hash: string | null): string {
  return hash === null ? '-' : hash.slice(0, HASH_SHOWN);
}

function* plainLines(result: DiffResult, terminal: Terminal): Iterable<string> {
  const paints = {
    added: terminal.good,
    deleted: terminal.bad,
    renamed: terminal.changed,
    modified: terminal.changed,
    'not in cache': terminal.bad,
  } satisfies Record<Kind, (text: string) => string>;
  const counts: string[] = [];
  for (const kind of KINDS) {
    const lines = linesOf(result, kind);
    if (lines.length === 0) continue;
    yield `${paints[kind](kind)}:`;
    for (const { path, hash } of lines) yield `  ${hash === null ? '' : `${hash}  `}${path}`;
    const files = lines.filter(({ path }) => !path.endsWith('/')).length;
    if (files > 0) counts.push(`${files} ${kind}`);
  }
  yield counts.length === 0 ? 'Nothing differs.' : `Files: ${counts.join(', ')}.`;
}

/** As GitHub takes tables; a bar in a name would end its cell. */
function* markdownLines(result: DiffResult, withHashes: boolean): Iterable<string> {
  yield withHashes ? '| Status | Hash | Path |' : '| Status | Path |';
  yield withHashes ? '| --- | --- | --- |' : '| --- | --- |';
  for (const kind of KINDS) {
    for (const { path, hash } of linesOf(result, kind)) {
      const name = path.replaceAll('|', '\\|');
      yield withHashes ? `| ${kind} | ${hash ?? ''} | ${name} |` : `| ${kind} | ${name} |`;
    }
  }
}
