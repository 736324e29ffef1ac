// The engine over a port whose graph is written down, and over real bytes in a real content library.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { CLEAN, ENDED, LIVE, LOGGED, newWorld, RAW, RUN, sha256, storyOf, VERSION } from './story.ts';
import type { World } from './story.ts';
import { edge, facts, node } from './testing.ts';
import { keyOf } from './walk.ts';

let world: World;
beforeAll(async () => {
  world = await newWorld();
});
afterAll(() => world.end());

const PAGE = { first: 50, after: null };

describe('a trace', () => {
  it('leads from the deployment to every file, data first, and is not verified before the bytes were checked', async () => {
    const { lineage } = world.over(await storyOf(world, { clean: 'clean a', raw: 'raw a', model: 'model a' }));
    const trace = await lineage.trace(world.call, keyOf(LIVE));
    expect(trace.nodes.map(({ key }) => key)).toEqual([LIVE, VERSION, LOGGED, RUN, CLEAN, RAW].map(keyOf));
    expect((await trace.files(10)).map(({ path, role, integrity }) => [path, role, integrity])).toEqual([
      ['penguins@2/test.csv', 'DATA', 'UNCHECKED'],
      ['penguins@2/train.csv', 'DATA', 'UNCHECKED'],
      ['penguins@1/penguins.json', 'DATA', 'UNCHECKED'],
      ['penguins/3/model.onnx', 'MODEL', 'UNCHECKED'],
    ]);
    expect(trace).toMatchObject({ verified: false, fileCount: 4, gaps: [], truncated: false });
    expect(trace.integrity).toEqual({ unchecked: 4, intact: 0, damaged: 0, oldestCheckAt: null });
    expect(trace.weakest).toMatchObject({ evidence: 'OBSERVED', to: keyOf(RAW) });
  });

  it('is verified once every byte was hashed and found intact, until one is damaged', async () => {
    const { lineage } = world.over(await storyOf(world, { clean: 'clean b', raw: 'raw b', model: 'model b' }));
    await world.verifyAll((await lineage.verify(world.call, keyOf(LIVE))).id);
    const before = await lineage.trace(world.call, keyOf(LIVE));
    expect([before.verified, before.integrity.intact, before.integrity.oldestCheckAt]).toEqual([true, 4, expect.any(Date)]);
    await world.flip('raw b');
    await world.verifyAll((await lineage.verify(world.call, keyOf(LIVE))).id);
    const after = await lineage.trace(world.call, keyOf(LIVE));
    expect([after.verified, after.integrity.damaged]).toEqual([false, 1]);
    expect(after.nodes.find(({ key }) => key === keyOf(RAW))?.integrity).toBe('DAMAGED');
    expect((await after.files(10)).filter((file) => file.integrity === 'DAMAGED').map((file) => file.sha256)).toEqual([sha256('raw b')]);
  });

  it('is not verified over an asserted edge, although all bytes are intact', async () => {
    const graph = await storyOf(world, { clean: 'clean c', raw: 'raw c', model: 'model c' }, [edge(RUN, CLEAN, 'read', 'ASSERTED')]);
    const { lineage } = world.over(graph);
    await world.verifyAll((await lineage.verify(world.call, keyOf(LIVE))).id);
    const trace = await lineage.trace(world.call, keyOf(LIVE));
    expect([trace.verified, trace.integrity.intact]).toEqual([false, 4]);
    expect(trace.weakest).toMatchObject({ from: keyOf(RUN), to: keyOf(CLEAN) });
  });

  it('tells what is missing, and the line that fills it', async () => {
    const input = node('datasetInput', 1);
    const graph = await storyOf(world, { clean: 'clean d', raw: 'raw d', model: 'model d' }, [edge(RUN, input, 'read', 'ASSERTED')]);
    const { lineage } = world.over({ ...graph, nodes: [...graph.nodes, facts(input, { label: 'train', lacks: ['version'] })] });
    const { gaps, verified } = await lineage.trace(world.call, keyOf(LIVE));
    expect(verified).toBe(false);
    expect(gaps).toEqual([
      {
        node: keyOf(input),
        kind: 'UNRESOLVED_INPUT',
        message: 'A run read "train", and no version of a dataset is known to be that.',
        hint: expect.stringContaining(`resolveInput(input: "${keyOf(input)}"`) as string,
      },
    ]);
  });

  it('holds bytes that are gone for damaged', async () => {
    const graph = await storyOf(world, { clean: 'clean e', raw: 'raw e', model: 'model e' });
    const nodes = graph.nodes.map((one) => (one.node === RAW ? { ...one, manifestId: '00000000-0000-7000-8000-000000000000' } : one));
    const { lineage } = world.over({ ...graph, nodes });
    await world.verifyAll((await lineage.verify(world.call, keyOf(LIVE))).id);
    const trace = await lineage.trace(world.call, keyOf(LIVE));
    expect([trace.verified, trace.nodes.at(-1)?.integrity]).toEqual([false, 'DAMAGED']);
  });

  it('gives the first files only, those of the data before the model', async () => {
    const { lineage } = world.over(await storyOf(world, { clean: 'clean m', raw: 'raw m', model: 'model m' }));
    const trace = await lineage.trace(world.call, keyOf(LIVE));
    const all = await trace.files(1000);
    for (const first of [1, 2, 3, 4]) expect(await trace.files(first)).toEqual(all.slice(0, first));
  });

  it('costs three statements, however many nodes and files there are', async () => {
    const { lineage } = world.over(await storyOf(world, { clean: 'clean f', raw: 'raw f', model: 'model f' }));
    world.statements.length = 0;
    await (await lineage.trace(world.call, keyOf(LIVE))).files(1000);
    expect(world.statements).toHaveLength(3);
  });

  it('is of deployments only', async () => {
    const { lineage } = world.over({ nodes: [facts(RUN)], edges: [] });
    await expect(lineage.trace(world.call, keyOf(RUN))).rejects.toMatchObject({ code: 'NOT_A_DEPLOYMENT' });
  });
});

