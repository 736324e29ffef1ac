import { newId } from '@throughline/kernel';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import type { World } from './testing.ts';
import { newCall, newWorld } from './testing.ts';

let world: World;
beforeAll(async () => {
  world = await newWorld();
});
afterAll(() => world.end());

const names = (page: { items: readonly { name: string }[] }) => page.items.map((model) => model.name);

describe('registered models', () => {
  it('are made with a description and tags, and found by name, id and reference', async () => {
    const { registry, call } = world;
    const made = await registry.models.create(call, { name: 'pen guins@x', description: 'Adélie', tags: [{ key: 'team', value: 'a' }] });
    expect(await registry.models.getByName(call, 'pen guins@x')).toEqual(made);
    expect(await registry.models.get(call, made.id)).toEqual(made);
    expect(await registry.models.findByRef(call, 'model:pen%20guins%40x')).toEqual(made);
    expect((await registry.models.tagsOf(call, [made.id])).get(made.id)).toEqual([{ key: 'team', value: 'a' }]);
  });

  it('have names that are unique in a workspace, and not beyond it', async () => {
    const { registry, call } = world;
    await registry.models.create(call, { name: 'only' });
    await expect(registry.models.create(call, { name: 'only' })).rejects.toMatchObject({ kind: 'conflict', code: 'MODEL_EXISTS' });
    const elsewhere = newCall();
    await registry.models.create(elsewhere, { name: 'only' });
    expect(names(await registry.models.list(elsewhere, {}))).toEqual(['only']);
  });

  it.each([
    ['a model', 'a model', 'Registered Model (name=NAME) already exists.'],
    ['a prompt', 'a prompt', 'Prompt (name=NAME) already exists.'],
    ['a prompt', 'a model', "Tried to create a prompt with name 'NAME', but the name is already taken by a registered model."],
    ['a model', 'a prompt', "Tried to create a registered model with name 'NAME', but the name is already taken by a prompt."],
  ])('tell who wants a name for %s that %s has: %s', async (wanted, holder, message) => {
    const { registry, call } = world;
    const name = `${wanted} beside ${holder}`;
    const tags = (what: string) => (what === 'a prompt' ? [{ key: 'mlflow.prompt.is_prompt', value: 'true' }] : []);
    await registry.models.create(call, { name, tags: tags(holder) });
    await expect(registry.models.create(call, { name, tags: tags(wanted) })).rejects.toMatchObject({
      code: 'MODEL_EXISTS',
      message: message.replace('NAME', name),
    });
  });

  it('are made once, however many ask for them at the same time', async () => {
    const { registry, call } = world;
    const all = await Promise.all(Array.from({ length: 8 }, () => registry.models.ensure(call, 'together')));
    expect(new Set(all.map((model) => model.id)).size).toBe(1);
  });

  it.each(['', '  ', 'a/b', 'a:b', 'x'.repeat(257), 'nul\0', '..', 'line\nbreak', '\ud800'])('refuse the name %j', async (name) => {
    await expect(world.registry.models.create(world.call, { name })).rejects.toMatchObject({ kind: 'invalid' });
  });

  it.each([
    ['../x', 'v'],
    ['/x', 'v'],
    ['', 'v'],
    ['k'.repeat(251), 'v'],
    ['a%b', 'v'],
    ['ok', 'v'.repeat(100_001)],
    ['ok', 'nul\0'],
  ])('refuse the tag %j', async (key, value) => {
    const { registry, call } = world;
    const model = await registry.models.ensure(call, 'tagged');
    await expect(registry.models.setTags(call, model.id, [{ key, value }])).rejects.toMatchObject({ kind: 'invalid' });
    expect((await registry.models.tagsOf(call, [model.id])).get(model.id)).toEqual([]);
  });

  it('replace a tag that is set again, and miss one that is taken away twice', async () => {
    const { registry, call } = world;
    const model = await registry.models.create(call, { name: 'retagged' });
    await registry.models.setTags(call, model.id, [
      { key: 'a', value: '1' },
      { key: 'a', value: '2' },
      { key: 'b', value: '' },
    ]);
    await registry.models.deleteTag(call, model.id, 'b');
    expect((await registry.models.tagsOf(call, [model.id])).get(model.id)).toEqual([{ key: 'a', value: '2' }]);
    await expect(registry.models.deleteTag(call, model.id, 'b')).rejects.toMatchObject({ code: 'TAG_NOT_FOUND' });
  });

  it('keep their id, versions and aliases through a rename, and refuse a name that is taken', async () => {
    const { registry, call } = world;
    const version = await world.register('before');
    await registry.aliases.promote(call, { versionId: version.id, alias: 'champion' });
    await registry.models.update(call, version.modelId, { name: 'after' });
    expect(await registry.models.findByName(call, 'before')).toBeNull();
    expect((await registry.versions.findByRef(call, 'model:after@champion'))?.id).toBe(version.id);
    await registry.models.create(call, { name: 'before' });
    await expect(registry.models.update(call, version.modelId, { name: 'before' })).rejects.toMatchObject({ code: 'MODEL_EXISTS' });
    expect((await registry.models.get(call, version.modelId)).name).toBe('after');
  });

  it('are listed by name, in pages that do not shift, and found by what their names contain', async () => {
    const { registry } = world;
    const call = newCall();
    for (const name of ['bravo', 'Alpha', 'charlie', 'alphabet']) await registry.models.create(call, { name });
    const first = await registry.models.list(call, { first: 2 });
    expect(names(first)).toEqual(['Alpha', 'alphabet']);
    const last = first.items.at(-1);
    await registry.models.create(call, { name: 'Aaa' });
    const second = await registry.models.list(call, { first: 2, after: last === undefined ? null : first.cursorOf(last) });
    expect(names(second)).toEqual(['bravo', 'charlie']);
    expect(second.hasNextPage).toBe(false);
    expect(names(await registry.models.list(call, { search: 'ALPHA' }))).toEqual(['Alpha', 'alphabet']);
    expect(await registry.models.count(call, { search: 'alpha' })).toBe(2);
  });

  it('leave a tombstone when deleted, with their versions, and give the name back', async () => {
    const { registry, call } = world;
    const version = await world.register('doomed');
    await registry.aliases.promote(call, { versionId: version.id, alias: 'champion' });
    const gone = await registry.models.delete(call, version.modelId);
    expect(gone.deletedAt).toBeInstanceOf(Date);
    expect(await registry.models.findByName(call, 'doomed')).toBeNull();
    expect(await registry.versions.findByNumber(call, 'doomed', 1)).toBeNull();
    expect(await registry.versions.get(call, version.id)).toMatchObject({ digest: version.digest, deletedAt: expect.any(Date) as Date });
    const [removal] = (await registry.aliases.history(call, version.modelId, {})).items;
    expect(removal).toMatchObject({ action: 'REMOVE', outcome: 'APPLIED', previousVersionId: version.id });

    const again = await world.register('doomed');
    expect(again).toMatchObject({ version: 1 });
    expect(again.modelId).not.toBe(version.modelId);
    await expect(registry.models.update(call, version.modelId, { description: 'x' })).rejects.toMatchObject({ code: 'MODEL_NOT_FOUND' });
  });

  it('are not deleted while one of their versions is deployed', async () => {
    const { registry, call } = world;
    const version = await world.register('serving');
    const live = await registry.deployments.deploy(call, { versionId: version.id, environment: 'production', target: 'serving' });
    await expect(registry.models.delete(call, version.modelId)).rejects.toMatchObject({
      code: 'MODEL_DEPLOYED',
      details: { deployments: ['production/serving'] },
    });
    expect((await registry.models.get(call, version.modelId)).deletedAt).toBeNull();
    await registry.deployments.end(call, live.id);
    expect((await registry.models.delete(call, version.modelId)).deletedAt).not.toBeNull();
  });

  it('are unknown to other workspaces by any handle', async () => {
    const { registry, call } = world;
    const made = await registry.models.create(call, { name: 'private' });
    const stranger = newCall();
    expect(await registry.models.findByName(stranger, 'private')).toBeNull();
    await expect(registry.models.get(stranger, made.id)).rejects.toMatchObject({ kind: 'not_found' });
    await expect(registry.models.update(stranger, made.id, { description: 'mine' })).rejects.toMatchObject({ kind: 'not_found' });
    await expect(registry.models.delete(stranger, made.id)).rejects.toMatchObject({ kind: 'not_found' });
  });

  it('are not changed by a reader', async () => {
    const { registry, call } = world;
    const reader = { caller: { ...call.caller, scope: 'READ' as const } };
    await expect(registry.models.create(reader, { name: 'no' })).rejects.toMatchObject({ kind: 'forbidden' });
    await expect(registry.models.delete(reader, newId())).rejects.toMatchObject({ kind: 'forbidden' });
  });
});
