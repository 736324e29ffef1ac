import { isConstraint } from '@throughline/database';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import type { World } from './testing.ts';
import { newCall, newWorld } from './testing.ts';
import type { Deployment } from './types.ts';

let world: World;
beforeAll(async () => {
  world = await newWorld();
});
afterAll(() => world.end());

async function historyOf(target: string): Promise<Deployment[]> {
  const page = await world.registry.deployments.list(world.call, { environment: 'production', target, ended: true, first: 1000 });
  return page.items.toReversed();
}

const to = (target: string, versionId: string) => ({ versionId, environment: 'production', target });

describe('deploying', () => {
  it('pins the digest of the version, and ends what was live', async () => {
    const { registry, call } = world;
    const one = await world.register('pinned', 'one');
    const two = await world.register('pinned', 'two');
    const first = await registry.deployments.deploy(call, { ...to('pinned', one.id), reason: 'go' });
    expect(first).toMatchObject({ digest: one.digest, endedAt: null, startedBy: 'ada', reason: 'go' });
    const second = await registry.deployments.deploy(call, to('pinned', two.id));
    expect(await registry.deployments.findLive(call, 'production', 'pinned')).toEqual(second);
    expect(await registry.deployments.get(call, first.id)).toMatchObject({ endedAt: second.startedAt, endedBy: 'ada' });
    expect((await registry.deployments.previousOf(call, [second.id])).get(second.id)?.id).toBe(first.id);
  });

  it('is refused without a digest, with words on how to mend it', async () => {
    const { registry, call } = world;
    const version = await registry.versions.create(call, {
      name: 'elsewhere',
      createModel: true,
      source: 's3://bucket/model',
      noDigestReason: 'Its files are in s3://bucket, which this server does not read.',
    });
    await expect(registry.deployments.deploy(call, to('elsewhere', version.id))).rejects.toMatchObject({
      kind: 'conflict',
      code: 'VERSION_WITHOUT_DIGEST',
      message: expect.stringContaining('s3://bucket') as string,
      hint: expect.stringContaining('register it') as string,
    });
    expect(await historyOf('elsewhere')).toEqual([]);
  });

  it('of what is live already changes nothing, so that a retry is harmless', async () => {
    const version = await world.register('again');
    const first = await world.registry.deployments.deploy(world.call, to('again', version.id));
    expect(await world.registry.deployments.deploy(world.call, to('again', version.id))).toEqual(first);
    expect(await historyOf('again')).toHaveLength(1);
  });

  it.each([2, 12])('leaves one live, and all in the history end to end, of %i at once', async (count) => {
    const { registry, call } = world;
    const target = `rush-${count}`;
    const versions = [];
    for (let index = 0; index < count; index += 1) versions.push(await world.register(target, `${target} ${index}`));
    await Promise.all(versions.map((version) => registry.deployments.deploy(call, to(target, version.id))));
    const all = await historyOf(target);
    expect(all).toHaveLength(count);
    expect(all.filter((deployment) => deployment.endedAt === null)).toEqual([all.at(-1)]);
    for (const [index, deployment] of all.slice(1).entries()) expect(all[index]?.endedAt).toEqual(deployment.startedAt);
  });

  it.each(['', 'a/b', ' a', 'nul\0', 'line\nbreak', 'x'.repeat(129), '..'])('refuses the target %j', async (target) => {
    const version = await world.register('places');
    await expect(world.registry.deployments.deploy(world.call, to(target, version.id))).rejects.toMatchObject({ kind: 'invalid' });
  });

  it('reaches no version of another workspace', async () => {
    const version = await world.register('walled');
    await expect(world.registry.deployments.deploy(newCall(), to('walled', version.id))).rejects.toMatchObject({ kind: 'not_found' });
  });
});