describe('a graph', () => {
  it('is flat, root first, and says where it runs in a circle', async () => {
    const graph = await storyOf(world, { clean: 'clean g', raw: 'raw g', model: 'model g' }, [
      edge(RAW, CLEAN, 'derived from', 'ASSERTED'),
    ]);
    const { lineage } = world.over(graph);
    const up = await lineage.graph(world.call, keyOf(RUN), { direction: 'UPSTREAM' });
    expect([up.nodes.map(({ key }) => key), up.cyclic, up.truncated]).toEqual([[RUN, CLEAN, RAW].map(keyOf), true, false]);
    const down = await lineage.graph(world.call, keyOf(VERSION), { direction: 'DOWNSTREAM' });
    expect([down.nodes.map(({ key }) => key), down.cyclic]).toEqual([[VERSION, ENDED, LIVE].map(keyOf), false]);
  });

  it('stops at the depth asked for and says so', async () => {
    const { lineage } = world.over(await storyOf(world, { clean: 'clean h', raw: 'raw h', model: 'model h' }));
    const near = await lineage.graph(world.call, keyOf(LIVE), { direction: 'UPSTREAM', depth: 2 });
    expect([near.nodes.length, near.truncated]).toEqual([3, true]);
  });

  it.each([0, 51, 1.5])('refuses a depth of %s', async (depth) => {
    const { lineage } = world.over({ nodes: [facts(RUN)], edges: [] });
    await expect(lineage.graph(world.call, keyOf(RUN), { direction: 'UPSTREAM', depth })).rejects.toMatchObject({ code: 'INVALID_DEPTH' });
  });

  it('leaves out a node that no domain knows, and calls itself truncated', async () => {
    const { lineage } = world.over({ nodes: [facts(RUN)], edges: [edge(RUN, CLEAN, 'read')] });
    expect(await lineage.graph(world.call, keyOf(RUN), { direction: 'UPSTREAM' })).toMatchObject({
      nodes: [{ key: keyOf(RUN) }],
      edges: [],
      truncated: true,
    });
  });

  it('shows the integrity of what a run holds now, and none where it holds nothing', async () => {
    const [full, empty] = [await world.content.createFileSet(world.call), await world.content.createFileSet(world.call)];
    await world.manifest({ artifact: 'artifact' });
    await world.content.putFile(world.call, full, { path: 'artifact', sha256: sha256('artifact') });
    const parent = node('run', 50);
    const { lineage } = world.over({
      nodes: [facts(RUN, { fileSetId: full }), facts(parent, { fileSetId: empty })],
      edges: [edge(RUN, parent, 'part of')],
    });
    const { nodes } = await lineage.graph(world.call, keyOf(RUN), { direction: 'UPSTREAM' });
    expect(nodes.map(({ integrity }) => integrity)).toEqual(['UNCHECKED', null]);
  });

  it('is not found around a root that no domain knows', async () => {
    const { lineage } = world.over({ nodes: [], edges: [] });
    await expect(lineage.graph(world.call, keyOf(RUN), { direction: 'UPSTREAM' })).rejects.toMatchObject({ kind: 'not_found' });
  });
});

