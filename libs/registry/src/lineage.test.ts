import type { NodeRef } from '@throughline/kernel';
import { newId } from '@throughline/kernel';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import type { World } from './testing.ts';
import { newCall, newWorld } from './testing.ts';

let world: World;
beforeAll(async () => {
  world = await newWorld();
});
afterAll(() => world.end());

const version = (id: string): NodeRef => ({ kind: 'modelVersion', id });

async function edges(nodes: NodeRef[], direction: 'UPSTREAM' | 'DOWNSTREAM', limit: number = 100) {
  const { registry, call } = world;
  const answer = await registry.lineage.edgesOf(call.caller, nodes, direction, limit);
  return answer.edges.map(({ from, to, relation, evidence }) => ({ from, to, relation, evidence }));
}

describe('the edges that the registry tells', () => {
  it('lead from a deployment to its version, matched by the pinned digest, and back', async () => {
    const { registry, call } = world;
    const made = await world.register('deployed');
    const live = await registry.deployments.deploy(call, { versionId: made.id, environment: 'production', target: 'api' });
    const edge = { from: { kind: 'deployment', id: live.id }, to: version(made.id), relation: 'deployed', evidence: 'MATCHED' };
    expect(await edges([{ kind: 'deployment', id: live.id }], 'UPSTREAM')).toEqual([edge]);
    expect(await edges([version(made.id)], 'DOWNSTREAM')).toEqual([edge]);
  });

  it('lead to the logged model that was frozen, and then not to the run as well', async () => {
    const [loggedModelId, runId] = [newId(), newId()];
    const made = await world.register('logged', 'x', { loggedModelId, runId });
    const edge = {
      from: version(made.id),
      to: { kind: 'loggedModel', id: loggedModelId },
      relation: 'registered from',
      evidence: 'MATCHED',
    };
    expect(await edges([version(made.id)], 'UPSTREAM')).toEqual([edge]);
    expect(await edges([{ kind: 'loggedModel', id: loggedModelId }], 'DOWNSTREAM')).toEqual([edge]);
    expect(await edges([{ kind: 'run', id: runId }], 'DOWNSTREAM')).toEqual([]);
  });

  it('to a logged model without files are only asserted', async () => {
    const made = await world.register('unfrozen', 'x', {
      loggedModelId: newId(),
      manifestId: null,
      noDigestReason: 'It has no files yet.',
    });
    expect(await edges([version(made.id)], 'UPSTREAM')).toMatchObject([{ relation: 'registered from', evidence: 'ASSERTED' }]);
  });

  it('lead to the run where there is no logged model, with the evidence that was recorded', async () => {
    const runId = newId();
    const made = await world.register('produced', 'x', { runId, runEvidence: 'OBSERVED' });
    const edge = { from: version(made.id), to: { kind: 'run', id: runId }, relation: 'produced by', evidence: 'OBSERVED' };
    expect(await edges([version(made.id)], 'UPSTREAM')).toEqual([edge]);
    expect(await edges([{ kind: 'run', id: runId }], 'DOWNSTREAM')).toEqual([edge]);
  });

  it('of a copy lead to the version that was copied alone, matched where the digests are equal', async () => {
    const runId = newId();
    const origin = await world.register('origin', 'same', { runId });
    const equal = await world.register('copy', 'same', { runId, copiedFromId: origin.id });
    const other = await world.register('copy', 'different', { runId, copiedFromId: origin.id });
    const copied = (id: string, evidence: string) => ({ from: version(id), to: version(origin.id), relation: 'copied from', evidence });
    expect(await edges([version(equal.id)], 'UPSTREAM')).toEqual([copied(equal.id, 'MATCHED')]);
    expect(await edges([version(other.id)], 'UPSTREAM')).toEqual([copied(other.id, 'ASSERTED')]);
    expect(await edges([version(origin.id)], 'DOWNSTREAM')).toHaveLength(2);
  });

  it('are told in one statement for a whole batch, say when there are more, and stay in the workspace', async () => {
    const { registry, call, statements } = world;
    const made = [];
    for (let index = 0; index < 5; index += 1) made.push(await world.register('batch', 'x', { runId: newId() }));
    const nodes = made.map(({ id }) => version(id));
    statements.length = 0;
    const all = await registry.lineage.edgesOf(call.caller, nodes, 'UPSTREAM', 5);
    expect(statements).toHaveLength(1);
    expect([all.edges.length, all.truncated]).toEqual([5, false]);
    expect(await registry.lineage.edgesOf(call.caller, nodes, 'UPSTREAM', 4)).toMatchObject({ truncated: true, edges: { length: 4 } });
    expect(await registry.lineage.edgesOf(newCall().caller, nodes, 'UPSTREAM', 5)).toEqual({ edges: [], truncated: false });
  });

  it('outlive the version that they are of', async () => {
    const made = await world.register('deleted', 'x', { runId: newId() });
    await world.registry.versions.delete(world.call, made.id);
    expect(await edges([version(made.id)], 'UPSTREAM')).toHaveLength(1);
  });
});

describe('the facts of nodes', () => {
  it('name a version, its aliases and its files, and what it lacks', async () => {
    const { registry, call } = world;
    const whole = await world.register('facts', 'x', { runId: newId() });
    await registry.aliases.promote(call, { versionId: whole.id, alias: 'champion' });
    const bare = await world.register('facts', 'x', { manifestId: null, noDigestReason: 'elsewhere' });
    const facts = await registry.lineage.describe(call.caller, [version(whole.id), version(bare.id), version(newId())]);
    const byId = new Map(facts.map((fact) => [fact.node.id, fact]));
    expect(facts).toHaveLength(2);
    expect(byId.get(whole.id)).toMatchObject({
      ref: 'model:facts/1',
      label: 'facts 1',
      detail: '@champion',
      manifestId: whole.manifestId,
      lacks: [],
    });
    expect(byId.get(bare.id)).toMatchObject({ manifestId: null, detail: null, lacks: ['digest', 'run'] });
  });

  it('name a deployment, and tell when it ended', async () => {
    const { registry, call } = world;
    const made = await world.register('described');
    const live = await registry.deployments.deploy(call, { versionId: made.id, environment: 'staging', target: 'a b' });
    const describe = () => registry.lineage.describe(call.caller, [{ kind: 'deployment', id: live.id }]);
    expect(await describe()).toMatchObject([{ ref: 'deployment:staging/a%20b', label: 'staging/a b', detail: 'live', endedAt: null }]);
    await registry.deployments.end(call, live.id);
    expect(await describe()).toMatchObject([{ detail: 'ended', endedAt: expect.any(Date) as Date }]);
  });
});
