-- What the models cannot express about tracking.

-- Ids and keys sort by their bytes, whatever the locale of the database: cursors and orders then mean the same everywhere.
ALTER TABLE "run" ALTER COLUMN "run_id" TYPE TEXT COLLATE "C";
ALTER TABLE "logged_model" ALTER COLUMN "model_id" TYPE TEXT COLLATE "C";
ALTER TABLE "metric_chunk" ALTER COLUMN "key" TYPE TEXT COLLATE "C";
ALTER TABLE "metric_summary" ALTER COLUMN "key" TYPE TEXT COLLATE "C";
ALTER TABLE "run_param" ALTER COLUMN "key" TYPE TEXT COLLATE "C";
ALTER TABLE "run_tag" ALTER COLUMN "key" TYPE TEXT COLLATE "C";

ALTER TABLE "run" ADD CONSTRAINT "run_id_check" CHECK ("run_id" ~ '^[a-zA-Z0-9][a-zA-Z0-9_-]{0,255}$');
ALTER TABLE "run" ADD CONSTRAINT "run_parent_check" CHECK ("parent_id" IS DISTINCT FROM "id");
ALTER TABLE "run" ADD CONSTRAINT "run_deleted_check" CHECK (("lifecycle" = 'DELETED') = ("deleted_at" IS NOT NULL));
ALTER TABLE "experiment" ADD CONSTRAINT "experiment_id_check" CHECK ("experiment_id" >= 0);

-- A chunk is one byte of version and 24 bytes a point; what is not a number of points long was cut.
ALTER TABLE "metric_chunk" ADD CONSTRAINT "metric_chunk_points_check"
  CHECK ("point_count" > 0 AND octet_length("points") = 1 + 24 * "point_count" AND "min_step" <= "max_step" AND "min_timestamp_ms" <= "max_timestamp_ms");
-- Points are doubles and differ in their low bytes: trying to compress them costs time and saves little.
ALTER TABLE "metric_chunk" ALTER COLUMN "points" SET STORAGE EXTERNAL;

-- Each batch updates its summaries; room in their pages keeps the new versions there, without touching an index.
ALTER TABLE "metric_summary" SET (fillfactor = 75);

-- What filters look for. Values are up to 8,000 characters long and an index takes a third of a page: it holds their beginnings.
CREATE INDEX "run_param_key_value_idx" ON "run_param" ("key", left("value", 64), "run_id");
CREATE INDEX "run_tag_key_value_idx" ON "run_tag" ("key", left("value", 64), "run_id");

ALTER TABLE "dataset_input" ADD CONSTRAINT "dataset_input_resolved_check"
  CHECK (("dataset_version_id" IS NULL) = ("resolved_at" IS NULL) AND ("dataset_version_id" IS NOT NULL OR "evidence" = 'ASSERTED'));
-- A version that is registered looks for the inputs that were waiting for it.
CREATE INDEX "dataset_input_waiting_idx" ON "dataset_input" ("workspace_id", "claim") WHERE "dataset_version_id" IS NULL AND "claim" IS NOT NULL;

ALTER TABLE "run_read" ADD CONSTRAINT "run_read_hash_check" CHECK (octet_length("sha256") = 32);
