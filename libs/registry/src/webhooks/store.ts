// Webhooks and deliveries in PostgreSQL. The queue is the deliveries that are pending: taking one moves its due time behind a lease, so
// that one whose server was killed is taken again when the lease is over. Times are the database's, since several servers share it.

import type { Queryable } from '@throughline/database';

import type { WebhookEvent } from './events.ts';
import type { DeliveryState, Webhook, WebhookDelivery, WebhookStatus } from './types.ts';

const WEBHOOK_COLUMNS =
  'w.id, w.name, w.description, w.url, w.events, w.secret IS NOT NULL AS has_secret, w.status, w.created_at_ms, w.updated_at_ms';

interface WebhookRow {
  id: string;
  name: string;
  description: string;
  url: string;
  events: WebhookEvent[];
  has_secret: boolean;
  status: WebhookStatus;
  created_at_ms: number;
  updated_at_ms: number;
}

function toWebhook(row: WebhookRow): Webhook {
  return {
    id: row.id,
    name: row.name,
    description: row.description,
    url: row.url,
    events: row.events,
    hasSecret: row.has_secret,
    status: row.status,
    createdAtMs: row.created_at_ms,
    updatedAtMs: row.updated_at_ms,
  };
}

export interface NewWebhook {
  id: string;
  workspaceId: string;
  name: string;
  description: string;
  url: string;
  events: readonly WebhookEvent[];
  secret: Buffer | null;
  status: WebhookStatus;
  nowMs: number;
}

/** Makes a webhook; null where the workspace has `limit` of them already. */
export async function insertWebhook(db: Queryable, webhook: NewWebhook, limit: number): Promise<Webhook | null> {
  const rows = await db.sql<WebhookRow>(
    `INSERT INTO webhook AS w (id, workspace_id, name, description, url, events, secret, status, created_at_ms, updated_at_ms)
     SELECT $1, $2, $3, $4, $5, $6::text[], $7, $8::"WebhookStatus", $9, $9
     WHERE (SELECT count(*) FROM webhook WHERE workspace_id = $2) < $10
     RETURNING ${WEBHOOK_COLUMNS}`,
    [
      webhook.id,
      webhook.workspaceId,
      webhook.name,
      webhook.description,
      webhook.url,
      webhook.events,
      webhook.secret,
      webhook.status,
      webhook.nowMs,
      limit,
    ],
  );
  return rows[0] === undefined ? null : toWebhook(rows[0]);
}

export async function findWebhooks(db: Queryable, workspaceId: string, ids: readonly string[]): Promise<Webhook[]> {
  const rows = await db.sql<WebhookRow>(`SELECT ${WEBHOOK_COLUMNS} FROM webhook w WHERE w.workspace_id = $1 AND w.id = ANY($2::uuid[])`, [
    workspaceId,
    ids,
  ]);
  return rows.map(toWebhook);
}

/** Newest first. */
export async function listWebhooks(
  db: Queryable,
  workspaceId: string,
  page: { before: { createdAtMs: number; id: string } | null; limit: number },
): Promise<Webhook[]> {
  const rows = await db.sql<WebhookRow>(
    `SELECT ${WEBHOOK_COLUMNS} FROM webhook w
     WHERE w.workspace_id = $1 AND ($2::bigint IS NULL OR (w.created_at_ms, w.id) < ($2, $3::uuid))
     ORDER BY w.created_at_ms DESC, w.id DESC LIMIT $4`,
    [workspaceId, page.before?.createdAtMs ?? null, page.before?.id ?? null, page.limit],
  );
  return rows.map(toWebhook);
}

export async function countWebhooks(db: Queryable, workspaceId: string): Promise<number> {
  const [row] = await db.sql<{ count: number }>('SELECT count(*) FROM webhook WHERE workspace_id = $1', [workspaceId]);
  return row?.count ?? 0;
}

export interface WebhookChange {
  name: string | null;
  description: string | null;
  url: string | null;
  events: readonly WebhookEvent[] | null;
  status: WebhookStatus | null;
  /** Absent: it stays as it is. Null: it is taken away. */
  secret?: Buffer | null | undefined;
  nowMs: number;
}

/** Changes what is given; null where there is no such webhook. */
export async function updateWebhook(db: Queryable, workspaceId: string, id: string, change: WebhookChange): Promise<Webhook | null> {
  const rows = await db.sql<WebhookRow>(
    `UPDATE webhook w SET name = coalesce($3, w.name), description = coalesce($4, w.description), url = coalesce($5, w.url),
       events = coalesce($6::text[], w.events), status = coalesce($7::"WebhookStatus", w.status),
       secret = CASE WHEN $8 THEN $9::bytea ELSE w.secret END, updated_at_ms = GREATEST(w.updated_at_ms, $10)
     WHERE w.workspace_id = $1 AND w.id = $2 RETURNING ${WEBHOOK_COLUMNS}`,
    [
      workspaceId,
      id,
      change.name,
      change.description,
      change.url,
      change.events,
      change.status,
      change.secret !== undefined,
      change.secret ?? null,
      change.nowMs,
    ],
  );
  return rows[0] === undefined ? null : toWebhook(rows[0]);
}

