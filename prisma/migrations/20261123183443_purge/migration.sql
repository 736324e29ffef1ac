-- Purging: removing for good what was deleted, with a row for the job and one for each thing that it looks at.

CREATE TYPE "PurgeKind" AS ENUM ('RUN', 'LOGGED_MODEL', 'EXPERIMENT');
CREATE TYPE "PurgeItemState" AS ENUM ('PENDING', 'DOOMED', 'PURGED', 'KEPT');

CREATE TABLE "purge_job" (
    "id" UUID NOT NULL,
    "workspace_id" UUID NOT NULL,
    "state" "JobState" NOT NULL DEFAULT 'QUEUED',
    "dry_run" BOOLEAN NOT NULL,
    "before" TIMESTAMPTZ(3) NOT NULL,
    "only" JSONB,
    "phase" TEXT NOT NULL DEFAULT 'PLAN',
    "counts" JSONB NOT NULL DEFAULT '{}',
    "requested_by" TEXT NOT NULL,
    "error" TEXT,
    "lease_id" UUID,
    "lease_until" TIMESTAMPTZ(3),
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "started_at" TIMESTAMPTZ(3),
    "finished_at" TIMESTAMPTZ(3),

    CONSTRAINT "purge_job_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "purge_job_phase_check" CHECK ("phase" IN ('PLAN', 'DELETE', 'COLLECT'))
);
CREATE INDEX "purge_job_workspace_id_created_at_idx" ON "purge_job"("workspace_id", "created_at");
-- One at a time, whatever the code does.
CREATE UNIQUE INDEX "purge_job_unfinished_key" ON "purge_job" ((true)) WHERE "state" IN ('QUEUED', 'RUNNING');

CREATE TABLE "purge_item" (
    "job_id" UUID NOT NULL,
    "kind" "PurgeKind" NOT NULL,
    "id" UUID NOT NULL,
    "state" "PurgeItemState" NOT NULL DEFAULT 'PENDING',
    "reason" TEXT,

    CONSTRAINT "purge_item_pkey" PRIMARY KEY ("job_id", "kind", "id"),
    CONSTRAINT "purge_item_reason_check" CHECK (("state" = 'KEPT') = ("reason" IS NOT NULL)),
    CONSTRAINT "purge_item_job_id_fkey" FOREIGN KEY ("job_id") REFERENCES "purge_job"("id") ON DELETE CASCADE ON UPDATE CASCADE
);
CREATE INDEX "purge_item_job_id_kind_state_id_idx" ON "purge_item"("job_id", "kind", "state", "id");

-- Which models a run measured: asked before the run goes.
CREATE INDEX "logged_model_metric_run_id_idx" ON "logged_model_metric"("run_id");
