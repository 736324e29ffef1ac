// Promotion under contention. The goal: whatever happens at once, one version holds the alias, every attempt is in the history,
// and the history reads as a chain: each applied attempt names as its predecessor the one that the applied attempt before it put there.

import { isConstraint } from '@throughline/database';
import { newId } from '@throughline/kernel';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import type { World } from './testing.ts';
import { newCall, newWorld } from './testing.ts';
import type { AliasEvent, ModelVersion } from './types.ts';

let world: World;
beforeAll(async () => {
  world = await newWorld();
});
afterAll(() => world.end());

async function versionsOf(model: string, count: number): Promise<ModelVersion[]> {
  const made: ModelVersion[] = [];
  for (let index = 0; index < count; index += 1) made.push(await world.register(model, `${model} ${index}`));
  return made;
}

async function historyOf(modelId: string): Promise<AliasEvent[]> {
  const page = await world.registry.aliases.history(world.call, modelId, { first: 1000 });
  return page.items.toReversed();
}

/** Checks that the events follow from one another, and answers who holds the alias at their end. */
function replay(events: readonly AliasEvent[]): string | null {
  let holder: string | null = null;
  let at = new Date(0);
  for (const event of events) {
    expect(event.previousVersionId).toBe(holder);
    expect(event.at.getTime()).toBeGreaterThanOrEqual(at.getTime());
    at = event.at;
    if (event.outcome === 'APPLIED') holder = event.versionId;
  }
  return holder;
}

describe('promotion', () => {
  it('makes the alias name the version, with who, when and why', async () => {
    const { registry, call } = world;
    const [one, two] = await versionsOf('plain', 2);
    await registry.aliases.promote(call, { versionId: one?.id ?? '', alias: 'champion', reason: 'the first' });
    const promoted = await registry.aliases.promote(call, { versionId: two?.id ?? '', alias: 'champion', reason: 'better recall' });
    expect(promoted.id).toBe(two?.id);
    expect(await registry.aliases.find(call, promoted.modelId, 'champion')).toMatchObject({ versionId: two?.id, version: 2 });
    const [, last] = await historyOf(promoted.modelId);
    expect(last).toMatchObject({ actor: 'ada', reason: 'better recall', versionId: two?.id, previousVersionId: one?.id, refusal: null });
  });

  it.each([2, 20])('leaves one holder and every attempt in a history that adds up, of %i at once', async (count) => {
    const { registry, call } = world;
    const versions = await versionsOf(`rush-${count}`, count);
    await Promise.all(versions.map((version) => registry.aliases.promote(call, { versionId: version.id, alias: 'champion' })));
    const events = await historyOf(versions[0]?.modelId ?? '');
    expect(events).toHaveLength(count);
    expect(new Set(events.map((event) => event.versionId))).toEqual(new Set(versions.map((version) => version.id)));
    const held = (await registry.aliases.ofModels(call, [versions[0]?.modelId ?? ''])).get(versions[0]?.modelId ?? '');
    expect(held?.map((alias) => alias.versionId)).toEqual([replay(events)]);
  });

  it('lets one of many through that all expect the same holder, and keeps the others as refused', async () => {
    const { registry, call } = world;
    const versions = await versionsOf('careful', 6);
    const modelId = versions[0]?.modelId ?? '';
    const outcomes = await Promise.allSettled(
      versions.map((version) => registry.aliases.promote(call, { versionId: version.id, alias: 'champion', expected: null })),
    );
    const refused = outcomes.filter((outcome) => outcome.status === 'rejected');
    expect(refused).toHaveLength(5);
    for (const { reason } of refused) expect(reason).toMatchObject({ kind: 'conflict', code: 'ALIAS_MOVED' });
    const events = await historyOf(modelId);
    expect(events.map((event) => event.outcome)).toEqual(['APPLIED', 'REFUSED', 'REFUSED', 'REFUSED', 'REFUSED', 'REFUSED']);
    expect(events.slice(1).every((event) => event.refusal?.includes('holds it now'))).toBe(true);
    expect((await registry.aliases.find(call, modelId, 'champion'))?.versionId).toBe(replay(events));
  });

  it('goes through where the holder is the expected one', async () => {
    const { registry, call } = world;
    const [one, two] = await versionsOf('expected', 2);
    await registry.aliases.promote(call, { versionId: one?.id ?? '', alias: 'champion', expected: null });
    await registry.aliases.promote(call, { versionId: two?.id ?? '', alias: 'champion', expected: one?.id });
    expect((await registry.aliases.find(call, one?.modelId ?? '', 'champion'))?.versionId).toBe(two?.id);
  });

  it('of a deleted version is refused, which the history keeps', async () => {
    const { registry, call } = world;
    const [one] = await versionsOf('deleted', 1);
    await registry.versions.delete(call, one?.id ?? '');
    const attempt = registry.aliases.promote(call, { versionId: one?.id ?? '', alias: 'champion' });
    await expect(attempt).rejects.toMatchObject({ kind: 'not_found', code: 'MODEL_VERSION_NOT_FOUND' });
    expect(await historyOf(one?.modelId ?? '')).toMatchObject([{ outcome: 'REFUSED', versionId: one?.id }]);
    expect(await registry.aliases.find(call, one?.modelId ?? '', 'champion')).toBeNull();
  });

  it.each(['latest', 'LATEST', '3', 'v3', 'sha256abc', '', 'a b', 'a/b', 'a'.repeat(256), 'nul\0'])(
    'refuses the alias %j',
    async (alias) => {
      const [one] = await versionsOf('aliases', 1);
      await expect(world.registry.aliases.promote(world.call, { versionId: one?.id ?? '', alias })).rejects.toMatchObject({
        kind: 'invalid',
        code: 'INVALID_ALIAS',
      });
    },
  );

  it('reaches no version of another workspace', async () => {
    const [one] = await versionsOf('walled', 1);
    const attempt = world.registry.aliases.promote(newCall(), { versionId: one?.id ?? '', alias: 'champion' });
    await expect(attempt).rejects.toMatchObject({ kind: 'not_found' });
    expect(await historyOf(one?.modelId ?? '')).toEqual([]);
  });

  it('inside an open transaction answers its refusal, so that the record outlives it', async () => {
    const { registry, call, database } = world;
    const [one] = await versionsOf('nested', 1);
    const input = { versionId: one?.id ?? '', alias: 'champion', expected: newId() };
    const { refusal } = await database.transaction((tx) => registry.aliases.attempt({ caller: call.caller, tx }, input));
    expect(refusal?.code).toBe('ALIAS_MOVED');
    expect(await historyOf(one?.modelId ?? '')).toMatchObject([{ outcome: 'REFUSED' }]);
  });

  it('tells who held the alias at any time, though the clock ran backwards', async () => {
    const { registry, call } = world;
    const [one, two] = await versionsOf('timed', 2);
    const modelId = one?.modelId ?? '';
    const before = new Date(Date.now() - 1);
    await registry.aliases.promote(call, { versionId: one?.id ?? '', alias: 'champion' });
    world.pass(-60_000);
    await registry.aliases.promote(call, { versionId: two?.id ?? '', alias: 'champion' });
    world.pass(120_000);
    await registry.aliases.remove(call, { modelId, alias: 'champion' });
    const [first, second, third] = await historyOf(modelId);
    expect(second?.at).toEqual(first?.at);
    expect(await registry.aliases.holderAt(call, modelId, 'champion', before)).toBeNull();
    expect(await registry.aliases.holderAt(call, modelId, 'champion', second?.at ?? before)).toBe(two?.id);
    expect(await registry.aliases.holderAt(call, modelId, 'champion', third?.at ?? before)).toBeNull();
  });
});