describe('a verification', () => {
  it('covers every byte upstream, and asking again while it is under way answers the same job', async () => {
    const { lineage } = world.over(await storyOf(world, { clean: 'clean i', raw: 'raw i', model: 'model i' }));
    const job = await lineage.verify(world.call, keyOf(VERSION));
    expect(await lineage.verify(world.call, keyOf(VERSION))).toEqual(job);
    // Four files, and the canonical bytes of three manifests.
    expect([job.root, job.totalFiles]).toEqual([keyOf(VERSION), 7]);
    await world.verifyAll(job.id);
    expect(await lineage.verification(world.call, job.id)).toMatchObject({ state: 'DONE', checkedFiles: 7, damagedFiles: 0 });
    const again = await lineage.verify(world.call, keyOf(VERSION));
    expect(again.id).not.toBe(job.id);
    await world.verifyAll(again.id);
    expect((await lineage.verifications(world.call, PAGE)).items[0]?.id).toBe(again.id);
  });

  it('is not for a token that only reads', async () => {
    const { lineage } = world.over({ nodes: [facts(RUN)], edges: [] });
    const call = { caller: { ...world.call.caller, scope: 'READ' as const } };
    await expect(lineage.verify(call, keyOf(RUN))).rejects.toMatchObject({ kind: 'forbidden' });
  });
});

