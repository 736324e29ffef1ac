import type { Call } from '@throughline/database';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { newCall, newWorld } from './testing.ts';
import type { World } from './testing.ts';
import type { DatasetVersion } from './types.ts';

let world: World;
beforeAll(async () => {
  world = await newWorld();
});
afterAll(() => world.end());

const PAGE = { first: 50, after: null };

async function current(name: string): Promise<number | undefined> {
  return (await world.data.versions.findByRef(world.call, `data:${name}`))?.number;
}

describe('registering a version', () => {
  it('makes the dataset, numbers from 1, and makes each new version the current one', async () => {
    const one = await world.register('penguins', { 'a.csv': '1' }, { message: 'raw' });
    const two = await world.register('penguins', { 'a.csv': '2' });
    expect([one.version.number, one.version.message, one.isNew]).toEqual([1, 'raw', true]);
    expect([two.version.number, two.isNew]).toEqual([2, true]);
    expect(await current('penguins')).toBe(2);
  });

  it('answers the same files with the same version, and makes it current again, which the history tells', async () => {
    const one = await world.register('again', { a: '1' });
    await world.register('again', { a: '2' });
    const again = await world.register('again', { a: '1' }, { message: 'another word' });
    expect(again).toEqual({ version: one.version, isNew: false });
    expect(await current('again')).toBe(1);
    const { items } = await world.data.pointers.history(world.call, one.version.datasetId, { name: 'current', page: PAGE });
    expect(items.map((event) => event.versionId === one.version.id)).toEqual([true, false, true]);
    expect(items.at(-1)?.previousVersionId).toBeNull();
  });

  describe('under a name that is only its path', () => {
    const seenIn = (repository: string) => ({
      impliedName: true,
      sighting: { repository: `https://git.example/${repository}`, path: 'data', commit: 'c'.repeat(40) },
    });
    const nameOf = async (name: string, text: string, more: object) => (await world.register(name, { a: text }, more)).version.datasetName;

    it('puts the repository before it, as far as it takes, where other repositories have it', async () => {
      const name = 'paths/raw';
      expect(await nameOf(name, '1', seenIn('acme/shop'))).toBe(name);
      expect(await nameOf(name, '2', seenIn('acme/lab'))).toBe(`lab/${name}`);
      expect(await nameOf(name, '3', seenIn('umbrella/lab'))).toBe(`umbrella/lab/${name}`);
      expect(await nameOf(name, '4', seenIn('acme/shop'))).toBe(name);
      expect(await nameOf(name, '5', seenIn('acme/lab'))).toBe(`lab/${name}`);
    });

    it('takes a dataset that was seen nowhere yet, or is not seen now', async () => {
      await world.register('paths/by-hand', { a: '1' });
      expect(await nameOf('paths/by-hand', '2', seenIn('acme/shop'))).toBe('paths/by-hand');
      expect(await nameOf('paths/by-hand', '3', { impliedName: true })).toBe('paths/by-hand');
    });

    it('stays with a dataset that somebody named for it', async () => {
      await world.register('paths/named', { a: '1' }, seenIn('acme/shop'));
      await world.register('paths/named', { a: '2' }, { ...seenIn('acme/moved'), impliedName: false });
      expect(await nameOf('paths/named', '3', seenIn('acme/moved'))).toBe('paths/named');
    });

    it('is refused where every name is taken', async () => {
      for (const name of ['paths/full', 'shop/paths/full']) await world.register(name, { a: name }, seenIn('acme/other'));
      const taken = world.register('paths/full', { a: '1' }, seenIn('shop'));
      await expect(taken).rejects.toMatchObject({ kind: 'conflict', code: 'DATASET_OF_OTHERS' });
    });
  });

  it('writes nothing into the history when a registration is repeated', async () => {
    const { version } = await world.register('retried', { a: '1' });
    await world.register('retried', { a: '1' });
    expect((await world.data.pointers.history(world.call, version.datasetId, { page: PAGE })).items).toHaveLength(1);
  });

  it('gives ten that register at once ten numbers without a gap', async () => {
    const manifests = await Promise.all(Array.from({ length: 10 }, (_, index) => world.files({ a: `at once ${index}` })));
    const done = await Promise.all(
      manifests.map((manifestId) => world.data.versions.register(world.call, { dataset: 'at-once', manifestId })),
    );
    expect(done.map(({ version }) => version.number).sort((a, b) => a - b)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  });

  it('gives ten that register the same files at once one version', async () => {
    const manifestId = await world.files({ a: 'same at once' });
    const all = await Promise.all(
      Array.from({ length: 10 }, () => world.data.versions.register(world.call, { dataset: 'same', manifestId })),
    );
    expect(new Set(all.map(({ version }) => version.id)).size).toBe(1);
    expect(all.filter(({ isNew }) => isNew)).toHaveLength(1);
  });

  it('records what a version was made from, once', async () => {
    const raw = await world.register('raw', { a: 'raw' });
    const clean = await world.register('clean', { a: 'clean' }, { derivedFrom: [raw.version.id, raw.version.id] });
    await world.register('clean', { a: 'clean' }, { derivedFrom: [raw.version.id] });
    const found = await world.data.versions.derivations(world.call, [clean.version.id], 'derived');
    expect(found.map((one) => [one.fromVersionId, one.evidence])).toEqual([[raw.version.id, 'ASSERTED']]);
  });

  it('lets the evidence of a derivation rise and never fall', async () => {
    const raw = await world.register('rising', { a: 'raw' });
    const derivedFrom = [raw.version.id];
    const clean = await world.register('risen', { a: 'clean' }, { derivedFrom });
    await world.register('risen', { a: 'clean' }, { derivedFrom, derivedEvidence: 'OBSERVED' });
    await world.register('risen', { a: 'clean' }, { derivedFrom });
    expect((await world.data.versions.derivations(world.call, [clean.version.id], 'derived'))[0]?.evidence).toBe('OBSERVED');
  });

  it.each([
    ['a name with a control character', { dataset: 'a\nb' }, 'INVALID_DATASET_NAME'],
    ['a name with blanks around it', { dataset: ' a' }, 'INVALID_DATASET_NAME'],
    ['a name of 256 characters', { dataset: 'x'.repeat(256) }, 'INVALID_DATASET_NAME'],
    ['a name with half a character', { dataset: 'x\ud800' }, 'INVALID_DATASET_NAME'],
    ['a message with NUL', { message: '\0' }, 'INVALID_TEXT'],
    ['matched evidence', { derivedEvidence: 'MATCHED' as const }, 'EVIDENCE_NOT_CLAIMABLE'],
    ['an unknown source', { derivedFrom: ['00000000-0000-7000-8000-000000000000'] }, 'DATASET_VERSION_NOT_FOUND'],
    ['an unknown manifest', { manifestId: '00000000-0000-7000-8000-000000000000' }, 'MANIFEST_NOT_FOUND'],
    ['a short commit', { sighting: { repository: 'https://h/r', path: 'a', commit: 'abc' } }, 'INVALID_COMMIT'],
    ['a path that climbs out', { sighting: { repository: 'https://h/r', path: '../a', commit: 'a'.repeat(40) } }, 'INVALID_PATH'],
  ])('refuses %s and changes nothing', async (_, bad, code) => {
    await expect(world.register('refused', { a: 'refused' }, bad)).rejects.toMatchObject({ code });
    expect(await world.data.datasets.findByRef(world.call, 'data:refused')).toBeNull();
  });

  it('refuses a version that would be derived from itself', async () => {
    const { version } = await world.register('self', { a: 'self' });
    await expect(world.register('self', { a: 'self' }, { derivedFrom: [version.id] })).rejects.toMatchObject({
      code: 'DERIVED_FROM_ITSELF',
    });
  });

  it('is not for a token that only reads', async () => {
    const call = { caller: { ...world.call.caller, scope: 'READ' as const } };
    expect(() => world.data.versions.register(call, { dataset: 'x', manifestId: 'x' })).toThrow(
      expect.objectContaining({ kind: 'forbidden' }),
    );
  });

  it('keeps what a version is, in the database itself', async () => {
    const { version } = await world.register('for-ever', { a: 'for ever' });
    const other = await world.files({ a: 'other' });
    for (const change of [
      'number = 9',
      `manifest_id = '${other}'`,
      "digest = decode(repeat('00', 32), 'hex')",
      'dataset_id = gen_random_uuid()',
    ]) {
      await expect(world.database.sql(`UPDATE dataset_version SET ${change} WHERE id = $1`, [version.id])).rejects.toThrow('never changes');
    }
    await expect(world.database.sql('DELETE FROM dataset_version WHERE id = $1', [version.id])).rejects.toThrow('never deleted');
  });
});

describe('finding a version', () => {
  it('takes a number, a digest, a tag, current, nothing, and ids', async () => {
    const one = (await world.register('found', { a: 'found 1' })).version;
    const two = (await world.register('found', { a: 'found 2' })).version;
    await world.data.pointers.tag(world.call, one.id, 'holdout');
    const find = async (text: string) => (await world.data.versions.findByRef(world.call, text))?.number;
    expect(await find('data:found@1')).toBe(1);
    expect(await find(`data:found@sha256:${one.digest}`)).toBe(1);
    expect(await find('data:found@holdout')).toBe(1);
    expect(await find('data:found@current')).toBe(2);
    expect(await find('data:found')).toBe(2);
    expect(await find(`datasetVersion_${two.id}`)).toBe(2);
    expect(await find(`dataset_${two.datasetId}`)).toBe(2);
    expect(await find('data:found@3')).toBeUndefined();
    expect(await find('data:found@latest')).toBeUndefined();
  });

  it.each(['', 'penguins', 'run:x', 'run_00000000-0000-7000-8000-000000000000', 'other/data:found'])('refuses %j', async (text) => {
    await expect(world.data.versions.findByRef(world.call, text)).rejects.toMatchObject({ kind: 'invalid' });
  });

  it('does not find what another workspace has', async () => {
    const { version } = await world.register('secret', { a: 'secret' });
    const stranger = newCall();
    expect(await world.data.versions.findByRef(stranger, 'data:secret@1')).toBeNull();
    expect(await world.data.versions.findByRef(stranger, `datasetVersion_${version.id}`)).toBeNull();
    await expect(world.data.pointers.tag(stranger, version.id, 'mine')).rejects.toMatchObject({ kind: 'not_found' });
  });

  it('pages newest first, for several datasets in one statement', async () => {
    const ids: string[] = [];
    for (const name of ['paged-a', 'paged-b']) {
      for (const number of [1, 2, 3]) ids.push((await world.register(name, { a: `${name} ${number}` })).version.datasetId);
    }
    const [a = '', , , b = ''] = ids;
    const first = await world.data.versions.list(world.call, a, { first: 2, after: null });
    const last = first.items.at(-1);
    const after = last === undefined ? null : first.cursorOf(last);
    world.statements.length = 0;
    const pages = await world.data.versions.listMany(world.call, [
      { datasetId: a, page: { first: 2, after } },
      { datasetId: b, page: { first: 2, after: null } },
      { datasetId: a, page: { first: 3, after: null } },
    ]);
    expect(pages.map((page) => [page.items.map((version) => version.number), page.hasNextPage])).toEqual([
      [[1], false],
      [[3, 2], true],
      [[3, 2, 1], false],
    ]);
    expect(world.statements).toHaveLength(1);
  });
});

describe('a version that a transaction found', () => {
  /** Whether a deletion has to wait for a transaction in which `work` was done. */
  async function waitsFor(datasetId: string, work: (call: Call) => Promise<unknown>): Promise<boolean> {
    let deletion: Promise<unknown> = Promise.resolve();
    const waited = await world.database.transaction(async (tx) => {
      await work({ ...world.call, tx });
      deletion = world.data.datasets.delete(world.call, datasetId);
      const done = deletion.then(() => false);
      return Promise.race([done, somebodyWaits()]);
    });
    await deletion;
    return waited;
  }

  /** Resolves when a statement in this database waits for a lock. */
  async function somebodyWaits(): Promise<true> {
    for (;;) {
      const rows = await world.database.sql(
        `SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`,
      );
      if (rows.length > 0) return true;
    }
  }

  it.each<[string, (version: DatasetVersion) => string]>([
    ['number', () => 'data:held@1'],
    ['digest', ({ digest }) => `data:held@sha256:${digest}`],
    ['pointer', () => 'data:held'],
    ['node id', ({ id }) => `datasetVersion_${id}`],
    ['the id of its dataset', ({ datasetId }) => `dataset_${datasetId}`],
  ])('by its %s cannot lose its dataset until that ends', async (_, textOf) => {
    const { version } = await world.register('held', { a: 'held' });
    expect(await waitsFor(version.datasetId, (call) => world.data.versions.getByRef(call, textOf(version)))).toBe(true);
  });

  it('as a source cannot lose its dataset until that ends', async () => {
    const { version } = await world.register('held source', { a: 'held source' });
    const manifestId = await world.files({ a: 'made from a held one' });
    const derivedFrom = [version.id];
    const register = (call: Call) => world.data.versions.register(call, { dataset: 'made from a held one', manifestId, derivedFrom });
    expect(await waitsFor(version.datasetId, register)).toBe(true);
  });

  it('lets others register versions of its dataset meanwhile', async () => {
    const { version } = await world.register('shared', { a: 'shared' });
    await world.database.transaction(async (tx) => {
      await world.data.versions.getByRef({ ...world.call, tx }, 'data:shared@1');
      const { version: next } = await world.register('shared', { a: 'shared 2' }, { derivedFrom: [version.id] });
      expect(next.number).toBe(2);
    });
  });

  it('is not found where its dataset was deleted before', async () => {
    const { version } = await world.register('gone', { a: 'gone' });
    await world.data.datasets.delete(world.call, version.datasetId);
    const place = { repository: 'https://h/r', path: 'a', commit: 'a'.repeat(40) };
    for (const refused of [
      () => world.register('late', { a: 'late' }, { derivedFrom: [version.id] }),
      () => world.data.sightings.record(world.call, version.id, place),
      () => world.data.pointers.tag(world.call, version.id, 'late'),
    ]) {
      await expect(refused()).rejects.toMatchObject({ code: 'DATASET_VERSION_NOT_FOUND' });
    }
  });
});

describe('finding several versions by their references', () => {
  it('takes one statement, and leaves out what there is not', async () => {
    const one = (await world.register('several', { a: 'several 1' })).version;
    const two = (await world.register('several', { a: 'several 2' })).version;
    world.statements.length = 0;
    const texts = [
      'data:several@2',
      `data:several@sha256:${one.digest}`,
      'data:several',
      'data:several@9',
      'data:nothing@1',
      'data:several@2',
    ];
    const found = await world.data.versions.findByRefs(world.call, texts);
    expect(texts.map((text) => found.get(text)?.id)).toEqual([two.id, one.id, two.id, undefined, undefined, two.id]);
    expect(world.statements).toHaveLength(1);
  });
});

describe('comparing two versions', () => {
  it('tells what came, went and changed, by path', async () => {
    const from = (await world.register('compared', { a: '1', b: '2', c: '3' })).version;
    const to = (await world.register('compared', { a: '1', b: 'two', d: '4' })).version;
    const diff = await world.data.versions.diff(world.call, from, to, PAGE);
    expect(diff.items.map((item) => [item.path, item.change])).toEqual([
      ['b', 'CHANGED'],
      ['c', 'REMOVED'],
      ['d', 'ADDED'],
    ]);
    expect(diff.totals).toMatchObject({ added: 1, removed: 1, changed: 1, unchanged: 1 });
  });
});
