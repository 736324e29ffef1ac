-- What tables among the files of dataset versions hold, column by column: found in the background, once for each content.

CREATE TABLE "table_profile" (
    "sha256" BYTEA NOT NULL,
    "format" TEXT NOT NULL,
    "state" "JobState" NOT NULL DEFAULT 'QUEUED',
    "workspace_id" UUID NOT NULL,
    "size_bytes" BIGINT NOT NULL,
    "result" JSONB,
    "problem" JSONB,
    "finished_at" TIMESTAMPTZ(3),
    "lost" INTEGER NOT NULL DEFAULT 0,
    "retries" INTEGER NOT NULL DEFAULT 0,
    "not_before" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "lease_id" UUID,
    "lease_until" TIMESTAMPTZ(3),

    CONSTRAINT "table_profile_pkey" PRIMARY KEY ("sha256","format"),
    CONSTRAINT "table_profile_check" CHECK (("state" = 'DONE') = ("result" IS NOT NULL) AND ("state" <> 'FAILED' OR "problem" IS NOT NULL))
);

-- A worker finds what is next, and its own, without reading what is done.
CREATE INDEX "table_profile_open_idx" ON "table_profile"("not_before", "sha256") WHERE "state" IN ('QUEUED', 'RUNNING');
CREATE INDEX "table_profile_lease_idx" ON "table_profile"("lease_id") WHERE "lease_id" IS NOT NULL;

-- It is no reason to keep the bytes, and goes with them.
ALTER TABLE "table_profile" ADD CONSTRAINT "table_profile_sha256_fkey" FOREIGN KEY ("sha256") REFERENCES "blob"("sha256") ON DELETE CASCADE ON UPDATE CASCADE;

-- Versions whose tables are still to be found.
CREATE TABLE "profile_request" (
    "version_id" UUID NOT NULL,
    "workspace_id" UUID NOT NULL,
    "not_before" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "profile_request_pkey" PRIMARY KEY ("version_id")
);

CREATE INDEX "profile_request_not_before_version_id_idx" ON "profile_request"("not_before", "version_id");
ALTER TABLE "profile_request" ADD CONSTRAINT "profile_request_version_id_fkey" FOREIGN KEY ("version_id") REFERENCES "dataset_version"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- Those that were registered before this release as well.
INSERT INTO "profile_request" ("version_id", "workspace_id") SELECT "id", "workspace_id" FROM "dataset_version";
