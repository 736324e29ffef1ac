import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { newCall, newWorld } from './testing.ts';
import type { World } from './testing.ts';

let world: World;
beforeAll(async () => {
  world = await newWorld();
});
afterAll(() => world.end());

const PAGE = { first: 50, after: null };

describe('datasets', () => {
  it('have names that are unique in a workspace', async () => {
    await world.data.datasets.create(world.call, { name: 'unique' });
    await expect(world.data.datasets.create(world.call, { name: 'unique' })).rejects.toMatchObject({ code: 'DATASET_EXISTS' });
  });

  it('are listed by name, searched literally and in either case, and paged', async () => {
    for (const name of ['s_b', 'S_a', 'sxc']) await world.data.datasets.create(world.call, { name });
    const all = await world.data.datasets.list(world.call, { search: 's_', page: PAGE });
    expect(all.items.map((dataset) => dataset.name)).toEqual(['S_a', 's_b']);
    expect(await world.data.datasets.count(world.call, 's_')).toBe(2);
    const first = await world.data.datasets.list(world.call, { search: 's_', page: { first: 1, after: null } });
    const [only] = first.items;
    const rest = await world.data.datasets.list(world.call, {
      search: 's_',
      page: { first: 1, after: only === undefined ? null : first.cursorOf(only) },
    });
    expect([first.hasNextPage, rest.items.map((dataset) => dataset.name), rest.hasNextPage]).toEqual([true, ['s_b'], false]);
  });

  it('take another description', async () => {
    const { id } = await world.data.datasets.create(world.call, { name: 'described' });
    await world.data.datasets.describe(world.call, id, 'measured in 2007');
    expect((await world.data.datasets.findByRef(world.call, `dataset_${id}`))?.description).toBe('measured in 2007');
  });

  it('leave a tombstone that keeps versions and edges, and free their name', async () => {
    const raw = (await world.register('doomed', { a: 'doomed' })).version;
    const kept = (await world.register('kept', { a: 'kept' }, { derivedFrom: [raw.id] })).version;
    const tombstone = await world.data.datasets.delete(world.call, raw.datasetId);
    expect(tombstone.deletedAt).not.toBeNull();
    expect(await world.data.versions.findByRef(world.call, 'data:doomed@1')).toBeNull();
    expect(await world.data.versions.findByRef(world.call, `datasetVersion_${raw.id}`)).toBeNull();
    expect((await world.data.versions.byIds(world.call, [raw.id])).get(raw.id)?.digest).toBe(raw.digest);
    expect(await world.data.versions.derivations(world.call, [kept.id], 'derived')).toHaveLength(1);
    expect((await world.register('doomed', { a: 'reborn' })).version.number).toBe(1);
    await expect(world.data.datasets.delete(world.call, raw.datasetId)).rejects.toMatchObject({ code: 'DATASET_NOT_FOUND' });
  });

  it('let go of the files of a tombstone, but not of what a living version was made from, however far away', async () => {
    const lone = (await world.register('lone', { a: 'lone' })).version;
    const source = (await world.register('source', { a: 'source' })).version;
    const between = (await world.register('between', { a: 'between' }, { derivedFrom: [source.id] })).version;
    const product = (await world.register('product', { a: 'product' }, { derivedFrom: [between.id] })).version;
    const all = [lone, source, between, product];
    const needed = async () => {
      const { manifestIds } = await world.data.referencesOf({ manifestIds: all.map(({ manifestId }) => manifestId) });
      return all.filter(({ manifestId }) => manifestIds.includes(manifestId)).map(({ datasetName }) => datasetName);
    };
    expect(await needed()).toEqual(['lone', 'source', 'between', 'product']);
    for (const { datasetId } of [lone, source, between]) await world.data.datasets.delete(world.call, datasetId);
    expect(await needed()).toEqual(['source', 'between', 'product']);
    await world.data.datasets.delete(world.call, product.datasetId);
    expect(await needed()).toEqual([]);
  });

  it('name the versions through which somebody else may still need the files of a tombstone', async () => {
    const source = (await world.register('through source', { a: 'through source' })).version;
    const product = (await world.register('through product', { a: 'through product' }, { derivedFrom: [source.id] })).version;
    for (const { datasetId } of [source, product]) await world.data.datasets.delete(world.call, datasetId);
    const { onlyThrough } = await world.data.referencesOf({ manifestIds: [source.manifestId] });
    expect(onlyThrough.map(({ datasetVersionId }) => datasetVersionId).sort()).toEqual([source.id, product.id].sort());
  });

  it.each([
    [
      'sighting',
      (id: string) => world.data.sightings.record(world.call, id, { repository: 'https://h/r', path: 'a', commit: 'a'.repeat(40) }),
    ],
    ['tag', (id: string) => world.data.pointers.tag(world.call, id, 'holdout')],
    ['derivative', (id: string) => world.register('a derivative', { a: 'a derivative' }, { derivedFrom: [id] })],
  ])('say that a %s stands on them, and keep its files even so deleted', async (what, add) => {
    const { version } = await world.register(`with ${what}`, { a: `with ${what}` });
    await world.register(`with ${what}`, { a: `with ${what} 2` }, { derivedFrom: [version.id] });
    expect(await world.data.datasets.standsOn(world.call, version.datasetId)).toBeNull();
    await add(version.id);
    expect(await world.data.datasets.standsOn(world.call, version.datasetId)).toBe(what);
    await world.data.datasets.delete(world.call, version.datasetId);
    expect((await world.data.referencesOf({ manifestIds: [version.manifestId] })).manifestIds).toEqual([version.manifestId]);
  });

  it('tell the ids of their versions to who is about to delete them', async () => {
    const one = (await world.register('ids', { a: 'ids 1' })).version;
    const two = (await world.register('ids', { a: 'ids 2' })).version;
    const ids = await world.database.transaction((tx) => world.data.datasets.versionIdsOf({ ...world.call, tx }, one.datasetId));
    expect(ids).toEqual([one.id, two.id]);
  });
});

