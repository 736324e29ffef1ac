-- Metrics are appended batch by batch (metric_batch), and settled into chunks and summaries afterwards.

CREATE TABLE "metric_batch" (
    "run_id" UUID NOT NULL,
    "id" BIGSERIAL NOT NULL,
    "point_count" INTEGER NOT NULL,
    "points" BYTEA NOT NULL,
    "logged_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "metric_batch_pkey" PRIMARY KEY ("run_id","id"),
    CONSTRAINT "metric_batch_points_check" CHECK ("point_count" > 0 AND octet_length("points") > 8 * "point_count")
);
-- Points are doubles and differ in their low bytes: trying to compress them costs time and saves little.
ALTER TABLE "metric_batch" ALTER COLUMN "points" SET STORAGE EXTERNAL;
-- Rows come and go: what is gone is to be cleared away after some thousand of them, however many there are.
ALTER TABLE "metric_batch" SET (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000,
  toast.autovacuum_vacuum_scale_factor = 0, toast.autovacuum_vacuum_threshold = 20000);

-- What was logged so far is settled anew: its chunks may overlap and hold points twice. Each becomes a batch of the layout 1: the key behind
-- its length in two bytes, then the points as they are. The server settles them when it starts, being old; whoever reads a run before that
-- settles it.
INSERT INTO "metric_batch" ("run_id", "point_count", "points", "logged_at")
SELECT "run_id", "point_count",
  '\x01'::bytea || int2send(octet_length("key")::int2) || convert_to("key", 'UTF8') || substring("points" FROM 2), 'epoch'
FROM "metric_chunk" ORDER BY "id";

DROP TABLE "metric_chunk";
CREATE TABLE "metric_chunk" (
    "run_id" UUID NOT NULL,
    "key" TEXT COLLATE "C" NOT NULL,
    "first_step" BIGINT NOT NULL,
    "first_timestamp_ms" BIGINT NOT NULL,
    "id" BIGSERIAL NOT NULL,
    "last_step" BIGINT NOT NULL,
    "min_timestamp_ms" BIGINT NOT NULL,
    "max_timestamp_ms" BIGINT NOT NULL,
    "point_count" INTEGER NOT NULL,
    "generation" BIGINT NOT NULL,
    "rollup" BYTEA NOT NULL,
    "coarse" BYTEA NOT NULL,
    "fine" BYTEA NOT NULL,
    "points" BYTEA NOT NULL,

    CONSTRAINT "metric_chunk_pkey" PRIMARY KEY ("run_id","key","first_step","first_timestamp_ms","id"),
    CONSTRAINT "metric_chunk_points_check" CHECK ("point_count" BETWEEN 1 AND 4096 AND octet_length("points") > 8 * "point_count"
      AND octet_length("rollup") = 104 AND "first_step" <= "last_step" AND "min_timestamp_ms" <= "max_timestamp_ms")
);
ALTER TABLE "metric_chunk" ALTER COLUMN "points" SET STORAGE EXTERNAL, ALTER COLUMN "fine" SET STORAGE EXTERNAL,
  ALTER COLUMN "coarse" SET STORAGE EXTERNAL, ALTER COLUMN "rollup" SET STORAGE PLAIN;

-- Settling writes every summary anew, with how many points it stands for.
TRUNCATE "metric_summary";
ALTER TABLE "metric_summary" ADD COLUMN "point_count" INTEGER NOT NULL, ADD COLUMN "generation" BIGINT NOT NULL;
ALTER TABLE "metric_summary" ADD CONSTRAINT "metric_summary_points_check" CHECK ("point_count" > 0);

ALTER TABLE "metric_batch" ADD CONSTRAINT "metric_batch_run_id_fkey" FOREIGN KEY ("run_id") REFERENCES "run"("id") ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE "metric_chunk" ADD CONSTRAINT "metric_chunk_run_id_fkey" FOREIGN KEY ("run_id") REFERENCES "run"("id") ON DELETE CASCADE ON UPDATE CASCADE;
