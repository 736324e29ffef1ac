// What webhooks can be told of, in words, grouped as people look for them.

import type { WebhookDeliveryState, WebhookEvent } from '../gql/graphql.ts';

export const EVENT_GROUPS: readonly { title: string; events: readonly (readonly [WebhookEvent, string])[] }[] = [
  {
    title: 'Models',
    events: [
      ['REGISTERED_MODEL_CREATED', 'Model made'],
      ['MODEL_VERSION_CREATED', 'Version registered'],
      ['MODEL_VERSION_ALIAS_CREATED', 'Alias given'],
      ['MODEL_VERSION_ALIAS_DELETED', 'Alias taken away'],
      ['MODEL_VERSION_TAG_SET', 'Version tagged'],
      ['MODEL_VERSION_TAG_DELETED', 'Version’s tag removed'],
    ],
  },
  {
    title: 'Prompts',
    events: [
      ['PROMPT_CREATED', 'Prompt made'],
      ['PROMPT_VERSION_CREATED', 'Prompt version made'],
      ['PROMPT_ALIAS_CREATED', 'Prompt alias given'],
      ['PROMPT_ALIAS_DELETED', 'Prompt alias taken away'],
      ['PROMPT_TAG_SET', 'Prompt tagged'],
      ['PROMPT_TAG_DELETED', 'Prompt’s tag removed'],
      ['PROMPT_VERSION_TAG_SET', 'Prompt version tagged'],
      ['PROMPT_VERSION_TAG_DELETED', 'Prompt version’s tag removed'],
    ],
  },
];

const WORDS = new Map(EVENT_GROUPS.flatMap(({ events }) => events));

export function eventWord(event: WebhookEvent): string {
  return WORDS.get(event) ?? event;
}

/** Whether a name from a form is an event. */
export function isEvent(name: string): name is WebhookEvent {
  return WORDS.has(name as WebhookEvent);
}

export const DELIVERY_WORDS: Readonly<Record<WebhookDeliveryState, { tone: 'ok' | 'live' | 'bad'; word: string }>> = {
  PENDING: { tone: 'live', word: 'under way' },
  DELIVERED: { tone: 'ok', word: 'delivered' },
  FAILED: { tone: 'bad', word: 'given up' },
};
