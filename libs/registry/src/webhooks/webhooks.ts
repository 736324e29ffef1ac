// Webhooks: who is told of what happens in the registry. They carry data out of the workspace, and their addresses may be secrets by
// themselves, so that they are an administrator's: to see as well as to change, as in MLflow.

import { randomUUID } from 'node:crypto';

import { on } from '@throughline/database';
import type { Call } from '@throughline/database';
import {
  conflict,
  decodeCursor,
  encodeCursor,
  invalid,
  isUuid,
  newId,
  notFound,
  pageOf,
  pageRequest,
  requireScope,
} from '@throughline/kernel';
import type { DomainError, Page } from '@throughline/kernel';

import type { PageInput } from '../models.ts';
import type { Parts } from '../parts.ts';
import { bodyOf } from './body.ts';
import { checkDescription, checkEvent, checkEvents, checkName, checkSecret, checkUrl, MAX_WEBHOOKS, tooManyWebhooks } from './checks.ts';
import { EXAMPLES } from './events.ts';
import type { SecretBox } from './secrets.ts';
import { checkReachable } from './send.ts';
import * as store from './store.ts';
import type { DeliveryState, Webhook, WebhookDelivery, WebhookStatus, WebhookTest } from './types.ts';
import { ATTEMPT_LIMIT_MS, runDeliveries, sendSigned, wordsFor } from './worker.ts';
import type { DeliveryOptions } from './worker.ts';

export interface CreateWebhookInput {
  /** 1 to 63 letters, digits, `.`, `_` and `-`; need not be unique. */
  name: string;
  url: string;
  /** Such as `model_version.created`; at least one. */
  events: readonly string[];
  description?: string | null | undefined;
  /** What deliveries are signed with; none are signed where it is absent or empty. */
  secret?: string | null | undefined;
  status?: WebhookStatus | null | undefined;
}

/** What is absent or null stays as it is; an empty secret takes the secret away. */
export type UpdateWebhookInput = { [K in keyof CreateWebhookInput]?: CreateWebhookInput[K] | null | undefined };

export interface DeliveryPageInput extends PageInput {
  state?: DeliveryState | null | undefined;
}

/** Every one of these needs the scope ADMIN. */
export interface Webhooks {
  /** Throws `invalid` for what MLflow refuses, PRIVATE_ADDRESS where the address is not of the public internet, `exhausted` beyond 200. */
  create(call: Call, input: CreateWebhookInput): Promise<Webhook>;
  /** Webhooks by id; unknown ids are left out. */
  findMany(call: Call, ids: readonly string[]): Promise<Map<string, Webhook>>;
  /** Throws WEBHOOK_NOT_FOUND. */
  get(call: Call, id: string): Promise<Webhook>;
  /** Newest first. */
  list(call: Call, page: PageInput): Promise<Page<Webhook>>;
  count(call: Call): Promise<number>;
  update(call: Call, id: string, input: UpdateWebhookInput): Promise<Webhook>;
  /** Removes it, its secret, its log and what it was not told yet. */
  delete(call: Call, id: string): Promise<Webhook>;
  /** Sends an example of an event, the first of its events unless one is named, once and at once, and tells what came back. */
  test(call: Call, id: string, event?: string | null): Promise<WebhookTest>;
  /** The deliveries of each webhook, newest first, under the webhooks' ids. */
  deliveriesOf(call: Call, ids: readonly string[], page: DeliveryPageInput): Promise<Map<string, Page<WebhookDelivery>>>;
  /** Queues a delivery once more, under its id and with all its attempts. Throws conflict DELIVERY_PENDING where it is not done yet. */
  redeliver(call: Call, deliveryId: string): Promise<WebhookDelivery>;
  /** Delivers what is due, of all workspaces, until the signal ends it. Any number may run, in any number of processes. */
  runDeliveries(options: DeliveryOptions): Promise<void>;
}

export interface WebhookOptions {
  secrets: SecretBox;
  /** Whether addresses that are not of the public internet may be reached. */
  allowPrivate: boolean;
  /** How often the worker looks for what is due, in milliseconds; 1000 unless told. */
  pollMs?: number | undefined;
  /** How long one attempt may take, in milliseconds; 15,000 unless told. */
  attemptMs?: number | undefined;
}

