-- Files that go straight from a client into the object store, in parts.
CREATE TABLE "direct_upload" (
    "id" UUID NOT NULL,
    "workspace_id" UUID NOT NULL,
    "principal_id" UUID NOT NULL,
    "writer_run_id" UUID,
    "target" TEXT NOT NULL,
    "part_count" INTEGER NOT NULL,
    "storage_key" TEXT NOT NULL,
    "multipart_id" TEXT NOT NULL,
    "sha256" BYTEA,
    "lease_id" UUID,
    "lease_until" TIMESTAMPTZ(3),
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "direct_upload_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "direct_upload_check" CHECK ("part_count" BETWEEN 1 AND 10000 AND octet_length("sha256") = 32)
);

CREATE UNIQUE INDEX "direct_upload_storage_key_key" ON "direct_upload"("storage_key");
CREATE INDEX "direct_upload_workspace_id_created_at_idx" ON "direct_upload"("workspace_id", "created_at");
CREATE INDEX "direct_upload_created_at_idx" ON "direct_upload"("created_at");
