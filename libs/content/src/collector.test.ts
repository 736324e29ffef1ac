import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import type { CollectReport, References } from './collector.ts';
import { toBytes } from './hashes.ts';
import { COLLECTION_LOCK } from './store/collector.ts';
import { body, failure, HOUR, newCall, newWorld, putFiles, textOf } from './testing.ts';
import type { World } from './testing.ts';

// Each test has a world of its own: a collection reaches everything.
let world: World;
let needed: { manifestIds: Set<string>; fileSetIds: Set<string> };
beforeEach(async () => {
  world = await newWorld();
  needed = { manifestIds: new Set(), fileSetIds: new Set() };
});
afterEach(() => world.end());

const NOTHING: CollectReport = { manifests: 0, fileSets: 0, blobs: 0, objects: 0, uploads: 0, bytes: 0 };

function collect(dryRun = false, before: () => Promise<void> = () => Promise.resolve()): Promise<CollectReport> {
  const referencesOf = async (): Promise<References> => {
    await before();
    return needed;
  };
  return world.content.collect(world.call, { dryRun, referencesOf });
}

async function make(files: Record<string, string>) {
  const call = newCall();
  const entries = await putFiles(world.content, call, files);
  return { call, entries, manifest: await world.content.createManifest(call, { kind: 'DIR', entries }) };
}

const count = async (table: string) => (await world.database.sql(`SELECT 1 FROM ${table}`)).length;

