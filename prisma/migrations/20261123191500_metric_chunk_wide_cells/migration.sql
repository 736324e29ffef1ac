-- Cells of 1,024 points, between those of 256 and the whole chunk: of whatever size a series is, some cells are then few and fine enough.
ALTER TABLE "metric_chunk" ADD COLUMN "wide" BYTEA NOT NULL DEFAULT ''::bytea;
ALTER TABLE "metric_chunk" ALTER COLUMN "wide" DROP DEFAULT, ALTER COLUMN "wide" SET STORAGE PLAIN;
-- A chart of very many points reads these few cells of each chunk, and nothing else of it: points and finer cells are kept beside the rows,
-- which so stay together on few pages.
ALTER TABLE "metric_chunk" SET (toast_tuple_target = 256);
