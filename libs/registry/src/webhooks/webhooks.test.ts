import { randomBytes } from 'node:crypto';

import { newId } from '@throughline/kernel';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { newCall, newWorld } from '../testing.ts';
import type { World } from '../testing.ts';
import { createRegistry } from '../registry.ts';
import type { Registry } from '../registry.ts';
import { createSecretBox } from './secrets.ts';
import { startReceiver } from './testing.ts';
import type { Receiver } from './testing.ts';
import type { CreateWebhookInput } from './webhooks.ts';

const secrets = createSecretBox(() => KEY);
const KEY = randomBytes(32);

let world: World;
let receiver: Receiver;
/** The same registry, which reaches the public internet alone. */
let strict: Registry;
let admin: ReturnType<typeof newCall>;

beforeAll(async () => {
  world = await newWorld({ secrets, allowPrivate: true });
  const { database, content } = world;
  strict = createRegistry({ database, content, webhooks: { secrets, allowPrivate: false, pollMs: 20 } });
});
afterAll(() => world.end());
beforeEach(async () => {
  receiver = await startReceiver();
  admin = newCall('ADMIN');
});
afterEach(() => receiver.close());

const make = (more: Partial<CreateWebhookInput> = {}) =>
  world.registry.webhooks.create(admin, { name: 'hook', url: receiver.url, events: ['registered_model.created'], ...more });

