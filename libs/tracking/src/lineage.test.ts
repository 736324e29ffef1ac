import type { DomainEdge, NodeRef } from '@throughline/kernel';
import { newId } from '@throughline/kernel';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { makeWorld } from './test-world.ts';
import type { World } from './test-world.ts';
import type { DatasetInput, LoggedModel, Run } from './types.ts';

let world: World;
let parent: Run;
let child: Run;
let sibling: Run;
let model: LoggedModel;
let base: LoggedModel;
let open: DatasetInput;
let known: DatasetInput;
const read = newId();
const made = newId();

beforeAll(async () => {
  world = await makeWorld();
  const { runs, inputs, loggedModels, datasetOutputs } = world.tracking;
  const experiment = { experimentId: '0' };
  parent = await runs.create(world.call, { experiment, name: 'parent' });
  child = await runs.create(world.call, {
    experiment,
    name: 'child',
    parent,
    tags: [{ key: 'mlflow.source.git.commit', value: 'c0ffee' }],
  });
  sibling = await runs.create(world.call, { experiment, name: 'sibling', parent });
  const dataset = { digest: 'd', sourceType: 'local', source: 's' };
  const [resolved, unresolved] = await inputs.log(world.call, child, [
    { ...dataset, name: 'known', tags: [{ key: 'mlflow.data.context', value: 'training' }] },
    { ...dataset, name: 'unknown' },
  ]);
  if (resolved === undefined || unresolved === undefined) throw new Error('nothing was logged');
  await inputs.resolveWith(world.call, resolved.id, { datasetVersionId: read, evidence: 'MATCHED', resolvedBy: 'hashes' });
  open = unresolved;
  known = resolved;
  base = await loggedModels.create(world.call, { name: 'base' });
  model = await loggedModels.create(world.call, { name: 'tree', sourceRun: child });
  await loggedModels.link(world.call, child, 'INPUT', [{ modelId: base.modelId }]);
  await loggedModels.link(world.call, child, 'OUTPUT', [{ modelId: model.modelId }]);
  await datasetOutputs.log(world.call, child, made, 'OBSERVED');
});
afterAll(() => world.end());

const run = ({ id }: Run): NodeRef => ({ kind: 'run', id });
const logged = ({ id }: LoggedModel): NodeRef => ({ kind: 'loggedModel', id });
const version = (id: string): NodeRef => ({ kind: 'datasetVersion', id });
const told = (edges: readonly DomainEdge[]) =>
  edges.map(({ from, to, relation, evidence, context }) => [from.id, relation, to.id, evidence, context]).sort();

describe('the edges that tracking records', () => {
  it('lead up from a run to what it read, started from and is part of, in one statement', async () => {
    world.test.statements.length = 0;
    const { edges, truncated } = await world.tracking.lineage.edgesOf(world.call.caller, [run(child)], 'UPSTREAM', 100);
    expect(world.test.statements).toHaveLength(1);
    expect(truncated).toBe(false);
    expect(told(edges)).toEqual(
      [
        [child.id, 'read', read, 'MATCHED', 'training'],
        [child.id, 'read', open.id, 'ASSERTED', null],
        [child.id, 'started from', base.id, 'ASSERTED', null],
        [child.id, 'part of', parent.id, 'ASSERTED', null],
      ].sort(),
    );
  });

  it('lead up from a model to its run once, and from data to the run that made it', async () => {
    const { edges } = await world.tracking.lineage.edgesOf(world.call.caller, [logged(model), version(made)], 'UPSTREAM', 100);
    expect(told(edges)).toEqual(
      [
        [model.id, 'produced by', child.id, 'ASSERTED', null],
        [made, 'produced by', child.id, 'OBSERVED', null],
      ].sort(),
    );
  });

  it('lead down the same ways', async () => {
    const { edges } = await world.tracking.lineage.edgesOf(
      world.call.caller,
      [version(read), logged(base), run(parent)],
      'DOWNSTREAM',
      100,
    );
    expect(told(edges)).toEqual(
      [
        [child.id, 'read', read, 'MATCHED', 'training'],
        [child.id, 'started from', base.id, 'ASSERTED', null],
        [child.id, 'part of', parent.id, 'ASSERTED', null],
        [sibling.id, 'part of', parent.id, 'ASSERTED', null],
      ].sort(),
    );
  });

  it('lead down from an input to its run, whether or not it is known what it was', async () => {
    const inputs = [open, known].map(({ id }): NodeRef => ({ kind: 'datasetInput', id }));
    const { edges } = await world.tracking.lineage.edgesOf(world.call.caller, inputs, 'DOWNSTREAM', 100);
    expect(told(edges)).toEqual(
      [open, known]
        .map(({ id, evidence }) => [child.id, 'read', id, id === known.id ? 'MATCHED' : evidence, id === known.id ? 'training' : null])
        .sort(),
    );
  });

  it('never lead from a run up to its siblings', async () => {
    const { edges } = await world.tracking.lineage.edgesOf(world.call.caller, [run(child), run(parent)], 'UPSTREAM', 100);
    expect(edges.some(({ to }) => to.id === sibling.id)).toBe(false);
  });

  it('are cut at the limit, and say so', async () => {
    const { edges, truncated } = await world.tracking.lineage.edgesOf(world.call.caller, [run(child)], 'UPSTREAM', 2);
    expect([edges.length, truncated]).toEqual([2, true]);
  });

  it('are nobody else’s', async () => {
    const { caller } = await world.elsewhere();
    expect(await world.tracking.lineage.edgesOf(caller, [run(child)], 'UPSTREAM', 100)).toEqual({ edges: [], truncated: false });
    expect(await world.tracking.lineage.describe(caller, [run(child)])).toEqual([]);
  });
});

describe('the facts of nodes', () => {
  it('say what each lacks', async () => {
    const facts = await world.tracking.lineage.describe(world.call.caller, [
      run(child),
      run(parent),
      logged(model),
      logged(base),
      { kind: 'datasetInput', id: open.id },
    ]);
    const of = (id: string) => facts.find(({ node }) => node.id === id);
    expect(of(child.id)).toMatchObject({ label: 'child', detail: 'running · commit c0ffee', fileSetId: child.fileSetId, lacks: [] });
    expect(of(parent.id)?.lacks).toEqual(['inputs']);
    expect(of(model.id)?.lacks).toEqual([]);
    expect(of(base.id)?.lacks).toEqual(['run']);
    expect(of(open.id)).toMatchObject({ label: 'unknown', lacks: ['version'] });
  });
});