export function createWebhooks(
  { database, clock }: Parts,
  { secrets, allowPrivate, pollMs = 1_000, attemptMs = ATTEMPT_LIMIT_MS }: WebhookOptions,
): Webhooks {
  const courier = { database, clock, secrets, allowPrivate, pollMs, attemptMs };

  /** The address to keep, once it is known that it may be reached. Names are resolved here, so never inside a transaction. */
  async function checkedUrl(text: string): Promise<string> {
    const url = checkUrl(text);
    if (!allowPrivate) await checkReachable(url);
    return url.href;
  }

  const sealed = (id: string, secret: string): Buffer | null => (secret === '' ? null : secrets.seal(id, checkSecret(secret)));

  const webhooks: Webhooks = {
    async create(call, input) {
      requireScope(call.caller, 'ADMIN');
      const nowMs = clock.now().getTime();
      const id = newId(nowMs);
      const webhook = {
        id,
        workspaceId: call.caller.workspaceId,
        name: checkName(input.name),
        description: checkDescription(input.description ?? ''),
        events: checkEvents(input.events),
        secret: sealed(id, input.secret ?? ''),
        status: input.status ?? 'ACTIVE',
        url: await checkedUrl(input.url),
        nowMs,
      };
      const made = await store.insertWebhook(on(database, call), webhook, MAX_WEBHOOKS);
      if (made === null) throw tooManyWebhooks();
      return made;
    },

    async findMany(call, ids) {
      requireScope(call.caller, 'ADMIN');
      const found = await store.findWebhooks(on(database, call), call.caller.workspaceId, ids);
      return new Map(found.map((webhook) => [webhook.id, webhook]));
    },

    async get(call, id) {
      requireScope(call.caller, 'ADMIN');
      const webhook = isUuid(id) ? (await webhooks.findMany(call, [id])).get(id) : undefined;
      if (webhook === undefined) throw webhookNotFound(id);
      return webhook;
    },

    async list(call, input) {
      requireScope(call.caller, 'ADMIN');
      const { first, after } = pageRequest(input);
      const before = after === null ? null : placeOf(after);
      const rows = await store.listWebhooks(on(database, call), call.caller.workspaceId, { before, limit: first + 1 });
      return pageOf(rows, first, ({ createdAtMs, id }) => encodeCursor([createdAtMs, id]));
    },

    async count(call) {
      requireScope(call.caller, 'ADMIN');
      return store.countWebhooks(on(database, call), call.caller.workspaceId);
    },

    async update(call, id, input) {
      await webhooks.get(call, id);
      const given = <T>(value: T | null | undefined, check: (value: T) => T): T | null =>
        value === null || value === undefined ? null : check(value);
      const changed = await store.updateWebhook(on(database, call), call.caller.workspaceId, id, {
        name: given(input.name, checkName),
        description: given(input.description, checkDescription),
        events: input.events === null || input.events === undefined ? null : checkEvents(input.events),
        status: input.status ?? null,
        secret: input.secret === null || input.secret === undefined ? undefined : sealed(id, input.secret),
        url: input.url === null || input.url === undefined ? null : await checkedUrl(input.url),
        nowMs: clock.now().getTime(),
      });
      if (changed === null) throw webhookNotFound(id);
      return changed;
    },

    async delete(call, id) {
      requireScope(call.caller, 'ADMIN');
      const gone = isUuid(id) ? await store.deleteWebhook(on(database, call), call.caller.workspaceId, id) : null;
      if (gone === null) throw webhookNotFound(id);
      return gone;
    },

    async test(call, id, named) {
      const webhook = await webhooks.get(call, id);
      const event = named === null || named === undefined ? webhook.events[0] : checkEvent(named);
      if (event === undefined) throw invalid('INVALID_WEBHOOK_EVENT', 'The webhook names no event.');
      const body = bodyOf({ event, data: EXAMPLES[event] }, clock.now());
      const secret = await store.findSecret(on(database, call), id);
      try {
        const answer = await sendSigned(courier, { id: randomUUID(), body, webhookId: id, url: webhook.url, secret });
        return {
          success: answer.status >= 200 && answer.status < 300,
          responseStatus: answer.status,
          responseBody: answer.text,
          error: null,
        };
      } catch (error) {
        return { success: false, responseStatus: null, responseBody: null, error: `Failed to test webhook: ${wordsFor(error)}` };
      }
    },

    async deliveriesOf(call, ids, input) {
      requireScope(call.caller, 'ADMIN');
      const { first, after } = pageRequest(input);
      const before = after === null ? null : sequenceOf(after);
      const page = { state: input.state ?? null, before, limit: first + 1 };
      const rows = await store.newestDeliveries(on(database, call), call.caller.workspaceId, ids, page);
      const groups = Map.groupBy(rows, (delivery) => delivery.webhookId);
      return new Map(ids.map((id) => [id, pageOf(groups.get(id) ?? [], first, ({ sequence }) => encodeCursor([sequence]))]));
    },

    async redeliver(call, deliveryId) {
      requireScope(call.caller, 'ADMIN');
      const db = on(database, call);
      const delivery = isUuid(deliveryId) ? await store.findDelivery(db, call.caller.workspaceId, deliveryId) : null;
      if (delivery === null) throw notFound('DELIVERY_NOT_FOUND', `There is no delivery ${deliveryId}.`);
      const queued = await store.queueAgain(db, deliveryId);
      if (queued === null) {
        throw conflict('DELIVERY_PENDING', 'This delivery is being tried still; it is repeated by itself until it is done.');
      }
      return queued;
    },

    runDeliveries: (options) => runDeliveries(courier, options),
  };
  return webhooks;
}

function webhookNotFound(id: string): DomainError {
  return notFound('WEBHOOK_NOT_FOUND', `Webhook with ID ${id.slice(0, 80)} not found.`);
}

function placeOf(cursor: string): { createdAtMs: number; id: string } {
  const [createdAtMs, id] = decodeCursor(cursor, 2);
  if (typeof createdAtMs === 'number' && Number.isSafeInteger(createdAtMs) && typeof id === 'string' && isUuid(id))
    return { createdAtMs, id };
  throw badCursor();
}

function sequenceOf(cursor: string): number {
  const [sequence] = decodeCursor(cursor, 1);
  if (typeof sequence === 'number' && Number.isSafeInteger(sequence)) return sequence;
  throw badCursor();
}

function badCursor(): DomainError {
  return invalid('INVALID_CURSOR', "'after' is not a cursor of this list; pass the endCursor of the page before.");
}
