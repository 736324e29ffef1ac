// Goal: what was committed is told, once it can be, under one id, signed; and nothing else is. Method: a real receiver that answers as it is
// told, and the queue's own times moved where a pause would have to be waited for.

import { createHmac, randomBytes } from 'node:crypto';

import { systemClock } from '@throughline/kernel';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { newCall, newWorld } from '../testing.ts';
import type { World } from '../testing.ts';
import { WEBHOOK_EVENTS } from './events.ts';
import { MAX_ATTEMPTS } from './retries.ts';
import { createSecretBox } from './secrets.ts';
import { takeDue } from './store.ts';
import { startReceiver } from './testing.ts';
import type { Received, Receiver } from './testing.ts';
import type { DeliveryState, WebhookDelivery } from './types.ts';
import { createWebhooks } from './webhooks.ts';

const KEY = randomBytes(32);
const SECRET = 'open sesame';

let world: World;
let receiver: Receiver;
let admin: ReturnType<typeof newCall>;
let stop: AbortController;
let workers: Promise<void>[];
let errors: unknown[];

beforeAll(async () => {
  world = await newWorld({ secrets: createSecretBox(() => KEY), allowPrivate: true, pollMs: 20 });
});
afterAll(() => world.end());
beforeEach(async () => {
  receiver = await startReceiver();
  admin = newCall('ADMIN');
  [stop, workers, errors] = [new AbortController(), [], []];
});
afterEach(async () => {
  stop.abort();
  await Promise.all(workers);
  await receiver.close();
  await world.database.sql('DELETE FROM webhook');
  expect(errors).toEqual([]);
});

function work(): void {
  workers.push(world.registry.webhooks.runDeliveries({ signal: stop.signal, onError: (error) => errors.push(error) }));
}

async function subscribe(events: readonly string[] = WEBHOOK_EVENTS, more: { secret?: string; path?: string } = {}): Promise<string> {
  const { path = '/', ...rest } = more;
  return (await world.registry.webhooks.create(admin, { name: 'all', url: receiver.url + path, events, ...rest })).id;
}

async function deliveries(id: string, state?: DeliveryState): Promise<readonly WebhookDelivery[]> {
  return (await world.registry.webhooks.deliveriesOf(admin, [id], { first: 100, state })).get(id)?.items ?? [];
}

/** The webhook's one delivery, once it has this state and this many attempts behind it. */
async function settled(id: string, expected: Partial<WebhookDelivery>): Promise<WebhookDelivery> {
  return expect
    .poll(async () => (await deliveries(id))[0], { timeout: 10_000, interval: 20 })
    .toMatchObject(expected)
    .then(async () => {
      const [first] = await deliveries(id);
      if (first === undefined) throw new Error('there is no delivery');
      return first;
    });
}

/** Lets the pause before the next attempt be over. */
const passPause = () => world.database.sql(`UPDATE webhook_delivery SET due_at = now() WHERE state = 'PENDING'`);

const told = (count: number) => expect.poll(() => receiver.received.length, { timeout: 10_000, interval: 20 }).toBe(count);

const NOTHING: Pick<Received, 'headers' | 'body'> = { headers: {}, body: '' };

const PROMPT = { key: 'mlflow.prompt.is_prompt', value: 'true' };