describe('the collector', () => {
  it('removes what nothing refers to: manifest, set, blobs, grants and objects', async () => {
    const { call } = await make({ a: 'aa', b: 'bbb' });
    await world.content.createFileSet(call);
    await world.content.putBlob(call, body('named by nothing'));
    world.pass(25 * HOUR);
    expect(await collect()).toMatchObject({ manifests: 1, fileSets: 1, blobs: 4, objects: 0 });
    for (const table of ['manifest', 'manifest_entry', 'file_set', 'blob', 'blob_grant']) expect(await count(table)).toBe(0);
    expect(await world.keys()).toEqual([]);
    expect(await collect()).toEqual(NOTHING);
  });

  it('keeps everything that a domain refers to, and all that this reaches', async () => {
    const { call, manifest } = await make({ a: 'kept', 'b/c': 'kept too' });
    const set = await world.content.createFileSet(call);
    const { sha256 } = await world.content.putBlob(call, body('kept by a set'));
    await world.content.putFile(call, set, { path: 'x', sha256 });
    needed.manifestIds.add(manifest.id);
    needed.fileSetIds.add(set);
    world.pass(1000 * HOUR);
    expect(await collect()).toEqual(NOTHING);
    expect(await textOf((await world.content.openBlob(call, sha256)).body)).toBe('kept by a set');
    expect((await world.content.getManifests(call, [manifest.id])).size).toBe(1);
  });

  it('keeps the bytes that a kept manifest shares with a removed one, in any workspace', async () => {
    const doomed = await make({ a: 'shared', b: 'alone' });
    const kept = await make({ a: 'shared' });
    needed.manifestIds.add(kept.manifest.id);
    world.pass(25 * HOUR);
    await collect();
    const [entry] = kept.entries;
    expect(await textOf((await world.content.openBlob(kept.call, entry?.sha256 ?? '')).body)).toBe('shared');
    expect(
      (
        await world.content.findBlobs(
          doomed.call,
          doomed.entries.map(({ sha256 }) => sha256),
        )
      ).size,
    ).toBe(1);
  });

  it('keeps what is younger than the grace period', async () => {
    await make({ a: 'young' });
    world.pass(23 * HOUR);
    expect(await collect()).toEqual(NOTHING);
  });

  it('keeps what was brought again lately', async () => {
    const call = newCall();
    await world.content.putBlob(call, body('brought again'));
    world.pass(25 * HOUR);
    await world.content.putBlob(newCall(), body('brought again'));
    expect(await collect()).toEqual(NOTHING);
  });

  it('keeps what a client lately asked about in order to upload it', async () => {
    const call = newCall();
    const { sha256, sizeBytes } = await world.content.putBlob(call, body('claimed'));
    world.pass(25 * HOUR);
    expect(await world.content.startUpload(call, { sha256, sizeBytes })).toMatchObject({ complete: true });
    expect(await collect()).toEqual(NOTHING);
  });

  it('answers the same numbers in a dry run, and changes nothing', async () => {
    const { call } = await make({ a: 'dry', b: 'run' });
    await world.content.createFileSet(call);
    await world.content.putBlob(call, body('loose'));
    const upload = await world.content.startUpload(call, { sha256: '0'.repeat(64), sizeBytes: 5 });
    await world.objects.put('blobs/00/orphan', body('nobody’s'));
    const other = await make({ a: 'dry' });
    needed.manifestIds.add(other.manifest.id);
    world.pass(8 * 24 * HOUR);
    const [keys, blobs] = [await world.keys(), await count('blob')];
    const dry = await collect(true);
    expect([await world.keys(), await count('blob'), await count('manifest')]).toEqual([keys, blobs, 2]);
    expect(upload.id).not.toBeNull();
    expect(await collect()).toEqual(dry);
    expect(dry).toMatchObject({ manifests: 1, fileSets: 1, blobs: 3, objects: 1, uploads: 1 });
  });

  it('removes no blob while a backup holds it off, and goes on afterwards', async () => {
    await world.content.putBlob(newCall(), body('backed up'));
    world.pass(25 * HOUR);
    const backup = await world.database.connect();
    await backup.query(`SELECT pg_advisory_lock(${COLLECTION_LOCK})`);
    const heldOff = await failure(collect());
    const left = await count('blob');
    await backup.query(`SELECT pg_advisory_unlock(${COLLECTION_LOCK})`);
    backup.release();
    expect({ heldOff, left }).toMatchObject({ heldOff: { code: 'BACKUP_UNDER_WAY' }, left: 1 });
    expect(await collect()).toMatchObject({ blobs: 1 });
  });

  it('waits for a backup where it is told how, and then goes on', async () => {
    await world.content.putBlob(newCall(), body('backed up'));
    world.pass(25 * HOUR);
    const backup = await world.database.connect();
    await backup.query(`SELECT pg_advisory_lock(${COLLECTION_LOCK})`);
    const left: number[] = [];
    const told = [await world.content.isHeldOff()];
    const whileHeldOff = async () => {
      left.push(await count('blob'));
      if (left.length === 2) await backup.query(`SELECT pg_advisory_unlock(${COLLECTION_LOCK})`);
    };
    const report = await world.content.collect(world.call, { dryRun: false, referencesOf: () => Promise.resolve(needed), whileHeldOff });
    backup.release();
    told.push(await world.content.isHeldOff());
    expect({ left, report, told }).toMatchObject({ left: [1, 1], report: { blobs: 1 }, told: [true, false] });
  });

  it('ends between two steps where it is told to, and goes on the next time', async () => {
    await make({ a: 'one' });
    world.pass(25 * HOUR);
    const ended = new AbortController();
    const referencesOf = async (): Promise<References> => needed;
    const first = world.content.collect(world.call, { dryRun: false, referencesOf, signal: ended.signal, onProgress: () => ended.abort() });
    await expect(first).rejects.toThrow('aborted');
    expect([await count('manifest'), await count('blob')]).toEqual([0, 2]);
    expect(await collect()).toMatchObject({ manifests: 0, blobs: 2 });
  });

  it('finds the object that a kill between the row and the object left', async () => {
    const call = newCall();
    const { sha256 } = await world.content.putBlob(call, body('killed between'));
    world.pass(25 * HOUR);
    const dying = world.another({ objects: { ...world.objects, delete: () => Promise.reject(new Error('killed')) } });
    await failure(dying.collect(world.call, { dryRun: false, referencesOf: () => Promise.resolve(needed) }));
    expect((await world.content.findBlobs(call, [sha256])).size).toBe(0);
    expect(await world.keys()).toHaveLength(1);
    expect(await collect()).toMatchObject({ blobs: 0, objects: 1 });
    expect(await world.keys()).toEqual([]);
  });

  it('finds the parts that a kill between the row and the parts left, after a week', async () => {
    const content = world.another({ limits: { partBytes: 4 } });
    const { id } = await content.startUpload(world.call, { sha256: '0'.repeat(64), sizeBytes: 9 });
    const going = await content.startUpload(world.call, { sha256: '1'.repeat(64), sizeBytes: 9 });
    for (const upload of [id, going.id]) await content.appendUpload(world.call, upload ?? '', 0, body('four'));
    const dying = world.another({ objects: { ...world.objects, abortMultipart: () => Promise.reject(new Error('killed')) } });
    await failure(dying.abandonUpload(world.call, id ?? ''));
    const open = async () => {
      let count = 0;
      for await (const multipart of world.objects.listMultiparts('blobs/')) count += multipart.key === '' ? 0 : 1;
      return count;
    };
    world.pass(6 * 24 * HOUR);
    expect(await collect()).toEqual(NOTHING);
    // What goes on keeps its parts, however long ago they began.
    await content.appendUpload(world.call, going.id ?? '', 4, body('more'));
    world.pass(25 * HOUR);
    expect(await open()).toBe(2);
    expect(await collect(true)).toEqual({ ...NOTHING, uploads: 1 });
    expect(await collect()).toEqual({ ...NOTHING, uploads: 1 });
    expect(await open()).toBe(1);
    expect(await content.getUpload(world.call, going.id ?? '')).toMatchObject({ offsetBytes: 8 });
  });

  it('leaves an object alone whose row is not there yet', async () => {
    const written = Promise.withResolvers<undefined>();
    const go = Promise.withResolvers<undefined>();
    const slow = world.another({
      objects: {
        ...world.objects,
        put: async (...args) => {
          const result = await world.objects.put(...args);
          written.resolve(undefined);
          await go.promise;
          return result;
        },
      },
    });
    const call = newCall();
    const put = slow.putBlob(call, body('between object and row'));
    await written.promise;
    expect(await collect()).toEqual(NOTHING);
    go.resolve(undefined);
    expect(await textOf((await world.content.openBlob(call, (await put).sha256)).body)).toBe('between object and row');
  });

  // S3 dates an object that arrives in parts by its first one: a body that was long on its way looks old as soon as it is there.
  describe('beside a body that was on its way for longer than the grace period,', () => {
    const slowly = (then: () => Promise<void>) =>
      world.another({
        objects: {
          ...world.objects,
          async put(...args) {
            const stored = await world.objects.put(...args);
            world.pass(26 * HOUR);
            await then();
            return stored;
          },
        },
      });

    it('spares its object where a transaction is about to name it', async () => {
      const [stored, go] = [Promise.withResolvers<undefined>(), Promise.withResolvers<undefined>()];
      const call = newCall();
      const naming = world.database.transaction(async (tx) => {
        const blob = await slowly(() => Promise.resolve()).putBlob({ ...call, tx }, body('long on its way'));
        stored.resolve(undefined);
        await go.promise;
        return blob;
      });
      await stored.promise;
      expect(await collect()).toEqual(NOTHING);
      go.resolve(undefined);
      expect(await textOf((await world.content.openBlob(call, (await naming).sha256)).body)).toBe('long on its way');
    });

    it('may be faster, and then no row names what is gone', async () => {
      const slow = slowly(async () => expect(await collect()).toMatchObject({ objects: 1 }));
      expect(await failure(slow.putBlob(newCall(), body('long on its way')))).toMatchObject({
        kind: 'conflict',
        code: 'CONTENT_COLLECTED',
      });
      expect(await count('blob')).toBe(0);
    });
  });

  it('spares a manifest that a transaction holds on to while domains are asked', async () => {
    const { call, manifest } = await make({ a: 'held on to' });
    world.pass(25 * HOUR);
    const held = Promise.withResolvers<undefined>();
    const go = Promise.withResolvers<undefined>();
    const referring = world.database.transaction(async (tx) => {
      await world.content.keepManifests({ ...call, tx }, [manifest.id]);
      held.resolve(undefined);
      await go.promise;
    });
    await held.promise;
    const collecting = collect(false, () => {
      go.resolve(undefined);
      return Promise.resolve();
    });
    await referring;
    expect(await collecting).toEqual(NOTHING);
  });

  it('spares a manifest that is made again while domains are asked', async () => {
    const { call, entries, manifest } = await make({ a: 'made again' });
    world.pass(25 * HOUR);
    const report = await collect(false, async () => {
      expect((await world.content.createManifest(call, { kind: 'DIR', entries })).id).toBe(manifest.id);
    });
    expect(report).toEqual(NOTHING);
  });

  it('spares a blob that a transaction is naming, whichever of the two comes first', async () => {
    const call = newCall();
    const { sha256 } = await world.content.putBlob(call, body('being named'));
    const set = await world.content.createFileSet(call);
    needed.fileSetIds.add(set);
    world.pass(25 * HOUR);
    const named = Promise.withResolvers<undefined>();
    const go = Promise.withResolvers<undefined>();
    const naming = world.database.transaction(async (tx) => {
      await world.content.putFile({ ...call, tx }, set, { path: 'a', sha256 });
      named.resolve(undefined);
      await go.promise;
    });
    await named.promise;
    expect(await collect()).toMatchObject({ blobs: 0 });
    go.resolve(undefined);
    await naming;
    expect(await collect()).toMatchObject({ blobs: 0 });
    expect(await textOf((await world.content.openBlob(call, sha256)).body)).toBe('being named');
  });

  it('and clients that bring the same bytes over and over never meet in a hole', async () => {
    const call = newCall();
    const set = await world.content.createFileSet(call);
    needed.fileSetIds.add(set);
    for (let round = 0; round < 10; round += 1) {
      const text = `over and over ${round}`;
      await world.content.putBlob(call, body(text));
      world.pass(25 * HOUR);
      const bring = async () => {
        const { sha256 } = await world.content.putBlob(call, body(text));
        await world.content.putFile(call, set, { path: `f${round}`, sha256 });
        return sha256;
      };
      const [sha256] = await Promise.all([bring(), collect(), collect()]);
      expect(await textOf((await world.content.openBlob(call, sha256)).body)).toBe(text);
    }
    world.pass(25 * HOUR);
    await collect();
    expect(await count('blob')).toBe(10);
    expect(await world.keys()).toHaveLength(10);
  });

  it('removes the damaged object that healthy bytes replaced', async () => {
    const call = newCall();
    const set = await world.content.createFileSet(call);
    const { sha256 } = await world.content.putBlob(call, body('replaced'));
    await world.content.putFile(call, set, { path: 'a', sha256 });
    needed.fileSetIds.add(set);
    await world.database.sql(`UPDATE blob SET integrity = 'DAMAGED', checked_at = now() WHERE sha256 = $1`, [toBytes(sha256)]);
    await world.content.putBlob(call, body('replaced'));
    world.pass(25 * HOUR);
    expect(await collect()).toMatchObject({ blobs: 0, objects: 1 });
    expect(await textOf((await world.content.openBlob(call, sha256)).body)).toBe('replaced');
  });

  it('spares a manifest for its grace period from the commit on, however long its entries took', async () => {
    const call = newCall();
    const entries = await putFiles(world.content, call, { a: 'slowly stored' });
    let asked = 0;
    // Each look at the clock is an hour later than the last.
    const slow = world.another({ clock: { now: () => new Date(Date.now() + HOUR * asked++) } });
    const manifest = await slow.createManifest(call, { kind: 'DIR', entries });
    const [row] = await world.database.sql<{ touchedAt: Date }>('SELECT touched_at AS "touchedAt" FROM manifest');
    expect(row?.touchedAt.getTime()).toBeGreaterThan(manifest.createdAt.getTime());
  });

  it('and all that may touch a million rows may take longer than a minute for it', async () => {
    await world.database.sql('CREATE TABLE seen (what text, allowed text)');
    await world.database.sql(`CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS
      $$ BEGIN INSERT INTO seen VALUES (TG_OP || ' ' || TG_TABLE_NAME, current_setting('statement_timeout')); RETURN NULL; END $$`);
    const watched = ['INSERT manifest_entry', 'INSERT verification_item', 'DELETE manifest', 'DELETE file_set', 'DELETE blob'];
    for (const [index, what] of watched.entries()) {
      await world.database.sql(
        `CREATE TRIGGER note_${index} AFTER ${what.replace(' ', ' ON ')} FOR EACH STATEMENT EXECUTE FUNCTION note()`,
      );
    }
    const { call, manifest } = await make({ a: 'many of these' });
    await world.content.createFileSet(call);
    await world.content.startVerification(call, { root: 'x', manifestIds: [manifest.id] });
    world.pass(25 * HOUR);
    expect(await collect()).toMatchObject({ manifests: 1, fileSets: 1, blobs: 2 });
    const seen = await world.database.sql<{ what: string; allowed: string }>('SELECT DISTINCT what, allowed FROM seen ORDER BY what');
    expect(seen).toEqual(watched.toSorted().map((what) => ({ what, allowed: '15min' })));
  });

  it('removes more things of a kind than it deletes together', async () => {
    for (let made = 0; made < 23; made += 1) await world.content.createFileSet(world.call);
    world.pass(25 * HOUR);
    expect(await collect()).toMatchObject({ fileSets: 23 });
    expect(await count('file_set')).toBe(0);
  });

  it('needs the scope admin, and a grace period', async () => {
    const options = { dryRun: true, referencesOf: () => Promise.resolve(needed) };
    expect(await failure(world.content.collect(newCall('WRITE'), options))).toMatchObject({ kind: 'forbidden' });
    for (const olderThanMs of [0, HOUR / 2 - 1, HOUR + 0.5, NaN]) {
      expect(await failure(world.content.collect(world.call, { ...options, olderThanMs }))).toMatchObject({ code: 'INVALID_GRACE_PERIOD' });
    }
    expect(await world.content.collect(world.call, { ...options, olderThanMs: HOUR / 2 })).toEqual(NOTHING);
  });
});