/** Removes a webhook with its deliveries; null where there is none. */
export async function deleteWebhook(db: Queryable, workspaceId: string, id: string): Promise<Webhook | null> {
  const rows = await db.sql<WebhookRow>(`DELETE FROM webhook w WHERE w.workspace_id = $1 AND w.id = $2 RETURNING ${WEBHOOK_COLUMNS}`, [
    workspaceId,
    id,
  ]);
  return rows[0] === undefined ? null : toWebhook(rows[0]);
}

/** The sealed secret of a webhook; null where it has none. */
export async function findSecret(db: Queryable, id: string): Promise<Buffer | null> {
  const [row] = await db.sql<{ secret: Buffer | null }>('SELECT secret FROM webhook WHERE id = $1', [id]);
  return row?.secret ?? null;
}

/** All sealed secrets, of whichever workspace; a workspace has 200 webhooks at most. */
export function listSecrets(db: Queryable): Promise<{ id: string; name: string; secret: Buffer }[]> {
  return db.sql('SELECT id, name, secret FROM webhook WHERE secret IS NOT NULL ORDER BY id');
}

/** Which of these events some active webhook of the workspace is to be told of. */
export async function wantedEvents(db: Queryable, workspaceId: string, events: readonly WebhookEvent[]): Promise<Set<WebhookEvent>> {
  const rows = await db.sql<{ event: WebhookEvent }>(
    `SELECT DISTINCT e.event FROM unnest($2::text[]) AS e (event)
       JOIN webhook w ON w.workspace_id = $1 AND w.status = 'ACTIVE' AND e.event = ANY(w.events)`,
    [workspaceId, events],
  );
  return new Set(rows.map((row) => row.event));
}

/** Queues each of these for every active webhook that asked for its event, in this order. */
export async function enqueue(db: Queryable, workspaceId: string, told: readonly { event: WebhookEvent; body: string }[]): Promise<void> {
  await db.sql(
    `INSERT INTO webhook_delivery (id, webhook_id, event, body)
     SELECT gen_random_uuid(), w.id, t.event, t.body FROM unnest($2::text[], $3::text[]) WITH ORDINALITY AS t (event, body, place)
       JOIN webhook w ON w.workspace_id = $1 AND w.status = 'ACTIVE' AND t.event = ANY(w.events)
     ORDER BY t.place`,
    [workspaceId, told.map(({ event }) => event), told.map(({ body }) => body)],
  );
}

/** A delivery that was taken, with what it takes to send it. */
export interface TakenDelivery {
  id: string;
  body: string;
  /** Which attempt this is, from 1; whoever records it must still have it. */
  attempt: number;
  webhookId: string;
  url: string;
  /** Sealed. */
  secret: Buffer | null;
}

/**
 * Takes up to `limit` due deliveries, at most one of each webhook: the longest due ones of all webhooks but `except`, or those of the webhooks
 * `only`, in their order. What another server takes at the same moment is left to it.
 */
export async function takeDue(
  db: Queryable,
  { limit, leaseMs, ...which }: { limit: number; leaseMs: number } & ({ except: readonly string[] } | { only: readonly string[] }),
): Promise<TakenDelivery[]> {
  const [except, only] = 'only' in which ? [[], which.only] : [which.except, null];
  return db.sql<TakenDelivery>(
    `WITH due AS (
       SELECT d.id, w.url, w.secret FROM webhook w CROSS JOIN LATERAL (
         SELECT x.id, x.due_at, x.sequence FROM webhook_delivery x WHERE x.webhook_id = w.id AND x.state = 'PENDING' AND x.due_at <= now()
         ORDER BY x.due_at, x.sequence LIMIT 1 FOR UPDATE SKIP LOCKED) d
       WHERE w.status = 'ACTIVE' AND w.id <> ALL($1::uuid[]) AND ($4::uuid[] IS NULL OR w.id = ANY($4))
       ORDER BY array_position($4, w.id), d.due_at, d.sequence LIMIT $2)
     UPDATE webhook_delivery d SET attempts = d.attempts + 1, attempted_at = now(), due_at = now() + $3::float8 * interval '1 millisecond'
     FROM due WHERE d.id = due.id
     RETURNING d.id, d.body, d.attempts AS attempt, d.webhook_id AS "webhookId", due.url, due.secret`,
    [except, limit, leaseMs, only],
  );
}

export interface Outcome {
  state: DeliveryState;
  /** Milliseconds until it is tried again, of one that is pending still. */
  againInMs: number;
  responseStatus: number | null;
  error: string | null;
}