describe('what happens in the registry is told', () => {
  it('of a model, in the order in which it happened', async () => {
    await subscribe();
    const { registry } = world;
    const model = await registry.models.create(admin, { name: 'told', description: 'd', tags: [{ key: 'k', value: 'v' }] });
    await registry.models.setTags(admin, model.id, [{ key: 'not', value: 'told' }]);
    const version = await registry.versions.create(admin, {
      modelId: model.id,
      source: 's3://bucket/model',
      sourceRunId: 'r1',
      noDigestReason: 'elsewhere',
      tags: [{ key: 'a', value: 'b' }],
    });
    await registry.versions.setTags(admin, version.id, [{ key: 'stage', value: 'blue' }]);
    await registry.versions.deleteTag(admin, version.id, 'stage');
    await registry.aliases.promote(admin, { versionId: version.id, alias: 'champion' });
    await registry.aliases.remove(admin, { modelId: model.id, alias: 'champion' });
    work();
    await told(6);
    expect(receiver.received.map(({ event, data }) => [event, data])).toEqual([
      ['registered_model.created', { name: 'told', tags: { k: 'v' }, description: 'd' }],
      [
        'model_version.created',
        { name: 'told', version: '1', source: 's3://bucket/model', run_id: 'r1', tags: { a: 'b' }, description: null },
      ],
      ['model_version_tag.set', { name: 'told', version: '1', key: 'stage', value: 'blue' }],
      ['model_version_tag.deleted', { name: 'told', version: '1', key: 'stage' }],
      ['model_version_alias.created', { name: 'told', alias: 'champion', version: '1' }],
      ['model_version_alias.deleted', { name: 'told', alias: 'champion' }],
    ]);
  });

  it('of a prompt, under events of its own and without the tags that make it one', async () => {
    await subscribe();
    const { registry } = world;
    const type = { key: '_mlflow_prompt_type', value: 'text' };
    const prompt = await registry.models.create(admin, { name: 'asked', tags: [PROMPT, type, { key: 'k', value: 'v' }] });
    const version = await registry.versions.create(admin, {
      modelId: prompt.id,
      source: 'dummy-source',
      noDigestReason: 'a prompt',
      description: 'first',
      tags: [PROMPT, type, { key: 'mlflow.prompt.text', value: 'Hello {{name}}' }, { key: 'a', value: 'b' }],
    });
    await registry.models.setTags(admin, prompt.id, [{ key: 'team', value: 'x' }]);
    await registry.models.deleteTag(admin, prompt.id, 'team');
    await registry.versions.setTags(admin, version.id, [{ key: 'tone', value: 'kind' }]);
    await registry.versions.deleteTag(admin, version.id, 'tone');
    await registry.aliases.promote(admin, { versionId: version.id, alias: 'live' });
    await registry.versions.delete(admin, version.id);
    work();
    await told(8);
    expect(receiver.received.map(({ event, data }) => [event, data])).toEqual([
      ['prompt.created', { name: 'asked', tags: { k: 'v' }, description: '' }],
      ['prompt_version.created', { name: 'asked', version: '1', template: 'Hello {{name}}', tags: { a: 'b' }, description: 'first' }],
      ['prompt_tag.set', { name: 'asked', key: 'team', value: 'x' }],
      ['prompt_tag.deleted', { name: 'asked', key: 'team' }],
      ['prompt_version_tag.set', { name: 'asked', version: '1', key: 'tone', value: 'kind' }],
      ['prompt_version_tag.deleted', { name: 'asked', version: '1', key: 'tone' }],
      ['prompt_alias.created', { name: 'asked', alias: 'live', version: '1' }],
      ['prompt_alias.deleted', { name: 'asked', alias: 'live' }],
    ]);
  });

  it('to those who asked for it, in the same workspace, while they are active', async () => {
    const { registry } = world;
    const wanted = await subscribe(['registered_model.created']);
    const other = await subscribe(['prompt.created']);
    const disabled = await subscribe(['registered_model.created']);
    await registry.webhooks.update(admin, disabled, { status: 'DISABLED' });
    const stranger = newCall('ADMIN');
    const { id: foreign } = await registry.webhooks.create(stranger, {
      name: 'x',
      url: receiver.url,
      events: ['registered_model.created'],
    });
    await registry.models.create(admin, { name: 'mine' });
    const queued = await Promise.all([wanted, other, disabled, foreign].map(async (id) => (await deliveries(id)).length));
    const foreignQueue = (await registry.webhooks.deliveriesOf(stranger, [foreign], {})).get(foreign)?.items;
    expect({ queued, foreignQueue }).toEqual({ queued: [1, 0, 0, 0], foreignQueue: [] });
  });

  it('only where it was committed', async () => {
    const id = await subscribe();
    const { registry, database } = world;
    const undone = database.transaction(async (tx) => {
      await registry.models.create({ caller: admin.caller, tx }, { name: 'undone' });
      throw new Error('no');
    });
    await expect(undone).rejects.toThrow('no');
    expect(await deliveries(id)).toEqual([]);
  });

  it('but not what is written in silence, as an import does', async () => {
    const id = await subscribe();
    const { registry } = world;
    const silent = { ...admin, silent: true };
    const model = await registry.models.create(silent, { name: 'long ago' });
    const version = await registry.versions.create(silent, { modelId: model.id, source: 'x', noDigestReason: 'elsewhere' });
    await registry.aliases.promote(silent, { versionId: version.id, alias: 'champion' });
    expect(await deliveries(id)).toEqual([]);
  });

  it('with a signature over the id, the time and the very body', async () => {
    await subscribe(['registered_model.created'], { secret: SECRET });
    await world.registry.models.create(admin, { name: 'signed', description: 'ü \u{1F427} "quoted"' });
    work();
    await told(1);
    const [{ headers, body } = NOTHING] = receiver.received;
    const signed = `${String(headers['x-mlflow-delivery-id'])}.${String(headers['x-mlflow-timestamp'])}.${body}`;
    expect(headers['x-mlflow-signature']).toBe(`v1,${createHmac('sha256', SECRET).update(signed).digest('base64')}`);
    expect(headers['content-type']).toBe('application/json');
  });
});

