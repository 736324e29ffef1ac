-- What DVC's clients push: the lists of files that it keeps folders as, and how long what no version names is kept.

-- When a client last pushed these bytes as an object of DVC, or relied on their being here; absent for bytes that came otherwise.
ALTER TABLE "blob_grant" ADD COLUMN "pushed_at" TIMESTAMPTZ(3);

-- A folder as DVC knows it: an object whose name ends in .dir.
CREATE TABLE "dvc_tree" (
    "id" UUID NOT NULL,
    "workspace_id" UUID NOT NULL,
    "md5" BYTEA NOT NULL,
    "legacy" BOOLEAN NOT NULL,
    "sha256" BYTEA NOT NULL,
    "file_count" INTEGER NOT NULL,
    "total_bytes" BIGINT NOT NULL,
    "pushed_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "dvc_tree_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "dvc_tree_check" CHECK (octet_length("md5") = 16 AND "file_count" >= 0 AND "total_bytes" >= 0)
);

CREATE UNIQUE INDEX "dvc_tree_workspace_id_md5_legacy_key" ON "dvc_tree"("workspace_id", "md5", "legacy");
CREATE INDEX "dvc_tree_sha256_idx" ON "dvc_tree"("sha256");
CREATE INDEX "dvc_tree_pushed_at_idx" ON "dvc_tree"("pushed_at");

-- The bytes in a folder, each once: as long as the folder is kept, so are they.
CREATE TABLE "dvc_tree_file" (
    "tree_id" UUID NOT NULL,
    "sha256" BYTEA NOT NULL,

    CONSTRAINT "dvc_tree_file_pkey" PRIMARY KEY ("tree_id","sha256")
);

CREATE INDEX "dvc_tree_file_sha256_idx" ON "dvc_tree_file"("sha256");

-- DVC 2 named text files by the MD5 that they would have with other line ends. Such a name, where it is not the MD5 of the bytes themselves.
CREATE TABLE "dvc_legacy_name" (
    "workspace_id" UUID NOT NULL,
    "md5" BYTEA NOT NULL,
    "sha256" BYTEA NOT NULL,

    CONSTRAINT "dvc_legacy_name_pkey" PRIMARY KEY ("workspace_id","md5"),
    CONSTRAINT "dvc_legacy_name_check" CHECK (octet_length("md5") = 16)
);

CREATE INDEX "dvc_legacy_name_sha256_idx" ON "dvc_legacy_name"("sha256");

ALTER TABLE "dvc_tree" ADD CONSTRAINT "dvc_tree_sha256_fkey" FOREIGN KEY ("sha256") REFERENCES "blob"("sha256") ON DELETE RESTRICT ON UPDATE CASCADE;
ALTER TABLE "dvc_tree_file" ADD CONSTRAINT "dvc_tree_file_tree_id_fkey" FOREIGN KEY ("tree_id") REFERENCES "dvc_tree"("id") ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE "dvc_tree_file" ADD CONSTRAINT "dvc_tree_file_sha256_fkey" FOREIGN KEY ("sha256") REFERENCES "blob"("sha256") ON DELETE RESTRICT ON UPDATE CASCADE;
ALTER TABLE "dvc_legacy_name" ADD CONSTRAINT "dvc_legacy_name_sha256_fkey" FOREIGN KEY ("sha256") REFERENCES "blob"("sha256") ON DELETE CASCADE ON UPDATE CASCADE;