/** Records what an attempt came to, unless its lease was over and another attempt has begun. */
export async function recordOutcome(db: Queryable, taken: TakenDelivery, outcome: Outcome): Promise<void> {
  await db.sql(
    `UPDATE webhook_delivery SET state = $3::"WebhookDeliveryState", due_at = now() + $4::float8 * interval '1 millisecond',
       finished_at = CASE WHEN $3 = 'PENDING' THEN NULL ELSE now() END, response_status = $5, error = $6
     WHERE id = $1 AND attempts = $2 AND state = 'PENDING'`,
    [taken.id, taken.attempt, outcome.state, outcome.againInMs, outcome.responseStatus, outcome.error],
  );
}

/** Gives back a delivery whose attempt was broken off, as if it had not begun. */
export async function giveBack(db: Queryable, taken: TakenDelivery): Promise<void> {
  await db.sql(
    `UPDATE webhook_delivery SET attempts = attempts - 1, due_at = now() WHERE id = $1 AND attempts = $2 AND state = 'PENDING'`,
    [taken.id, taken.attempt],
  );
}

/** Removes up to `limit` deliveries that were done before so many days; answers how many. */
export async function removeDone(db: Queryable, { days, limit }: { days: number; limit: number }): Promise<number> {
  const rows = await db.sql(
    `DELETE FROM webhook_delivery WHERE id IN (
       SELECT id FROM webhook_delivery WHERE finished_at < now() - $1::int * interval '1 day' ORDER BY finished_at LIMIT $2) RETURNING id`,
    [days, limit],
  );
  return rows.length;
}

const DELIVERY_COLUMNS = `d.id, d.sequence, d.webhook_id, d.event, d.body, d.state, d.attempts, d.due_at, d.created_at, d.attempted_at,
  d.finished_at, d.response_status, d.error`;

interface DeliveryRow {
  id: string;
  sequence: number;
  webhook_id: string;
  event: WebhookEvent;
  body: string;
  state: DeliveryState;
  attempts: number;
  due_at: Date;
  created_at: Date;
  attempted_at: Date | null;
  finished_at: Date | null;
  response_status: number | null;
  error: string | null;
}

function toDelivery(row: DeliveryRow): WebhookDelivery {
  return {
    id: row.id,
    sequence: row.sequence,
    webhookId: row.webhook_id,
    event: row.event,
    body: row.body,
    state: row.state,
    attempts: row.attempts,
    createdAt: row.created_at,
    attemptedAt: row.attempted_at,
    nextAttemptAt: row.state === 'PENDING' ? row.due_at : null,
    finishedAt: row.finished_at,
    responseStatus: row.response_status,
    error: row.error,
  };
}

/** The first `limit` deliveries of each webhook, newest first, before the one with the number `before` where one is given. */
export async function newestDeliveries(
  db: Queryable,
  workspaceId: string,
  webhookIds: readonly string[],
  page: { state: DeliveryState | null; before: number | null; limit: number },
): Promise<WebhookDelivery[]> {
  const rows = await db.sql<DeliveryRow>(
    `SELECT ${DELIVERY_COLUMNS} FROM webhook w CROSS JOIN LATERAL (
       SELECT * FROM webhook_delivery x WHERE x.webhook_id = w.id
         AND ($3::"WebhookDeliveryState" IS NULL OR x.state = $3) AND ($4::bigint IS NULL OR x.sequence < $4)
       ORDER BY x.sequence DESC LIMIT $5) d
     WHERE w.workspace_id = $1 AND w.id = ANY($2::uuid[]) ORDER BY d.webhook_id, d.sequence DESC`,
    [workspaceId, webhookIds, page.state, page.before, page.limit],
  );
  return rows.map(toDelivery);
}

export async function findDelivery(db: Queryable, workspaceId: string, id: string): Promise<WebhookDelivery | null> {
  const [row] = await db.sql<DeliveryRow>(
    `SELECT ${DELIVERY_COLUMNS} FROM webhook_delivery d JOIN webhook w ON w.id = d.webhook_id WHERE w.workspace_id = $1 AND d.id = $2`,
    [workspaceId, id],
  );
  return row === undefined ? null : toDelivery(row);
}

/** Queues a delivery that is done once more, with all its attempts; null where it is pending or gone. */
export async function queueAgain(db: Queryable, id: string): Promise<WebhookDelivery | null> {
  const [row] = await db.sql<DeliveryRow>(
    `UPDATE webhook_delivery d SET state = 'PENDING', attempts = 0, due_at = now(), finished_at = NULL, response_status = NULL, error = NULL
     WHERE d.id = $1 AND d.state <> 'PENDING' RETURNING ${DELIVERY_COLUMNS}`,
    [id],
  );
  return row === undefined ? null : toDelivery(row);
}