describe('a delivery', () => {
  const happen = (name: string) => world.registry.models.create(admin, { name });
  const EVENTS = ['registered_model.created'];

  it('is tried again under the same id until the receiver takes it', async () => {
    const id = await subscribe(EVENTS);
    const statuses = [503, 429, 200];
    receiver.answer = (response) => {
      response.writeHead(statuses[receiver.received.length - 1] ?? 500).end('wait');
    };
    await happen('again');
    work();
    const first = await settled(id, { state: 'PENDING', attempts: 1, responseStatus: 503, error: 'The receiver answered 503: wait' });
    expect(first.nextAttemptAt?.getTime()).toBeGreaterThan(first.attemptedAt?.getTime() ?? Infinity);
    await passPause();
    await settled(id, { state: 'PENDING', attempts: 2, responseStatus: 429 });
    await passPause();
    await settled(id, { state: 'DELIVERED', attempts: 3, responseStatus: 200, error: null, nextAttemptAt: null });
    const sent = receiver.received.map(({ headers, body }) => `${String(headers['x-mlflow-delivery-id'])} ${body}`);
    expect({ sent: sent.length, different: new Set(sent).size }).toEqual({ sent: 3, different: 1 });
  });

  it('waits as long as the receiver asks', async () => {
    const id = await subscribe(EVENTS);
    receiver.answer = (response) => void response.writeHead(429, { 'Retry-After': '1800' }).end();
    await happen('patient');
    work();
    const { attemptedAt, nextAttemptAt } = await settled(id, { state: 'PENDING', attempts: 1, responseStatus: 429 });
    const pauseMs = (nextAttemptAt?.getTime() ?? 0) - (attemptedAt?.getTime() ?? 0);
    expect(pauseMs).toBeGreaterThanOrEqual(1_800_000);
  });

  it.each([400, 404, 410, 302])('is given up at once where the receiver answers %i', async (status) => {
    const id = await subscribe(EVENTS);
    receiver.answer = (response) => void response.writeHead(status, { Location: `${receiver.url}/elsewhere` }).end('no');
    await happen(`refused ${status}`);
    work();
    await settled(id, { state: 'FAILED', attempts: 1, responseStatus: status, error: `The receiver answered ${status}: no` });
    expect(receiver.received.map(({ path }) => path)).toEqual(['/']);
  });

  it('is given up after the last attempt, with the last error kept', async () => {
    const id = await subscribe(EVENTS);
    receiver.answer = (response) => void response.writeHead(500).end('broken');
    await happen('hopeless');
    await world.database.sql('UPDATE webhook_delivery SET attempts = $1', [MAX_ATTEMPTS - 1]);
    work();
    await settled(id, { state: 'FAILED', attempts: MAX_ATTEMPTS, responseStatus: 500, error: 'The receiver answered 500: broken' });
  });

  it('is tried again where nobody listens', async () => {
    const id = await subscribe(EVENTS);
    await receiver.close();
    await happen('alone');
    work();
    await settled(id, { state: 'PENDING', attempts: 1, responseStatus: null, error: 'The connection was refused.' });
    receiver = await startReceiver();
  });

  it('that a killed server had taken is taken again when the lease is over, under the same id', async () => {
    const id = await subscribe(EVENTS);
    await happen('orphan');
    const [taken] = await takeDue(world.database, { limit: 10, except: [], leaseMs: 60_000 });
    expect(await takeDue(world.database, { limit: 10, except: [], leaseMs: 60_000 })).toEqual([]);
    await passPause();
    work();
    await settled(id, { state: 'DELIVERED', attempts: 2 });
    expect(receiver.received.map(({ headers }) => headers['x-mlflow-delivery-id'])).toEqual([taken?.id]);
  });

  it('under way is given back where the server ends, as if it had not begun', async () => {
    const id = await subscribe(EVENTS);
    receiver.answer = () => undefined;
    await happen('interrupted');
    work();
    await told(1);
    stop.abort();
    await Promise.all(workers);
    expect(await deliveries(id)).toMatchObject([{ state: 'PENDING', attempts: 0, error: null }]);
  });

  it('is made once, whichever of several servers takes it', async () => {
    const ids = await Promise.all([subscribe(EVENTS), subscribe(EVENTS), subscribe(EVENTS)]);
    for (let i = 0; i < 10; i += 1) await happen(`many ${i}`);
    for (let i = 0; i < 3; i += 1) work();
    await told(30);
    const states = (await Promise.all(ids.map((id) => deliveries(id)))).flat().map(({ state, attempts }) => `${state} ${attempts}`);
    await expect.poll(async () => (await Promise.all(ids.map((id) => deliveries(id, 'PENDING')))).flat().length).toBe(0);
    const distinct = new Set(receiver.received.map(({ headers }) => headers['x-mlflow-delivery-id'])).size;
    expect({ distinct, total: states.length, received: receiver.received.length }).toEqual({ distinct: 30, total: 30, received: 30 });
  });

  it('does not wait for another receiver that hangs', async () => {
    const hanging = await subscribe(EVENTS, { path: '/hangs' });
    const healthy = await subscribe(EVENTS, { path: '/healthy' });
    receiver.answer = (response, { path }) => {
      if (path === '/healthy') response.end();
    };
    for (let i = 0; i < 5; i += 1) await happen(`lane ${i}`);
    work();
    await expect.poll(async () => (await deliveries(healthy, 'DELIVERED')).length, { timeout: 10_000 }).toBe(5);
    expect((await deliveries(hanging)).map(({ attempts }) => attempts)).toEqual([0, 0, 0, 0, 1]);
  });

  it('does not wait for any number of receivers that hang, and what waits for them', async () => {
    const hanging = await Promise.all(Array.from({ length: 8 }, () => subscribe(EVENTS, { path: '/hangs' })));
    const healthy = await subscribe(['prompt.created'], { path: '/healthy' });
    receiver.answer = (response, { path }) => {
      if (path === '/healthy') response.end();
    };
    for (let i = 0; i < 3; i += 1) await happen(`jam ${i}`);
    await world.registry.models.create(admin, { name: 'later', tags: [PROMPT] });
    const { database, content } = world;
    const webhooks = createWebhooks(
      { database, content, clock: systemClock },
      { secrets: createSecretBox(() => KEY), allowPrivate: true, pollMs: 20, attemptMs: 500 },
    );
    workers.push(webhooks.runDeliveries({ signal: stop.signal, onError: (error) => errors.push(error) }));
    await expect.poll(async () => (await deliveries(healthy, 'DELIVERED')).length, { timeout: 10_000, interval: 20 }).toBe(1);
    const waiting = (await Promise.all(hanging.map((id) => deliveries(id)))).flat().filter(({ attempts }) => attempts === 0);
    expect(waiting.length).toBeGreaterThan(0);
  });

  it('waits while its webhook is disabled', async () => {
    const id = await subscribe(EVENTS);
    await happen('held');
    await world.registry.webhooks.update(admin, id, { status: 'DISABLED' });
    expect(await takeDue(world.database, { limit: 10, except: [], leaseMs: 1 })).toEqual([]);
    await world.registry.webhooks.update(admin, id, { status: 'ACTIVE' });
    work();
    await settled(id, { state: 'DELIVERED' });
  });

  it('that is done is sent once more by hand, and one that is not is left alone', async () => {
    const id = await subscribe(EVENTS);
    await happen('by hand');
    const [pending] = await deliveries(id);
    await expect(world.registry.webhooks.redeliver(admin, pending?.id ?? '')).rejects.toMatchObject({ code: 'DELIVERY_PENDING' });
    await expect(world.registry.webhooks.redeliver(admin, 'none')).rejects.toMatchObject({ code: 'DELIVERY_NOT_FOUND' });
    work();
    await settled(id, { state: 'DELIVERED', attempts: 1 });
    await world.registry.webhooks.redeliver(admin, pending?.id ?? '');
    await told(2);
    expect(new Set(receiver.received.map(({ headers }) => headers['x-mlflow-delivery-id']))).toEqual(new Set([pending?.id]));
  });

  it('leaves the log thirty days after it was done', async () => {
    const id = await subscribe(EVENTS);
    await happen('old');
    await happen('new');
    const [, old] = await deliveries(id);
    await world.database.sql(
      `UPDATE webhook_delivery SET state = 'FAILED', finished_at = now() - CASE WHEN id = $1 THEN interval '31 days' ELSE interval '29 days' END`,
      [old?.id],
    );
    work();
    await expect.poll(async () => (await deliveries(id)).length, { timeout: 10_000 }).toBe(1);
    expect((await deliveries(id))[0]?.id).not.toBe(old?.id);
  });

  it('whose secret was kept under another key is not sent unsigned', async () => {
    const id = await subscribe(EVENTS, { secret: SECRET });
    await world.database.sql('UPDATE webhook SET secret = $1', [createSecretBox(() => randomBytes(32)).seal(id, SECRET)]);
    await happen('locked');
    work();
    const { error } = await settled(id, { state: 'PENDING', attempts: 1 });
    expect({ error, received: receiver.received.length }).toEqual({
      error: "The webhook's secret cannot be read with this server's key.",
      received: 0,
    });
  });
});
