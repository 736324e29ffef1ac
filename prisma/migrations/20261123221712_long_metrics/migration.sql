-- A metric of more than 2^31 points could not be settled: its count did not fit.
ALTER TABLE "metric_summary" ALTER COLUMN "point_count" SET DATA TYPE BIGINT;