describe('a webhook', () => {
  it('is made, read, listed, changed and deleted', async () => {
    const { webhooks } = world.registry;
    const made = await make({
      description: 'd',
      secret: 'open sesame',
      events: ['prompt.created', 'model_version.created', 'prompt.created'],
    });
    expect(made).toMatchObject({
      name: 'hook',
      description: 'd',
      url: `${receiver.url}/`,
      events: ['prompt.created', 'model_version.created'],
      hasSecret: true,
      status: 'ACTIVE',
    });
    expect(await webhooks.get(admin, made.id)).toEqual(made);
    expect((await webhooks.list(admin, {})).items).toEqual([made]);
    const changed = await webhooks.update(admin, made.id, { name: 'other', secret: '', status: 'DISABLED', events: null });
    expect(changed).toMatchObject({ name: 'other', description: 'd', hasSecret: false, status: 'DISABLED', events: made.events });
    await webhooks.delete(admin, made.id);
    await expect(webhooks.get(admin, made.id)).rejects.toMatchObject({ kind: 'not_found', code: 'WEBHOOK_NOT_FOUND' });
    await expect(webhooks.delete(admin, made.id)).rejects.toMatchObject({ code: 'WEBHOOK_NOT_FOUND' });
  });

  it('keeps its secret unreadable, and tells it to nobody', async () => {
    const made = await make({ secret: 'open sesame' });
    const [row] = await world.database.sql<{ secret: Buffer; whole: string }>(
      'SELECT secret, w::text AS whole FROM webhook w WHERE id = $1',
      [made.id],
    );
    expect(row?.secret.includes('open sesame')).toBe(false);
    expect(JSON.stringify([made, row?.whole])).not.toContain('open sesame');
    expect(secrets.open(made.id, row?.secret ?? Buffer.alloc(0))).toBe('open sesame');
  });

  it.each<[string, Partial<CreateWebhookInput>]>([
    ['INVALID_WEBHOOK_NAME', { name: '' }],
    ['INVALID_WEBHOOK_NAME', { name: '-begins' }],
    ['INVALID_WEBHOOK_NAME', { name: 'ends.' }],
    ['INVALID_WEBHOOK_NAME', { name: 'a b' }],
    ['INVALID_WEBHOOK_NAME', { name: 'a'.repeat(64) }],
    ['INVALID_WEBHOOK_NAME', { name: 'a\n' }],
    ['INVALID_WEBHOOK_URL', { url: '' }],
    ['INVALID_WEBHOOK_URL', { url: 'hooks.example.com' }],
    ['INVALID_WEBHOOK_URL', { url: 'ftp://hooks.example.com' }],
    ['INVALID_WEBHOOK_URL', { url: 'file:///etc/passwd' }],
    ['INVALID_WEBHOOK_URL', { url: 'javascript:alert(1)' }],
    ['INVALID_WEBHOOK_URL', { url: 'http://user:secret@hooks.example.com' }],
    ['TEXT_TOO_LONG', { url: `http://hooks.example.com/${'a'.repeat(2_048)}` }],
    ['INVALID_WEBHOOK_EVENT', { events: [] }],
    ['INVALID_WEBHOOK_EVENT', { events: ['registered_model.deleted'] }],
    ['INVALID_WEBHOOK_EVENT', { events: ['model_version_tag.created'] }],
    ['INVALID_WEBHOOK_EVENT', { events: ['budget_policy.exceeded'] }],
    ['INVALID_WEBHOOK_EVENT', { events: ['constructor'] }],
    ['TEXT_TOO_LONG', { description: 'd'.repeat(1_001) }],
    ['TEXT_TOO_LONG', { secret: 's'.repeat(1_001) }],
  ])('is refused with %s for %j', async (code, more) => {
    await expect(make(more)).rejects.toMatchObject({ kind: 'invalid', code });
    expect(await world.registry.webhooks.count(admin)).toBe(0);
  });

  it.each(['a', 'A1', 'a.b_c-d', 'x'.repeat(63)])('may be called %s', async (name) => {
    expect(await make({ name })).toMatchObject({ name });
  });

  it('that is changed to something wrong stays as it was', async () => {
    const made = await make();
    for (const input of [{ name: '-' }, { url: 'ftp://x' }, { events: [] }, { events: ['x'] }]) {
      await expect(world.registry.webhooks.update(admin, made.id, { description: 'new', ...input })).rejects.toMatchObject({
        kind: 'invalid',
      });
    }
    expect(await world.registry.webhooks.get(admin, made.id)).toEqual(made);
  });

  it("is an administrator's, of its own workspace", async () => {
    const { webhooks } = world.registry;
    const { id } = await make();
    const writer = { caller: { ...admin.caller, scope: 'WRITE' as const } };
    const input = { name: 'x', url: receiver.url, events: ['prompt.created'] };
    for (const ask of [
      () => webhooks.create(writer, input),
      () => webhooks.get(writer, id),
      () => webhooks.list(writer, {}),
      () => webhooks.update(writer, id, {}),
      () => webhooks.delete(writer, id),
      () => webhooks.test(writer, id),
      () => webhooks.deliveriesOf(writer, [id], {}),
      () => webhooks.redeliver(writer, newId()),
    ]) {
      await expect(ask()).rejects.toMatchObject({ kind: 'forbidden' });
    }
    const stranger = newCall('ADMIN');
    await expect(webhooks.get(stranger, id)).rejects.toMatchObject({ code: 'WEBHOOK_NOT_FOUND' });
    await expect(webhooks.update(stranger, id, { name: 'mine' })).rejects.toMatchObject({ code: 'WEBHOOK_NOT_FOUND' });
    await expect(webhooks.delete(stranger, id)).rejects.toMatchObject({ code: 'WEBHOOK_NOT_FOUND' });
    await expect(webhooks.test(stranger, id)).rejects.toMatchObject({ code: 'WEBHOOK_NOT_FOUND' });
    expect((await webhooks.list(stranger, {})).items).toEqual([]);
  });

  it('stands on one page of the list, the newest first', async () => {
    const names: string[] = [];
    for (let i = 0; i < 5; i += 1) {
      names.unshift((await make({ name: `n${i}` })).name);
      // Two of one millisecond stand in any order.
      world.pass(1);
    }
    const paged: string[] = [];
    let after: string | null = null;
    do {
      const page = await world.registry.webhooks.list(admin, { first: 2, after });
      paged.push(...page.items.map(({ name }) => name));
      const last = page.items.at(-1);
      after = page.hasNextPage && last !== undefined ? page.cursorOf(last) : null;
    } while (after !== null);
    expect(paged).toEqual(names);
    await expect(world.registry.webhooks.list(admin, { after: 'x' })).rejects.toMatchObject({ code: 'INVALID_CURSOR' });
  });

  it('is the two hundredth of its workspace at most', async () => {
    await world.database.sql(
      `INSERT INTO webhook (id, workspace_id, name, url, events, created_at_ms, updated_at_ms)
       SELECT gen_random_uuid(), $1, 'n', 'http://h', ARRAY['prompt.created'], 1, 1 FROM generate_series(1, 200)`,
      [admin.caller.workspaceId],
    );
    await expect(make()).rejects.toMatchObject({ kind: 'exhausted', code: 'TOO_MANY_WEBHOOKS' });
    await world.database.sql('DELETE FROM webhook');
  });
});

