import { isConstraint } from '@throughline/database';
import { newId } from '@throughline/kernel';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import type { World } from './testing.ts';
import { newCall, newWorld } from './testing.ts';

let world: World;
beforeAll(async () => {
  world = await newWorld();
});
afterAll(() => world.end());

describe('model versions', () => {
  it('are numbered from 1, and carry the digest of the files that were frozen', async () => {
    const { registry, call, content } = world;
    const manifestId = await world.manifest('weights of penguins');
    const version = await registry.versions.create(call, { name: 'penguins', createModel: true, source: 'models:/m-1', manifestId });
    expect(version).toMatchObject({ version: 1, modelName: 'penguins', userId: 'ada', noDigestReason: null, stage: 'None' });
    expect(version.digest).toBe((await content.getManifests(call, [manifestId])).get(manifestId)?.digest);
    const files = await registry.files.list(call, version, {});
    expect(files.items.map((file) => [file.path, file.sizeBytes])).toEqual([['model.bin', 19]]);
  });

  it('need a model that exists, unless it is to be made', async () => {
    const input = { name: 'unknown', source: 's3://bucket/model', noDigestReason: 'It lies elsewhere.' };
    await expect(world.registry.versions.create(world.call, input)).rejects.toMatchObject({ code: 'MODEL_NOT_FOUND' });
    expect(await world.registry.models.findByName(world.call, 'unknown')).toBeNull();
  });

  it('without files say why, and have no digest', async () => {
    const input = { name: 'external', createModel: true, source: 's3://bucket/model' };
    await expect(world.registry.versions.create(world.call, input)).rejects.toMatchObject({ code: 'DIGEST_UNEXPLAINED' });
    const version = await world.registry.versions.create(world.call, { ...input, noDigestReason: 'The files are in s3://bucket.' });
    expect(version).toMatchObject({ digest: null, manifestId: null, noDigestReason: 'The files are in s3://bucket.' });
    expect((await world.registry.files.list(world.call, version, {})).items).toEqual([]);
  });

  it('never take a digest on a client word', async () => {
    await expect(world.register('claimed', 'real', { digest: '0'.repeat(64) })).rejects.toMatchObject({ code: 'DIGEST_MISMATCH' });
    await expect(world.register('claimed', 'real', { manifestId: newId() })).rejects.toMatchObject({ kind: 'not_found' });
    expect(await world.registry.models.findByName(world.call, 'claimed')).toBeNull();
  });

  it('get numbers of their own, without gaps, when twenty are registered at once', async () => {
    const made = await Promise.all(Array.from({ length: 20 }, () => world.register('crowd')));
    expect(made.map((version) => version.version).sort((a, b) => a - b)).toEqual(Array.from({ length: 20 }, (_, index) => index + 1));
  });

  it('never get the number of one that was deleted', async () => {
    const { registry, call } = world;
    await world.register('numbers');
    const second = await world.register('numbers');
    await registry.versions.delete(call, second.id);
    expect((await world.register('numbers')).version).toBe(3);
    await expect(registry.versions.getByNumber(call, 'numbers', 2)).rejects.toMatchObject({ code: 'MODEL_VERSION_NOT_FOUND' });
    expect(await registry.versions.get(call, second.id)).toMatchObject({ digest: second.digest, source: second.source });
  });

  it('lose their aliases when deleted, which the history tells', async () => {
    const { registry, call } = world;
    const version = await world.register('aliased');
    await registry.aliases.promote(call, { versionId: version.id, alias: 'champion' });
    await registry.versions.delete(call, version.id);
    expect(await registry.aliases.find(call, version.modelId, 'champion')).toBeNull();
    const history = await registry.aliases.history(call, version.modelId, {});
    expect(history.items.map((event) => [event.action, event.outcome, event.reason])).toEqual([
      ['REMOVE', 'APPLIED', 'Version 1 was deleted.'],
      ['PROMOTE', 'APPLIED', ''],
    ]);
  });

  it('leave the time of their model as it was when they are described and tagged, and set it when one is deleted', async () => {
    const { registry, call } = world;
    const version = await world.register('described');
    const changedAt = async () => (await registry.models.get(call, version.modelId)).updatedAtMs;
    const registered = await changedAt();
    world.pass(1_000);
    await registry.versions.update(call, version.id, { description: 'better' });
    await registry.versions.setTags(call, version.id, [{ key: 'k', value: 'v' }]);
    await registry.versions.deleteTag(call, version.id, 'k');
    expect((await registry.versions.get(call, version.id)).updatedAtMs).toBeGreaterThan(registered);
    expect(await changedAt()).toBe(registered);
    await registry.versions.delete(call, version.id);
    expect(await changedAt()).toBeGreaterThan(registered);
  });

  it('say by name and number what is not there, and whether the model is', async () => {
    const { registry, call } = world;
    await world.register('known');
    await expect(registry.versions.getByNumber(call, 'known', 7)).rejects.toMatchObject({
      message: 'Model Version (name=known, version=7) not found.',
      hint: undefined,
    });
    await expect(registry.versions.getByNumber(call, 'unknown', 7)).rejects.toMatchObject({
      message: 'Model Version (name=unknown, version=7) not found.',
      hint: 'There is no registered model of this name.',
    });
  });

  it('are not deleted while deployed', async () => {
    const { registry, call } = world;
    const version = await world.register('live');
    await registry.deployments.deploy(call, { versionId: version.id, environment: 'production', target: 'live' });
    await expect(registry.versions.delete(call, version.id)).rejects.toMatchObject({ code: 'MODEL_DEPLOYED' });
  });

  it('are either deleted or deployed when both are tried at once', async () => {
    const { registry, call } = world;
    for (let round = 0; round < 5; round += 1) {
      const version = await world.register('contested');
      const outcomes = await Promise.allSettled([
        registry.versions.delete(call, version.id),
        registry.deployments.deploy(call, { versionId: version.id, environment: 'production', target: `contested-${round}` }),
      ]);
      expect(outcomes.filter((outcome) => outcome.status === 'fulfilled')).toHaveLength(1);
    }
  });

  it.each([
    ['digest', "SET digest = decode(repeat('ab', 32), 'hex')"],
    ['digest and manifest together', "SET digest = NULL, manifest_id = NULL, no_digest_reason = 'lost'"],
    ['number', 'SET version = 99'],
    ['manifest', 'SET manifest_id = gen_random_uuid()'],
  ])('keep their %s whatever a statement says', async (_what, change) => {
    const version = await world.register('frozen');
    const attempt = world.database.sql(`UPDATE model_version ${change} WHERE id = $1`, [version.id]);
    await expect(attempt).rejects.toSatisfy((error) => isConstraint(error, 'check', 'model_version_frozen'));
    expect(await world.registry.versions.get(world.call, version.id)).toEqual(version);
  });

  it('stay as tombstones: no statement removes one', async () => {
    const version = await world.register('kept');
    const attempt = world.database.sql('DELETE FROM model_version WHERE id = $1', [version.id]);
    await expect(attempt).rejects.toSatisfy((error) => isConstraint(error, 'check', 'model_version_kept'));
  });

  it('are found by number, alias and as the latest', async () => {
    const { registry, call } = world;
    const first = await world.register('named');
    const second = await world.register('named');
    await registry.aliases.promote(call, { versionId: first.id, alias: 'champion' });
    expect((await registry.versions.findByRef(call, 'model:named/2'))?.id).toBe(second.id);
    expect((await registry.versions.findByRef(call, 'model:named@champion'))?.id).toBe(first.id);
    expect((await registry.versions.findByRef(call, 'model:named@latest'))?.id).toBe(second.id);
    expect(await registry.versions.findByRef(call, 'model:named@challenger')).toBeNull();
    expect(await registry.versions.findByRef(call, 'model:named%00@a')).toBeNull();
    expect(await registry.versions.findByRef(newCall(), 'model:named/2')).toBeNull();
    expect((await registry.versions.list(call, first.modelId, { first: 1 })).items.map((version) => version.version)).toEqual([2]);
  });

  it('are found by the run or the logged model that they came from', async () => {
    const { registry, call } = world;
    const [runId, loggedModelId] = [newId(), newId()];
    const one = await world.register('origins', 'one', { runId, loggedModelId });
    const two = await world.register('origins', 'two', { runId });
    expect((await registry.versions.from(call, 'run', [runId])).get(runId)?.map((version) => version.id)).toEqual([two.id, one.id]);
    expect((await registry.versions.from(call, 'loggedModel', [loggedModelId])).get(loggedModelId)?.map((version) => version.id)).toEqual([
      one.id,
    ]);
  });

  it('tell the collector which manifests they need, deleted ones too', async () => {
    const { registry, call } = world;
    const version = await world.register('collected', 'collected');
    await registry.versions.delete(call, version.id);
    const unused = newId();
    const answer = await registry.referencesOf({ manifestIds: [version.manifestId ?? '', unused] });
    expect(answer).toEqual({ manifestIds: [version.manifestId], fileSetIds: [] });
  });

  it("go through MLflow's stages: shared, in any case, archiving the others on demand", async () => {
    const { registry, call } = world;
    const versions = [await world.register('staged'), await world.register('staged'), await world.register('staged')];
    const [one, two, three] = versions.map((version) => version.id);
    await registry.stages.transition(call, one ?? '', 'production');
    await registry.stages.transition(call, two ?? '', 'PRODUCTION');
    const stagesNow = async () => {
      const found = await registry.versions.findMany(call, [one ?? '', two ?? '', three ?? '']);
      return [one, two, three].map((id) => found.get(id ?? '')?.stage);
    };
    expect(await stagesNow()).toEqual(['Production', 'Production', 'None']);
    await registry.stages.transition(call, three ?? '', 'Production', { archiveExisting: true });
    expect(await stagesNow()).toEqual(['Archived', 'Archived', 'Production']);
    await expect(registry.stages.transition(call, one ?? '', 'None', { archiveExisting: true })).rejects.toMatchObject({
      code: 'INVALID_STAGE',
    });
    await expect(registry.stages.transition(call, one ?? '', 'Live')).rejects.toMatchObject({ code: 'INVALID_STAGE' });
    const modelId = versions[0]?.modelId ?? '';
    const latest = (await registry.stages.latestOf(call, [modelId])).get(modelId) ?? [];
    expect(latest.map((version) => [version.stage, version.version])).toEqual([
      ['Production', 3],
      ['Archived', 2],
    ]);
    expect((await registry.stages.latestOf(call, [modelId], ['staging'])).get(modelId)).toEqual([]);
  });
});