describe('pointers', () => {
  it('move, go and leave a history that tells what they stood for at a time', async () => {
    const one = (await world.register('pointed', { a: 'pointed 1' })).version;
    const two = (await world.register('pointed', { a: 'pointed 2' })).version;
    await world.data.pointers.tag(world.call, one.id, 'holdout');
    await world.data.pointers.tag(world.call, two.id, 'holdout');
    expect((await world.data.pointers.namesAt(world.call, [one.id, two.id])).get(two.id)).toEqual(['current', 'holdout']);
    await world.data.pointers.untag(world.call, one.datasetId, 'holdout');
    const { items } = await world.data.pointers.history(world.call, one.datasetId, { name: 'holdout', page: PAGE });
    expect(items.map((event) => event.versionId)).toEqual([null, two.id, one.id]);
    const times = items.map((event) => event.at);
    const then = await Promise.all(times.map((at) => world.data.pointers.asOf(world.call, one.datasetId, 'holdout', at)));
    expect(then).toEqual([null, two.id, one.id]);
    await expect(world.data.pointers.untag(world.call, one.datasetId, 'holdout')).rejects.toMatchObject({ code: 'TAG_NOT_FOUND' });
  });

  it('have histories that are had together as each alone: of one name or all, from any cursor on', async () => {
    const [busy, quiet] = [(await world.register('busy', { a: 'busy' })).version, (await world.register('quiet', { a: 'quiet' })).version];
    const empty = await world.data.datasets.create(world.call, { name: 'never moved' });
    for (const tag of ['one', 'two', 'one-more']) await world.data.pointers.tag(world.call, busy.id, tag);
    await world.data.pointers.tag(world.call, quiet.id, 'two');
    const ids = [busy.datasetId, quiet.datasetId, empty.id];
    const all = await world.data.pointers.history(world.call, busy.datasetId, { page: PAGE });
    expect(all.items.map((event) => event.name)).toEqual(['one-more', 'two', 'one', 'current']);
    for (const name of [null, 'two', 'nothing']) {
      for (const after of [null, ...all.items.map(all.cursorOf)]) {
        const asked = { name, page: { first: 2, after } };
        const found = await world.data.pointers.histories(world.call, ids, asked);
        for (const id of ids) {
          const { items, hasNextPage } = await world.data.pointers.history(world.call, id, asked);
          expect(found.get(id)).toMatchObject({ items, hasNextPage });
        }
      }
    }
    const firsts = await world.data.pointers.histories(world.call, ids, { page: { first: 2, after: null } });
    expect(ids.map((id) => firsts.get(id)?.items.map((event) => event.name))).toEqual([['one-more', 'two'], ['two', 'current'], []]);
    expect(ids.map((id) => firsts.get(id)?.hasNextPage)).toEqual([true, false, false]);
    const foreign = await world.data.pointers.histories(newCall(), ids, { page: PAGE });
    expect(ids.map((id) => foreign.get(id)?.items)).toEqual([[], [], []]);
  });

  it.each(['3', 'v2', 'latest', 'current', 'Current', 'sha256abc', '', 'a b', 'a@b'])('cannot be called %j', async (tag) => {
    const { version } = await world.register('badly-tagged', { a: 'tagged' });
    expect(() => world.data.pointers.tag(world.call, version.id, tag)).toThrow(expect.objectContaining({ code: 'INVALID_TAG' }));
  });

  it('make an older version the current one by hand', async () => {
    const one = (await world.register('back', { a: 'back 1' })).version;
    await world.register('back', { a: 'back 2' });
    expect((await world.data.pointers.setCurrent(world.call, one.id)).currentVersionId).toBe(one.id);
    expect((await world.data.versions.findByRef(world.call, 'data:back'))?.number).toBe(1);
  });
});

