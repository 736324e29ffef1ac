-- Indexes that answer searches by themselves, without a look at the rows that they point to.

-- A metric's values in their order: ranges are found in it, and the runs in the order of a metric are read off it.
CREATE INDEX "metric_summary_key_value_run_id_idx" ON "metric_summary" ("key", "value", "run_id");
DROP INDEX "metric_summary_key_run_id_idx";

-- Values that fit an index entry are in it whole, by bytes, which equality and beginnings both use; of longer ones the beginning is.
DROP INDEX "run_param_key_value_idx";
DROP INDEX "run_tag_key_value_idx";
CREATE INDEX "run_param_short_value_idx" ON "run_param" ("key", "value" COLLATE "C", "run_id") WHERE octet_length("value") <= 128;
CREATE INDEX "run_param_long_value_idx" ON "run_param" ("key", left("value", 64), "run_id") WHERE octet_length("value") > 128;
CREATE INDEX "run_tag_short_value_idx" ON "run_tag" ("key", "value" COLLATE "C", "run_id") WHERE octet_length("value") <= 128;
CREATE INDEX "run_tag_long_value_idx" ON "run_tag" ("key", left("value", 64), "run_id") WHERE octet_length("value") > 128;

-- Keys and values go together, which the planner has to be told: alone, each value seems equally rare under every key.
CREATE STATISTICS "run_param_key_value" (mcv) ON "key", "value", octet_length("value") FROM "run_param";
ALTER STATISTICS "run_param_key_value" SET STATISTICS 500;
CREATE STATISTICS "run_tag_key_value" (mcv) ON "key", "value", octet_length("value") FROM "run_tag";
ALTER STATISTICS "run_tag_key_value" SET STATISTICS 500;

-- People look for runs by their names.
CREATE INDEX "run_experiment_id_name_idx" ON "run" ("experiment_id", "name" COLLATE "C");

-- The statistics exist once somebody has looked.
ANALYZE "run_param", "run_tag", "metric_summary", "run";
