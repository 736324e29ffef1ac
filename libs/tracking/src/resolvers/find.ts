// From what a client wrote to what it means: a node id (`run_…`), or a readable reference (`run:7f3a…`). Nothing is looked up here.

import { invalid, parseNodeId, parseRef } from '@throughline/kernel';
import type { NodeKind, Ref } from '@throughline/kernel';

import type { ExperimentKey, LoggedModelKey, RunKey } from '../types.ts';

function wrong(kind: string, text: string, example: string): Error {
  return invalid('INVALID_ID', `'${text.slice(0, 80)}' names no ${kind}; one is named '${example}'.`);
}

/** The UUID or the reference in a text; null where it is neither, or another workspace's. */
function read(kind: NodeKind, text: string): { id: string } | { ref: Ref } | null {
  const node = parseNodeId(text);
  if (node !== null) return node.kind === kind ? { id: node.id } : null;
  const parsed = parseRef(text);
  return parsed?.workspace === null ? { ref: parsed.ref } : null;
}

export function experimentKeyOf(text: string): ExperimentKey {
  const found = read('experiment', text);
  if (found !== null && 'id' in found) return found;
  if (found?.ref.kind === 'experiment') return { experimentId: found.ref.experimentId };
  throw wrong('experiment', text, 'experiment:12');
}

export function runKeyOf(text: string): RunKey {
  const found = read('run', text);
  if (found !== null && 'id' in found) return found;
  if (found?.ref.kind === 'run') return { runId: found.ref.runId };
  throw wrong('run', text, 'run:<run id>');
}

export function loggedModelKeyOf(text: string): LoggedModelKey {
  const found = read('loggedModel', text);
  if (found !== null && 'id' in found) return found;
  if (found?.ref.kind === 'loggedModel') return { modelId: found.ref.modelId };
  throw wrong('logged model', text, 'loggedModel:m-…');
}
