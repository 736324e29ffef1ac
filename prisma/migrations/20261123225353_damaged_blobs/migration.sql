-- Whoever pushes asks which of his folders have a damaged file: there are few damaged files, and very many files.
CREATE INDEX "blob_damaged_idx" ON "blob" ("sha256") WHERE "integrity" = 'DAMAGED';
