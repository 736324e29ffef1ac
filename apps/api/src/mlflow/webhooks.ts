// Webhooks, as MLflow's clients speak of them.

import type { Call } from '@throughline/database';
import { invalid } from '@throughline/kernel';
import type { Webhook } from '@throughline/registry';

import type { Services } from '../services.ts';
import { int64, list, nested, oneOf, required, text } from './message.ts';
import { nextPage } from './present.ts';
import { rpc } from './rpc.ts';
import type { Rpc } from './rpc.ts';

const ID = { webhook_id: required(text) } as const;
const EVENT = nested({ entity: required(text), action: required(text) });
const STATUS = oneOf('ACTIVE', 'DISABLED');
const MAX_RESULTS = 1_000;
const DEFAULT_RESULTS = 100;

/** An event's name out of MLflow's two enumerations. */
function eventName({ entity, action }: { entity: string; action: string }): string {
  return `${entity.toLowerCase()}.${action.toLowerCase()}`;
}

function presentEvent(event: string): object {
  const [entity = '', action = ''] = event.split('.');
  return { entity: entity.toUpperCase(), action: action.toUpperCase() };
}

function presentWebhook(webhook: Webhook): object {
  return {
    webhook_id: webhook.id,
    name: webhook.name,
    ...(webhook.description === '' ? {} : { description: webhook.description }),
    url: webhook.url,
    events: webhook.events.map(presentEvent),
    status: webhook.status,
    creation_timestamp: webhook.createdAtMs,
    last_updated_timestamp: webhook.updatedAtMs,
  };
}

/** MLflow counts none as its default. */
function checkMaxResults(asked: number | undefined): number {
  const count = asked ?? 0;
  if (count >= 0 && count <= MAX_RESULTS) return count === 0 ? DEFAULT_RESULTS : count;
  throw invalid('INVALID_MAX_RESULTS', `max_results must be between 1 and ${MAX_RESULTS}.`);
}

const present = (webhook: Webhook): object => ({ webhook: presentWebhook(webhook) });

async function tested({ registry }: Services, call: Call, id: string, event: string | null): Promise<object> {
  const { success, responseStatus, responseBody, error } = await registry.webhooks.test(call, id, event);
  return {
    result: {
      success,
      ...(responseStatus === null ? {} : { response_status: responseStatus }),
      ...(responseBody === null ? {} : { response_body: responseBody }),
      ...(error === null ? {} : { error_message: error }),
    },
  };
}

export const webhookRpcs: readonly Rpc[] = [
  rpc(
    'POST',
    '/mlflow/webhooks',
    { name: required(text), url: required(text), events: required(list(EVENT)), description: text, secret: text, status: STATUS },
    async ({ registry }, call, { events, ...webhook }) =>
      present(await registry.webhooks.create(call, { ...webhook, events: events.map(eventName) })),
  ),
  rpc('GET', '/mlflow/webhooks', { max_results: int64, page_token: text }, async ({ registry }, call, { max_results, page_token }) => {
    const page = await registry.webhooks.list(call, { first: checkMaxResults(max_results), after: page_token === '' ? null : page_token });
    return { ...(page.items.length === 0 ? {} : { webhooks: page.items.map(presentWebhook) }), ...nextPage(page) };
  }),
  rpc('GET', '/mlflow/webhooks/:webhook_id', ID, async ({ registry }, call, { webhook_id }) =>
    present(await registry.webhooks.get(call, webhook_id)),
  ),
  rpc(
    'PATCH',
    '/mlflow/webhooks/:webhook_id',
    { ...ID, name: text, url: text, events: list(EVENT), description: text, secret: text, status: STATUS },
    async ({ registry }, call, { webhook_id, name, url, events, ...change }) =>
      present(
        await registry.webhooks.update(call, webhook_id, {
          ...change,
          // Empty is absent to MLflow; of a description and a secret it is not.
          name: name === '' ? null : name,
          url: url === '' ? null : url,
          events: events.length === 0 ? null : events.map(eventName),
        }),
      ),
  ),
  rpc('DELETE', '/mlflow/webhooks/:webhook_id', ID, async ({ registry }, call, { webhook_id }) => {
    await registry.webhooks.delete(call, webhook_id);
    return {};
  }),
  rpc('POST', '/mlflow/webhooks/:webhook_id/test', { ...ID, event: EVENT }, async (services, call, { webhook_id, event }) =>
    tested(services, call, webhook_id, event === undefined ? null : eventName(event)),
  ),
];