describe('retractions', () => {
  it('withdraw a version with a reason, keep it from becoming current, and can be taken back', async () => {
    const bad = (await world.register('withdrawn', { a: 'bad' })).version;
    const retracted = await world.data.retractions.retract(world.call, bad.id, ' wrong units ');
    expect(retracted.retraction).toMatchObject({ reason: 'wrong units', actor: 'ada' });
    await expect(world.register('withdrawn', { a: 'bad' })).rejects.toMatchObject({ code: 'VERSION_RETRACTED' });
    await expect(world.data.pointers.setCurrent(world.call, bad.id)).rejects.toMatchObject({ code: 'VERSION_RETRACTED' });
    await world.data.retractions.reinstate(world.call, bad.id, 'units were right');
    expect((await world.register('withdrawn', { a: 'bad' })).version.retraction).toBeNull();
    const history = await world.data.retractions.history(world.call, [bad.id]);
    expect(history.get(bad.id)?.map((event) => [event.action, event.reason])).toEqual([
      ['REINSTATE', 'units were right'],
      ['RETRACT', 'wrong units'],
    ]);
  });

  it('can be repeated for the same reason, not for another, and not taken back twice', async () => {
    const { version } = await world.register('twice', { a: 'twice' });
    await expect(world.data.retractions.reinstate(world.call, version.id, 'x')).rejects.toMatchObject({ code: 'NOT_RETRACTED' });
    await world.data.retractions.retract(world.call, version.id, 'one');
    await world.data.retractions.retract(world.call, version.id, 'one');
    await expect(world.data.retractions.retract(world.call, version.id, 'two')).rejects.toMatchObject({ code: 'ALREADY_RETRACTED' });
    expect((await world.data.retractions.history(world.call, [version.id])).get(version.id)).toHaveLength(1);
  });

  it('need a reason', () => {
    expect(() => world.data.retractions.retract(world.call, '00000000-0000-7000-8000-000000000000', ' ')).toThrow(
      expect.objectContaining({ code: 'INVALID_TEXT' }),
    );
  });
});

describe('sightings', () => {
  it('are kept once in one spelling, and lead from a place to its version', async () => {
    const commit = 'c'.repeat(40);
    const { version } = await world.register(
      'seen',
      { a: 'seen' },
      {
        sighting: { repository: 'https://me:secret@github.com/acme/data.git', path: './data/', commit: commit.toUpperCase() },
      },
    );
    await world.data.sightings.record(world.call, version.id, { repository: 'https://github.com/acme/data', path: 'data', commit });
    const seen = (await world.data.sightings.ofVersions(world.call, [version.id])).get(version.id);
    expect(seen?.map(({ repository, path }) => [repository, path])).toEqual([['https://github.com/acme/data', 'data']]);
    const found = await world.data.sightings.findVersions(world.call, { path: 'data', commit });
    expect(found.map(({ id }) => id)).toEqual([version.id]);
  });
});

describe('the lineage port', () => {
  it('tells derivations both ways and cuts at the limit', async () => {
    const sources = await Promise.all([1, 2].map(async (n) => (await world.register(`port-${n}`, { a: `port ${n}` })).version));
    const derived = (await world.register('port', { a: 'port' }, { derivedFrom: sources.map(({ id }) => id) })).version;
    const node = { kind: 'datasetVersion' as const, id: derived.id };
    const { caller } = world.call;
    const up = await world.data.lineage.edgesOf(caller, [node], 'UPSTREAM', 10);
    expect(up.edges.map((edge) => edge.to.id).sort()).toEqual(sources.map(({ id }) => id).sort());
    expect(await world.data.lineage.edgesOf(caller, [node], 'UPSTREAM', 1)).toMatchObject({ edges: [{ from: node }], truncated: true });
    const down = await world.data.lineage.edgesOf(
      caller,
      sources.map(({ id }) => ({ kind: 'datasetVersion' as const, id })),
      'DOWNSTREAM',
      10,
    );
    expect(down.edges).toHaveLength(2);
  });

  it('describes versions, those of deleted datasets and retractions included', async () => {
    const { version } = await world.register('my data', { a: 'mine' });
    await world.data.retractions.retract(world.call, version.id, 'stale');
    await world.data.datasets.delete(world.call, version.datasetId);
    expect(await world.data.lineage.describe(world.call.caller, [{ kind: 'datasetVersion', id: version.id }])).toEqual([
      expect.objectContaining({ ref: 'data:my%20data@1', label: 'my data@1', manifestId: version.manifestId, retraction: 'stale' }),
    ]);
  });
});
