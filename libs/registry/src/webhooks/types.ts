import type { WebhookEvent } from './events.ts';

export const WEBHOOK_STATUSES = ['ACTIVE', 'DISABLED'] as const;
export type WebhookStatus = (typeof WEBHOOK_STATUSES)[number];

export interface Webhook {
  id: string;
  name: string;
  description: string;
  url: string;
  events: WebhookEvent[];
  /** Whether deliveries are signed. The secret itself is told to nobody. */
  hasSecret: boolean;
  /** A disabled one is told of nothing; what it was not told yet waits. */
  status: WebhookStatus;
  createdAtMs: number;
  updatedAtMs: number;
}

export type DeliveryState = 'PENDING' | 'DELIVERED' | 'FAILED';

/** One event for one webhook, and what became of telling it. */
export interface WebhookDelivery {
  /** What the receiver sees as X-MLflow-Delivery-Id, in every attempt. */
  id: string;
  /** Grows in the order in which events were recorded. */
  sequence: number;
  webhookId: string;
  event: WebhookEvent;
  /** The JSON that is sent. */
  body: string;
  state: DeliveryState;
  /** Attempts that were begun. */
  attempts: number;
  createdAt: Date;
  attemptedAt: Date | null;
  /** When it is tried next; null once it is done. */
  nextAttemptAt: Date | null;
  finishedAt: Date | null;
  /** The HTTP status of the last answer; null where there was none. */
  responseStatus: number | null;
  /** Why the last attempt was no success. */
  error: string | null;
}

/** What a test came to. */
export interface WebhookTest {
  success: boolean;
  responseStatus: number | null;
  /** The first few kilobytes of the answer. */
  responseBody: string | null;
  error: string | null;
}