describe('a test of a webhook', () => {
  it('sends an example of its first event once, and tells the answer', async () => {
    const { id } = await make({ events: ['model_version_tag.set', 'prompt.created'] });
    receiver.answer = (response) => void response.writeHead(201).end('made');
    expect(await world.registry.webhooks.test(admin, id)).toEqual({
      success: true,
      responseStatus: 201,
      responseBody: 'made',
      error: null,
    });
    expect(receiver.received).toMatchObject([
      { event: 'model_version_tag.set', data: { name: 'example_model', version: '1', key: 'example_key', value: 'example_value' } },
    ]);
  });

  it('sends the event that is named', async () => {
    const { id } = await make();
    await world.registry.webhooks.test(admin, id, 'prompt.created');
    expect(receiver.received.map(({ event }) => event)).toEqual(['prompt.created']);
  });

  it.each([302, 404, 500])('is no success where the receiver answers %i', async (status) => {
    const { id } = await make();
    receiver.answer = (response) => void response.writeHead(status).end('no');
    expect(await world.registry.webhooks.test(admin, id)).toMatchObject({ success: false, responseStatus: status, responseBody: 'no' });
    expect(receiver.received.length).toBe(1);
  });

  it('tells why there was no answer', async () => {
    const { id } = await make();
    receiver.answer = (response) => response.destroy();
    expect(await world.registry.webhooks.test(admin, id)).toEqual({
      success: false,
      responseStatus: null,
      responseBody: null,
      error: 'Failed to test webhook: The connection was cut.',
    });
  });
});

describe('an address that is not of the public internet', () => {
  it.each([
    'http://127.0.0.1/',
    'http://localhost/',
    'https://localhost:8443/x',
    'http://2130706433/',
    'http://0x7f.1/',
    'http://0177.0.0.1/',
    'http://[::1]/',
    'http://[::ffff:169.254.169.254]/',
    'http://169.254.169.254/latest/meta-data/',
    'http://10.1.2.3/',
    'http://0.0.0.0/',
    'http://[fd00::1]/',
  ])('is refused when it is given: %s', async (url) => {
    const { webhooks } = strict;
    await expect(webhooks.create(admin, { name: 'x', url, events: ['prompt.created'] })).rejects.toMatchObject({
      kind: 'invalid',
      code: 'PRIVATE_ADDRESS',
    });
    const { id } = await make();
    await expect(webhooks.update(admin, id, { url })).rejects.toMatchObject({ code: 'PRIVATE_ADDRESS' });
  });

  it('is refused where its name is unknown', async () => {
    const url = 'http://no-such-host.invalid/';
    await expect(strict.webhooks.create(admin, { name: 'x', url, events: ['prompt.created'] })).rejects.toMatchObject({
      kind: 'invalid',
      code: 'WEBHOOK_HOST_UNKNOWN',
    });
  });

  it.each(['127.0.0.1', 'localhost'])('is not reached, whatever was true when it was given: %s', async (host) => {
    const { port } = new URL(receiver.url);
    const { id } = await make({ url: `http://${host}:${port}/` });
    const tested = await strict.webhooks.test(admin, id);
    await strict.models.create(admin, { name: `told to ${host}` });
    const stop = new AbortController();
    const errors: unknown[] = [];
    const working = strict.webhooks.runDeliveries({ signal: stop.signal, onError: (error) => errors.push(error) });
    const log = async () => (await strict.webhooks.deliveriesOf(admin, [id], {})).get(id)?.items[0];
    await expect.poll(async () => (await log())?.state, { timeout: 10_000, interval: 20 }).toBe('FAILED');
    stop.abort();
    await working;
    const delivery = await log();
    expect({ tested, delivery, received: receiver.received, errors }).toMatchObject({
      tested: { success: false, responseStatus: null },
      delivery: { state: 'FAILED', attempts: 1, responseStatus: null },
      received: [],
      errors: [],
    });
    expect(delivery?.error).toContain('not an address of the public internet');
  });
});
