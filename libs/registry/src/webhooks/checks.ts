// What may be a webhook, by MLflow's rules (its utils/validation.py) and with bounds of our own where it has none.

import { DomainError, invalid } from '@throughline/kernel';

import { checkText } from '../checks.ts';
import type { WebhookEvent } from './events.ts';
import { WEBHOOK_EVENTS } from './events.ts';

export const MAX_WEBHOOKS = 200;
const MAX_URL = 2_048;
const MAX_DESCRIPTION = 1_000;
const MAX_SECRET = 1_000;

const NAME = /^(?=.{1,63}$)[a-z0-9](?:[a-z0-9._-]*[a-z0-9])?$/i;

export function checkName(name: string): string {
  if (NAME.test(name)) return name;
  throw invalid(
    'INVALID_WEBHOOK_NAME',
    `Webhook name '${name.slice(0, 80)}' is invalid. It must start and end with a letter or digit, have at most 63 characters, and contain ` +
      'only letters, digits, dots (.), underscores (_), and hyphens (-).',
  );
}

export const checkDescription = (text: string): string => checkText('description', text, MAX_DESCRIPTION);

export const checkSecret = (text: string): string => checkText('secret', text, MAX_SECRET);

/** An address of http or https, without credentials: those would be shown to whoever lists webhooks. */
export function checkUrl(text: string): URL {
  checkText('URL of the webhook', text, MAX_URL);
  if (text.trim() === '') throw invalidUrl('Webhook URL cannot be empty or just whitespace.');
  if (!URL.canParse(text.trim())) throw invalidUrl(`Invalid webhook URL '${text.slice(0, 200)}'.`);
  const url = new URL(text.trim());
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    throw invalidUrl(`Invalid webhook URL scheme: '${url.protocol.slice(0, -1).slice(0, 40)}'. Allowed schemes are: http, https.`);
  }
  if (url.username !== '' || url.password !== '') {
    throw invalidUrl("A webhook's URL holds no user and password; receivers check the signature that its secret makes.");
  }
  return url;
}

function invalidUrl(message: string): DomainError {
  return invalid('INVALID_WEBHOOK_URL', message);
}

const KNOWN: ReadonlySet<string> = new Set(WEBHOOK_EVENTS);

function isEvent(event: string): event is WebhookEvent {
  return KNOWN.has(event);
}

/** One event, `entity.action`. */
export function checkEvent(event: string): WebhookEvent {
  if (isEvent(event)) return event;
  const [entity = '', action = ''] = event.split('.', 2);
  const actions = WEBHOOK_EVENTS.filter((known) => known.startsWith(`${entity}.`)).map((known) => known.slice(entity.length + 1));
  throw invalid(
    'INVALID_WEBHOOK_EVENT',
    actions.length === 0
      ? `There are no webhooks for the entity '${entity.slice(0, 80)}'. Events are ${WEBHOOK_EVENTS.join(', ')}.`
      : `Invalid action '${action.slice(0, 80)}' for entity '${entity}'. Valid actions are: ${actions.join(', ')}.`,
  );
}

/** The events that a webhook is to be told of, each once; at least one. */
export function checkEvents(events: readonly string[]): WebhookEvent[] {
  if (events.length === 0) throw invalid('INVALID_WEBHOOK_EVENT', 'Webhook events must be a non-empty list.');
  if (events.length > 100) throw invalid('INVALID_WEBHOOK_EVENT', `A webhook names at most 100 events; there are ${events.length}.`);
  return [...new Set(events.map(checkEvent))];
}

export function tooManyWebhooks(): DomainError {
  return new DomainError({
    kind: 'exhausted',
    code: 'TOO_MANY_WEBHOOKS',
    message: `A workspace has at most ${MAX_WEBHOOKS} webhooks, and this one has that many. Delete one first.`,
    details: { limit: MAX_WEBHOOKS },
  });
}
