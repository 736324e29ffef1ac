-- What the models cannot express about content: byte order of paths, lengths of hashes, and indexes over what is pending.

-- Manifests are sorted by the bytes of their paths, whatever the locale of the database; a folder is then one range of the index.
ALTER TABLE "manifest_entry" ALTER COLUMN "path" TYPE TEXT COLLATE "C";
ALTER TABLE "manifest_folder" ALTER COLUMN "path" TYPE TEXT COLLATE "C";
ALTER TABLE "file_set_entry" ALTER COLUMN "path" TYPE TEXT COLLATE "C";

-- A path is an index key, and PostgreSQL refuses those over a third of a page.
ALTER TABLE "manifest_entry" ADD CONSTRAINT "manifest_entry_path_check"
  CHECK (octet_length("path") BETWEEN 1 AND 2048 AND left("path", 1) <> '/' AND right("path", 1) <> '/');
ALTER TABLE "file_set_entry" ADD CONSTRAINT "file_set_entry_path_check"
  CHECK (octet_length("path") BETWEEN 1 AND 2048 AND left("path", 1) <> '/' AND right("path", 1) <> '/');

ALTER TABLE "blob" ADD CONSTRAINT "blob_hash_check"
  CHECK (octet_length("sha256") = 32 AND octet_length("md5") = 16 AND "size_bytes" >= 0);
ALTER TABLE "blob" ADD CONSTRAINT "blob_checked_check"
  CHECK ("integrity" = 'UNCHECKED' OR "checked_at" IS NOT NULL);
ALTER TABLE "blob_grant" ADD CONSTRAINT "blob_grant_hash_check"
  CHECK (octet_length("md5") = 16);

-- The digest is the SHA-256 of the canonical bytes, and those are a blob: the same value twice, kept apart for its meaning.
ALTER TABLE "manifest" ADD CONSTRAINT "manifest_digest_check"
  CHECK (octet_length("digest") = 32 AND "digest" = "blob_sha256" AND "file_count" >= 0 AND "total_bytes" >= 0);
ALTER TABLE "manifest" ADD CONSTRAINT "manifest_dvc_md5_check"
  CHECK (CASE "kind" WHEN 'DIR' THEN "dvc_md5" ~ '^[0-9a-f]{32}\.dir$' ELSE "dvc_md5" ~ '^[0-9a-f]{32}$' AND "file_count" = 1 END);

ALTER TABLE "upload" ADD CONSTRAINT "upload_size_check"
  CHECK (octet_length("sha256") = 32 AND "offset_bytes" BETWEEN 0 AND "size_bytes");

-- Workers ask for what is still to be done; finished jobs and items must not slow them.
CREATE INDEX "verification_job_pending_idx" ON "verification_job" ("created_at") WHERE "state" IN ('QUEUED', 'RUNNING');
CREATE INDEX "verification_item_pending_idx" ON "verification_item" ("job_id", "sha256") WHERE "outcome" IS NULL;