describe('a thread', () => {
  const keys = (nodes: readonly { key: string }[]) => nodes.map(({ key }) => key);

  it.each([
    ['the data', CLEAN],
    ['the run', RUN],
    ['the logged model', LOGGED],
    ['the model version', VERSION],
  ])('is the same from %s', async (_, root) => {
    const { lineage } = world.over(await storyOf(world, { clean: 'clean j', raw: 'raw j', model: 'model j' }));
    const thread = await lineage.thread(world.call, keyOf(root));
    expect(keys(thread.data)).toEqual([keyOf(CLEAN)]);
    expect(thread.run?.key).toBe(keyOf(RUN));
    expect(thread.modelVersion?.key).toBe(keyOf(VERSION));
    expect(keys(thread.deployments)).toEqual([LIVE, ENDED].map(keyOf));
    expect(thread.gaps).toEqual([]);
    expect(thread.edges.map(({ from, to, relation, evidence }) => [from, to, relation, evidence])).toEqual([
      [keyOf(LIVE), keyOf(VERSION), 'deployed', 'MATCHED'],
      [keyOf(ENDED), keyOf(VERSION), 'deployed', 'MATCHED'],
      [keyOf(VERSION), keyOf(RUN), 'produced by', 'OBSERVED'],
      [keyOf(RUN), keyOf(CLEAN), 'read', 'OBSERVED'],
    ]);
  });

  it.each([
    ['the data that was made from it', CLEAN],
    ['the run', RUN],
    ['the model version', VERSION],
    ['the deployment', LIVE],
  ])('of %s tells of withdrawn data however far back it lies', async (_, root) => {
    const story = await storyOf(world, { clean: 'clean m', raw: 'raw m', model: 'model m' });
    const withdrawn = story.nodes.map((one) => (keyOf(one.node) === keyOf(RAW) ? { ...one, retraction: 'wrong units' } : one));
    const thread = await world.over({ ...story, nodes: withdrawn }).lineage.thread(world.call, keyOf(root));
    expect(thread.gaps.map(({ kind, node: at }) => [kind, at])).toEqual([['RETRACTED_DATA', keyOf(RAW)]]);
  });

  it('shows withdrawn data before all other', async () => {
    const versions = Array.from({ length: 8 }, (_, index) => node('datasetVersion', 60 + index));
    const last = versions.at(-1) ?? RAW;
    const { lineage } = world.over({
      nodes: [facts(RUN), ...versions.map((one) => facts(one, one === last ? { retraction: 'wrong units' } : {}))],
      edges: versions.map((one) => edge(RUN, one, 'read')),
    });
    const thread = await lineage.thread(world.call, keyOf(RUN));
    expect([thread.data.length, thread.data[0]?.key]).toEqual([5, keyOf(last)]);
  });

  it('shows a deployment alone, and not the others of its version', async () => {
    const { lineage } = world.over(await storyOf(world, { clean: 'clean k', raw: 'raw k', model: 'model k' }));
    const thread = await lineage.thread(world.call, keyOf(ENDED));
    expect([keys(thread.deployments), thread.modelVersion?.key, thread.run?.key]).toEqual([[keyOf(ENDED)], keyOf(VERSION), keyOf(RUN)]);
  });

  it('of a run that led nowhere yet is short, and says what the run lacks', async () => {
    const { lineage } = world.over({ nodes: [facts(RUN, { lacks: ['inputs'] })], edges: [] });
    const thread = await lineage.thread(world.call, keyOf(RUN));
    expect(thread).toMatchObject({ data: [], run: { key: keyOf(RUN) }, modelVersion: null, deployments: [], edges: [] });
    expect(thread.gaps.map(({ kind, hint }) => [kind, hint])).toEqual([['NO_INPUTS', expect.stringContaining('mlflow.log_input')]]);
  });

  it('of data goes down the way that is live, not the newest', async () => {
    const [newVersion, newRun] = [node('modelVersion', 99), node('run', 98)];
    const graph = await storyOf(world, { clean: 'clean l', raw: 'raw l', model: 'model l' }, [
      edge(newVersion, newRun, 'produced by'),
      edge(newRun, CLEAN, 'read'),
    ]);
    const { lineage } = world.over({ ...graph, nodes: [...graph.nodes, facts(newVersion), facts(newRun)] });
    expect((await lineage.thread(world.call, keyOf(CLEAN))).modelVersion?.key).toBe(keyOf(VERSION));
  });

  it('of a run is not that of the runs that are part of it', async () => {
    const parent = node('run', 50);
    const graph = await storyOf(world, { clean: 'clean n', raw: 'raw n', model: 'model n' }, [edge(RUN, parent, 'part of', 'ASSERTED')]);
    const { lineage } = world.over({ ...graph, nodes: [...graph.nodes, facts(parent)] });
    expect(await lineage.thread(world.call, keyOf(parent))).toMatchObject({
      run: { key: keyOf(parent) },
      modelVersion: null,
      deployments: [],
      edges: [],
    });
    expect((await lineage.thread(world.call, keyOf(RUN))).modelVersion?.key).toBe(keyOf(VERSION));
  });
});
