import { describe, expect, it } from 'vitest';

import { foldKind, gatherLeaves, viewOf } from './graph-view.ts';

const node = (id: string, kind: string) => ({ id, kind, ref: id, label: id });
const edge = (from: string, to: string, evidence: 'ASSERTED' | 'OBSERVED' | 'MATCHED') => ({ from, to, evidence, relation: 'read' });

describe('gaps', () => {
  it('become nodes where a whole thing is missing', () => {
    const view = viewOf([node('run', 'RUN')], [], [{ node: 'run', kind: 'NO_INPUTS', message: 'names no data', hint: 'log it' }]);
    expect(view.nodes.map(({ label, detail }) => [label, detail])).toEqual([
      ['run', null],
      ['No data known', 'log it'],
    ]);
    expect(view.edges).toMatchObject([{ from: 'run', to: view.nodes[1]?.id, gap: true }]);
  });

  it('mark the node where a part of it is missing', () => {
    const view = viewOf([node('v', 'MODEL_VERSION')], [], [{ node: 'v', kind: 'NO_DIGEST', message: 'elsewhere', hint: 'upload it' }]);
    expect(view.nodes).toMatchObject([{ gap: { message: 'elsewhere', hint: 'upload it' } }]);
  });
});

describe('folding', () => {
  it('leaves an edge as strong as the weaker of the two it replaces', () => {
    const view = viewOf(
      [node('v', 'MODEL_VERSION'), node('l', 'LOGGED_MODEL'), node('r', 'RUN')],
      [edge('v', 'l', 'MATCHED'), edge('l', 'r', 'ASSERTED')],
    );
    const folded = foldKind(view, 'LOGGED_MODEL');
    expect(folded.nodes.map(({ id }) => id)).toEqual(['v', 'r']);
    expect(folded.edges).toMatchObject([{ from: 'v', to: 'r', evidence: 'ASSERTED' }]);
  });

  it('keeps a node where ways meet', () => {
    const view = viewOf(
      [node('a', 'MODEL_VERSION'), node('b', 'MODEL_VERSION'), node('l', 'LOGGED_MODEL'), node('r', 'RUN')],
      [edge('a', 'l', 'MATCHED'), edge('b', 'l', 'MATCHED'), edge('l', 'r', 'MATCHED')],
    );
    expect(foldKind(view, 'LOGGED_MODEL')).toEqual(view);
  });
});

describe('gathering', () => {
  const leaves = Array.from({ length: 10 }, (_, index) => `run${index}`);
  const view = viewOf(
    [node('data', 'DATASET_VERSION'), ...leaves.map((id) => node(id, 'RUN')), node('model', 'MODEL_VERSION')],
    [...leaves.map((id, index) => edge(id, 'data', index === 9 ? 'ASSERTED' : 'MATCHED')), edge('model', 'run0', 'MATCHED')],
  );

  it('leaves a few, says how many more there are, and keeps the ways that go on', () => {
    const gathered = gatherLeaves(view, 'data', 4);
    expect(gathered.nodes.map(({ label }) => label)).toEqual(['data', 'run0', 'run1', 'run2', 'run3', 'model', '6 more']);
    expect(gathered.edges.at(-1)).toMatchObject({ to: 'data', evidence: 'ASSERTED' });
  });

  it('changes nothing where there are few', () => {
    expect(gatherLeaves(view, 'data', 20)).toEqual(view);
  });
});
