import type { TypeResolvers } from '@throughline/graphql';
import { toConnection } from '@throughline/graphql';
import { nodeId } from '@throughline/kernel';

import { WEBHOOK_EVENTS } from '../webhooks/events.ts';
import type { WebhookEvent } from '../webhooks/events.ts';
import type { Webhook, WebhookDelivery } from '../webhooks/types.ts';
import type { DeliveryPageInput } from '../webhooks/webhooks.ts';
import type { Loaders } from './loaders.ts';

/** An event in the schema's words, which have no dots. */
const nameOf = (event: WebhookEvent): string => event.replace('.', '_').toUpperCase();
const BY_NAME = new Map<string, WebhookEvent>(WEBHOOK_EVENTS.map((event) => [nameOf(event), event]));

/** The event of a name out of the schema's enumeration. */
export function eventOf(name: string): WebhookEvent {
  const event = BY_NAME.get(name);
  if (event === undefined) throw new Error(`the schema's enumeration of events has ${name}, and the domain does not`);
  return event;
}

export function webhookResolvers(loaders: Loaders): TypeResolvers {
  return {
    id: (webhook: Webhook) => nodeId('webhook', webhook.id),
    webhookId: (webhook: Webhook) => webhook.id,
    events: (webhook: Webhook) => webhook.events.map(nameOf),
    createdAt: (webhook: Webhook) => new Date(webhook.createdAtMs),
    updatedAt: (webhook: Webhook) => new Date(webhook.updatedAtMs),

    async deliveries(webhook: Webhook, { state, first, after }: DeliveryPageInput, context) {
      const page = await loaders.deliveries(context, { id: webhook.id, state, first, after });
      return page === null ? null : toConnection(page, (delivery: WebhookDelivery) => delivery, after);
    },
  };
}

export function webhookDeliveryResolvers(): TypeResolvers {
  return {
    id: (delivery: WebhookDelivery) => nodeId('webhookDelivery', delivery.id),
    deliveryId: (delivery: WebhookDelivery) => delivery.id,
    event: (delivery: WebhookDelivery) => nameOf(delivery.event),
  };
}
