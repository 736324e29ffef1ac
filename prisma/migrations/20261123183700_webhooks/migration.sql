-- Webhooks and their deliveries: each delivery is the queue's job and the log's entry in one row.

CREATE TYPE "WebhookStatus" AS ENUM ('ACTIVE', 'DISABLED');
CREATE TYPE "WebhookDeliveryState" AS ENUM ('PENDING', 'DELIVERED', 'FAILED');

CREATE TABLE "webhook" (
    "id" UUID NOT NULL,
    "workspace_id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "description" TEXT NOT NULL DEFAULT '',
    "url" TEXT NOT NULL,
    "events" TEXT[],
    "secret" BYTEA,
    "status" "WebhookStatus" NOT NULL DEFAULT 'ACTIVE',
    "created_at_ms" BIGINT NOT NULL,
    "updated_at_ms" BIGINT NOT NULL,

    CONSTRAINT "webhook_pkey" PRIMARY KEY ("id")
);

CREATE TABLE "webhook_delivery" (
    "id" UUID NOT NULL,
    "sequence" BIGSERIAL NOT NULL,
    "webhook_id" UUID NOT NULL,
    "event" TEXT NOT NULL,
    "body" TEXT NOT NULL,
    "state" "WebhookDeliveryState" NOT NULL DEFAULT 'PENDING',
    "attempts" INTEGER NOT NULL DEFAULT 0,
    "due_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "attempted_at" TIMESTAMPTZ(3),
    "finished_at" TIMESTAMPTZ(3),
    "response_status" INTEGER,
    "error" TEXT,

    CONSTRAINT "webhook_delivery_pkey" PRIMARY KEY ("id")
);

CREATE INDEX "webhook_workspace_id_created_at_ms_id_idx" ON "webhook" ("workspace_id", "created_at_ms" DESC, "id" DESC);
CREATE UNIQUE INDEX "webhook_delivery_sequence_key" ON "webhook_delivery" ("sequence");
CREATE INDEX "webhook_delivery_webhook_id_sequence_idx" ON "webhook_delivery" ("webhook_id", "sequence" DESC);

ALTER TABLE "webhook_delivery" ADD CONSTRAINT "webhook_delivery_webhook_id_fkey"
  FOREIGN KEY ("webhook_id") REFERENCES "webhook" ("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- What Prisma's language cannot say. The queue looks for the first due delivery of each webhook, and the cleaning for what is long done:
-- neither may cost more where the other has grown.
CREATE INDEX "webhook_delivery_due_idx" ON "webhook_delivery" ("webhook_id", "due_at", "sequence") WHERE "state" = 'PENDING';
CREATE INDEX "webhook_delivery_finished_idx" ON "webhook_delivery" ("finished_at") WHERE "finished_at" IS NOT NULL;

ALTER TABLE "webhook" ADD CONSTRAINT "webhook_events_check" CHECK (cardinality("events") BETWEEN 1 AND 100);
ALTER TABLE "webhook_delivery" ADD CONSTRAINT "webhook_delivery_finished_check"
  CHECK (("state" = 'PENDING') = ("finished_at" IS NULL) AND "attempts" >= 0);