describe('removing an alias', () => {
  it('is told by the history, also where nobody held it', async () => {
    const { registry, call } = world;
    const [one] = await versionsOf('removal', 1);
    const modelId = one?.modelId ?? '';
    await registry.aliases.promote(call, { versionId: one?.id ?? '', alias: 'champion' });
    expect(await registry.aliases.remove(call, { modelId, alias: 'champion', reason: 'retired' })).toEqual({ removed: true });
    expect(await registry.aliases.remove(call, { modelId, alias: 'champion' })).toEqual({ removed: false });
    expect((await historyOf(modelId)).map((event) => [event.action, event.outcome, event.previousVersionId])).toEqual([
      ['PROMOTE', 'APPLIED', null],
      ['REMOVE', 'APPLIED', one?.id],
      ['REMOVE', 'REFUSED', null],
    ]);
  });
});

describe('the history of an alias', () => {
  it('is paged newest first, and can be of one alias', async () => {
    const { registry, call } = world;
    const [one] = await versionsOf('paged', 1);
    const modelId = one?.modelId ?? '';
    for (const alias of ['a', 'b', 'a', 'b', 'a']) await registry.aliases.promote(call, { versionId: one?.id ?? '', alias });
    const first = await registry.aliases.history(call, modelId, { alias: 'a', first: 2 });
    expect(first.items).toHaveLength(2);
    const last = first.items.at(-1);
    const second = await registry.aliases.history(call, modelId, {
      alias: 'a',
      first: 2,
      after: last === undefined ? null : first.cursorOf(last),
    });
    expect(second.items).toHaveLength(1);
    expect(second.hasNextPage).toBe(false);
    expect([...first.items, ...second.items].every((event) => event.alias === 'a')).toBe(true);
  });

  it.each(["UPDATE alias_event SET actor = 'nobody'", 'DELETE FROM alias_event'])('is only added to: no %j', async (statement) => {
    const [one] = await versionsOf('history', 1);
    await world.registry.aliases.promote(world.call, { versionId: one?.id ?? '', alias: 'champion' });
    await expect(world.database.sql(statement)).rejects.toSatisfy((error) => isConstraint(error, 'check', 'alias_event_kept'));
  });
});