describe('rolling back', () => {
  it('deploys again what was live before', async () => {
    const { registry, call } = world;
    const one = await world.register('rolled', 'one');
    const two = await world.register('rolled', 'two');
    const first = await registry.deployments.deploy(call, to('rolled', one.id));
    const second = await registry.deployments.deploy(call, to('rolled', two.id));
    const third = await registry.deployments.rollBack(call, second.id, 'it drifted');
    expect(third).toMatchObject({ versionId: one.id, digest: one.digest, reason: 'it drifted', endedAt: null });
    expect((await historyOf('rolled')).map((deployment) => deployment.id)).toEqual([first.id, second.id, third.id]);
    await expect(registry.deployments.rollBack(call, second.id)).rejects.toMatchObject({ code: 'DEPLOYMENT_ENDED' });
  });

  it('is refused where nothing was live before, and where that version was deleted', async () => {
    const { registry, call } = world;
    const one = await world.register('nothing', 'one');
    const two = await world.register('nothing', 'two');
    const first = await registry.deployments.deploy(call, to('nothing', one.id));
    await expect(registry.deployments.rollBack(call, first.id)).rejects.toMatchObject({ code: 'NOTHING_BEFORE' });
    const second = await registry.deployments.deploy(call, to('nothing', two.id));
    await registry.versions.delete(call, one.id);
    await expect(registry.deployments.rollBack(call, second.id)).rejects.toMatchObject({ code: 'MODEL_VERSION_NOT_FOUND' });
    expect((await registry.deployments.get(call, second.id)).endedAt).toBeNull();
  });
});

describe('ending a deployment', () => {
  it('says who and why, once', async () => {
    const { registry, call } = world;
    const version = await world.register('ended');
    const live = await registry.deployments.deploy(call, to('ended', version.id));
    const ended = await registry.deployments.end(call, live.id, 'retired');
    expect(ended).toMatchObject({ endedBy: 'ada', endReason: 'retired', endedAt: expect.any(Date) as Date });
    expect(await registry.deployments.end(call, live.id, 'again')).toEqual(ended);
    expect(await registry.deployments.findLive(call, 'production', 'ended')).toBeNull();
    expect((await registry.deployments.findByRef(call, 'deployment:production/ended'))?.id).toBe(live.id);
  });
});

describe('lists of deployments', () => {
  it('are newest first, live ones only unless asked otherwise, with a count of their own', async () => {
    const { registry } = world;
    const call = newCall();
    const ids = [];
    for (const text of ['one', 'two', 'three']) {
      const manifestId = await world.manifest(text, call);
      const version = await registry.versions.create(call, { name: 'm', createModel: true, source: 's', manifestId });
      ids.push((await registry.deployments.deploy(call, { versionId: version.id, environment: 'staging', target: text })).id);
      await registry.deployments.deploy(call, { versionId: version.id, environment: 'production', target: 'api' });
    }
    expect(await registry.deployments.count(call, {})).toBe(4);
    expect(await registry.deployments.count(call, { ended: true })).toBe(6);
    const first = await registry.deployments.list(call, { environment: 'staging', first: 2 });
    const last = first.items.at(-1);
    const second = await registry.deployments.list(call, {
      environment: 'staging',
      first: 2,
      after: last === undefined ? null : first.cursorOf(last),
    });
    expect([...first.items, ...second.items].map((deployment) => deployment.id)).toEqual(ids.toReversed());
  });
});

describe('the database itself', () => {
  it('refuses a second live deployment of a target', async () => {
    const version = await world.register('unique');
    await world.registry.deployments.deploy(world.call, to('unique', version.id));
    const attempt = world.database.sql(
      `INSERT INTO deployment (id, workspace_id, environment, target, version_id, digest, started_by)
       SELECT gen_random_uuid(), workspace_id, environment, target, version_id, digest, 'x' FROM deployment WHERE target = 'unique'`,
    );
    await expect(attempt).rejects.toSatisfy((error) => isConstraint(error, 'unique', 'deployment_live_key'));
  });

  it('refuses a deployment that is not pinned to the digest of its version', async () => {
    const version = await world.register('unpinned');
    const attempt = world.database.sql(
      `INSERT INTO deployment (id, workspace_id, environment, target, version_id, digest, started_by)
       VALUES (gen_random_uuid(), $1, 'production', 'unpinned', $2, decode(repeat('00', 32), 'hex'), 'x')`,
      [world.call.caller.workspaceId, version.id],
    );
    await expect(attempt).rejects.toSatisfy((error) => isConstraint(error, 'check', 'deployment_pinned'));
  });

  it.each([
    "SET digest = decode(repeat('00', 32), 'hex')",
    "SET target = 'other'",
    "SET started_by = 'mallory'",
    'SET ended_at = NULL, ended_by = NULL',
  ])('never edits a deployment away: %s', async (change) => {
    const version = await world.register('edited');
    const live = await world.registry.deployments.deploy(world.call, to('edited', version.id));
    await world.registry.deployments.end(world.call, live.id);
    const attempt = world.database.sql(`UPDATE deployment ${change} WHERE id = $1`, [live.id]);
    await expect(attempt).rejects.toSatisfy((error) => isConstraint(error, 'check', 'deployment_kept'));
  });
});
