-- CreateSchema
CREATE SCHEMA IF NOT EXISTS "public";

-- CreateEnum
CREATE TYPE "TokenScope" AS ENUM ('READ', 'WRITE', 'ADMIN');

-- CreateEnum
CREATE TYPE "Integrity" AS ENUM ('UNCHECKED', 'INTACT', 'DAMAGED');

-- CreateEnum
CREATE TYPE "ManifestKind" AS ENUM ('DIR', 'FILE');

-- CreateEnum
CREATE TYPE "JobState" AS ENUM ('QUEUED', 'RUNNING', 'DONE', 'FAILED');

-- CreateEnum
CREATE TYPE "RetractionAction" AS ENUM ('RETRACT', 'REINSTATE');

-- CreateEnum
CREATE TYPE "AliasAction" AS ENUM ('PROMOTE', 'REMOVE');

-- CreateEnum
CREATE TYPE "AliasOutcome" AS ENUM ('APPLIED', 'REFUSED');

-- CreateEnum
CREATE TYPE "Evidence" AS ENUM ('ASSERTED', 'OBSERVED', 'MATCHED');

-- CreateEnum
CREATE TYPE "Lifecycle" AS ENUM ('ACTIVE', 'DELETED');

-- CreateEnum
CREATE TYPE "RunStatus" AS ENUM ('RUNNING', 'SCHEDULED', 'FINISHED', 'FAILED', 'KILLED');

-- CreateEnum
CREATE TYPE "LoggedModelStatus" AS ENUM ('PENDING', 'READY', 'UPLOAD_FAILED');

-- CreateEnum
CREATE TYPE "ModelLinkDirection" AS ENUM ('INPUT', 'OUTPUT');

-- CreateTable
CREATE TABLE "workspace" (
    "id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "workspace_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "principal" (
    "id" UUID NOT NULL,
    "workspace_id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "principal_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "token" (
    "id" UUID NOT NULL,
    "workspace_id" UUID NOT NULL,
    "principal_id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "hash" BYTEA NOT NULL,
    "hint" TEXT NOT NULL,
    "scope" "TokenScope" NOT NULL,
    "run_id" UUID,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "expires_at" TIMESTAMPTZ(3),
    "last_used_at" TIMESTAMPTZ(3),
    "revoked_at" TIMESTAMPTZ(3),

    CONSTRAINT "token_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "blob" (
    "sha256" BYTEA NOT NULL,
    "md5" BYTEA NOT NULL,
    "size_bytes" BIGINT NOT NULL,
    "storage_key" TEXT NOT NULL,
    "integrity" "Integrity" NOT NULL DEFAULT 'UNCHECKED',
    "checked_at" TIMESTAMPTZ(3),
    "checked_by" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "last_put_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "blob_pkey" PRIMARY KEY ("sha256")
);

-- CreateTable
CREATE TABLE "blob_grant" (
    "workspace_id" UUID NOT NULL,
    "sha256" BYTEA NOT NULL,
    "md5" BYTEA NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "blob_grant_pkey" PRIMARY KEY ("workspace_id","sha256")
);

-- CreateTable
CREATE TABLE "manifest" (
    "id" UUID NOT NULL,
    "workspace_id" UUID NOT NULL,
    "digest" BYTEA NOT NULL,
    "kind" "ManifestKind" NOT NULL,
    "file_count" INTEGER NOT NULL,
    "total_bytes" BIGINT NOT NULL,
    "dvc_md5" TEXT NOT NULL,
    "blob_sha256" BYTEA NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "touched_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "manifest_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "manifest_entry" (
    "manifest_id" UUID NOT NULL,
    "path" TEXT NOT NULL,
    "sha256" BYTEA NOT NULL,
    "executable" BOOLEAN NOT NULL DEFAULT false,

    CONSTRAINT "manifest_entry_pkey" PRIMARY KEY ("manifest_id","path")
);

-- CreateTable
CREATE TABLE "manifest_folder" (
    "manifest_id" UUID NOT NULL,
    "path" TEXT NOT NULL,
    "file_count" INTEGER NOT NULL,
    "total_bytes" BIGINT NOT NULL,

    CONSTRAINT "manifest_folder_pkey" PRIMARY KEY ("manifest_id","path")
);

-- CreateTable
CREATE TABLE "file_set" (
    "id" UUID NOT NULL,
    "workspace_id" UUID NOT NULL,
    "revision" BIGINT NOT NULL DEFAULT 0,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "file_set_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "file_set_entry" (
    "file_set_id" UUID NOT NULL,
    "path" TEXT NOT NULL,
    "sha256" BYTEA NOT NULL,
    "executable" BOOLEAN NOT NULL DEFAULT false,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "writer_run_id" UUID,

    CONSTRAINT "file_set_entry_pkey" PRIMARY KEY ("file_set_id","path")
);

-- CreateTable
CREATE TABLE "upload" (
    "id" UUID NOT NULL,
    "workspace_id" UUID NOT NULL,
    "principal_id" UUID NOT NULL,
    "sha256" BYTEA NOT NULL,
    "size_bytes" BIGINT NOT NULL,
    "offset_bytes" BIGINT NOT NULL DEFAULT 0,
    "storage_key" TEXT NOT NULL,
    "multipart_id" TEXT,
    "part_bytes" BIGINT NOT NULL,
    "lease_id" UUID,
    "lease_until" TIMESTAMPTZ(3),
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "upload_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "verification_job" (
    "id" UUID NOT NULL,
    "workspace_id" UUID NOT NULL,
    "root" TEXT NOT NULL,
    "state" "JobState" NOT NULL DEFAULT 'QUEUED',
    "total_files" INTEGER NOT NULL,
    "total_bytes" BIGINT NOT NULL,
    "checked_files" INTEGER NOT NULL DEFAULT 0,
    "checked_bytes" BIGINT NOT NULL DEFAULT 0,
    "damaged_files" INTEGER NOT NULL DEFAULT 0,
    "requested_by" TEXT NOT NULL,
    "error" TEXT,
    "lease_id" UUID,
    "lease_until" TIMESTAMPTZ(3),
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "started_at" TIMESTAMPTZ(3),
    "finished_at" TIMESTAMPTZ(3),

    CONSTRAINT "verification_job_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "verification_item" (
    "job_id" UUID NOT NULL,
    "sha256" BYTEA NOT NULL,
    "outcome" "Integrity",

    CONSTRAINT "verification_item_pkey" PRIMARY KEY ("job_id","sha256")
);

-- CreateTable
CREATE TABLE "dataset" (
    "id" UUID NOT NULL,
    "workspace_id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "description" TEXT NOT NULL DEFAULT '',
    "last_version" INTEGER NOT NULL DEFAULT 0,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "deleted_at" TIMESTAMPTZ(3),

    CONSTRAINT "dataset_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "dataset_version" (
    "id" UUID NOT NULL,
    "workspace_id" UUID NOT NULL,
    "dataset_id" UUID NOT NULL,
    "number" INTEGER NOT NULL,
    "manifest_id" UUID NOT NULL,
    "digest" BYTEA NOT NULL,
    "message" TEXT NOT NULL DEFAULT '',
    "created_by" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "retracted_at" TIMESTAMPTZ(3),
    "retracted_by" TEXT,
    "retraction_reason" TEXT,

    CONSTRAINT "dataset_version_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "dataset_pointer" (
    "dataset_id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "version_id" UUID NOT NULL,
    "since" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "dataset_pointer_pkey" PRIMARY KEY ("dataset_id","name")
);

-- CreateTable
CREATE TABLE "dataset_pointer_event" (
    "id" UUID NOT NULL,
    "dataset_id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "version_id" UUID,
    "previous_version_id" UUID,
    "actor" TEXT NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "dataset_pointer_event_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "retraction_event" (
    "id" UUID NOT NULL,
    "version_id" UUID NOT NULL,
    "action" "RetractionAction" NOT NULL,
    "actor" TEXT NOT NULL,
    "reason" TEXT NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "retraction_event_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "dataset_derivation" (
    "version_id" UUID NOT NULL,
    "from_version_id" UUID NOT NULL,
    "evidence" "Evidence" NOT NULL DEFAULT 'ASSERTED',
    "actor" TEXT NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "dataset_derivation_pkey" PRIMARY KEY ("version_id","from_version_id")
);

-- CreateTable
CREATE TABLE "sighting" (
    "id" UUID NOT NULL,
    "workspace_id" UUID NOT NULL,
    "version_id" UUID NOT NULL,
    "repository" TEXT NOT NULL,
    "path" TEXT NOT NULL,
    "commit" TEXT NOT NULL,
    "actor" TEXT NOT NULL,
    "seen_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "sighting_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "registered_model" (
    "id" UUID NOT NULL,
    "workspace_id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "description" TEXT NOT NULL DEFAULT '',
    "last_version" INTEGER NOT NULL DEFAULT 0,
    "created_at_ms" BIGINT NOT NULL,
    "updated_at_ms" BIGINT NOT NULL,
    "deleted_at" TIMESTAMPTZ(3),

    CONSTRAINT "registered_model_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "registered_model_tag" (
    "model_id" UUID NOT NULL,
    "key" TEXT NOT NULL,
    "value" TEXT NOT NULL,

    CONSTRAINT "registered_model_tag_pkey" PRIMARY KEY ("model_id","key")
);

-- CreateTable
CREATE TABLE "model_version" (
    "id" UUID NOT NULL,
    "workspace_id" UUID NOT NULL,
    "model_id" UUID NOT NULL,
    "version" INTEGER NOT NULL,
    "description" TEXT NOT NULL DEFAULT '',
    "source" TEXT NOT NULL,
    "storage_location" TEXT NOT NULL,
    "run_link" TEXT NOT NULL DEFAULT '',
    "source_run_id" TEXT,
    "run_id" UUID,
    "run_evidence" "Evidence" NOT NULL DEFAULT 'ASSERTED',
    "logged_model_id" UUID,
    "copied_from_id" UUID,
    "manifest_id" UUID,
    "digest" BYTEA,
    "no_digest_reason" TEXT,
    "stage" TEXT NOT NULL DEFAULT 'None',
    "user_id" TEXT NOT NULL DEFAULT '',
    "created_at_ms" BIGINT NOT NULL,
    "updated_at_ms" BIGINT NOT NULL,
    "deleted_at" TIMESTAMPTZ(3),

    CONSTRAINT "model_version_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "model_version_tag" (
    "version_id" UUID NOT NULL,
    "key" TEXT NOT NULL,
    "value" TEXT NOT NULL,

    CONSTRAINT "model_version_tag_pkey" PRIMARY KEY ("version_id","key")
);

-- CreateTable
CREATE TABLE "alias" (
    "model_id" UUID NOT NULL,
    "alias" TEXT NOT NULL,
    "version_id" UUID NOT NULL,
    "since" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "alias_pkey" PRIMARY KEY ("model_id","alias")
);

-- CreateTable
CREATE TABLE "alias_event" (
    "id" UUID NOT NULL,
    "sequence" BIGSERIAL NOT NULL,
    "workspace_id" UUID NOT NULL,
    "model_id" UUID NOT NULL,
    "alias" TEXT NOT NULL,
    "action" "AliasAction" NOT NULL,
    "outcome" "AliasOutcome" NOT NULL,
    "version_id" UUID,
    "previous_version_id" UUID,
    "actor" TEXT NOT NULL,
    "reason" TEXT NOT NULL DEFAULT '',
    "refusal" TEXT,
    "at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "alias_event_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "deployment" (
    "id" UUID NOT NULL,
    "sequence" BIGSERIAL NOT NULL,
    "workspace_id" UUID NOT NULL,
    "environment" TEXT NOT NULL,
    "target" TEXT NOT NULL,
    "version_id" UUID NOT NULL,
    "digest" BYTEA NOT NULL,
    "started_by" TEXT NOT NULL,
    "reason" TEXT NOT NULL DEFAULT '',
    "started_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "ended_at" TIMESTAMPTZ(3),
    "ended_by" TEXT,
    "end_reason" TEXT NOT NULL DEFAULT '',

    CONSTRAINT "deployment_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "experiment" (
    "id" UUID NOT NULL,
    "workspace_id" UUID NOT NULL,
    "experiment_id" BIGINT NOT NULL,
    "name" TEXT NOT NULL,
    "artifact_location" TEXT NOT NULL,
    "lifecycle" "Lifecycle" NOT NULL DEFAULT 'ACTIVE',
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "experiment_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "experiment_tag" (
    "experiment_id" UUID NOT NULL,
    "key" TEXT NOT NULL,
    "value" TEXT NOT NULL,

    CONSTRAINT "experiment_tag_pkey" PRIMARY KEY ("experiment_id","key")
);

-- CreateTable
CREATE TABLE "run" (
    "id" UUID NOT NULL,
    "workspace_id" UUID NOT NULL,
    "run_id" TEXT NOT NULL,
    "experiment_id" UUID NOT NULL,
    "parent_id" UUID,
    "name" TEXT NOT NULL,
    "user_id" TEXT NOT NULL DEFAULT '',
    "status" "RunStatus" NOT NULL DEFAULT 'RUNNING',
    "start_time_ms" BIGINT NOT NULL,
    "end_time_ms" BIGINT,
    "artifact_uri" TEXT NOT NULL,
    "file_set_id" UUID NOT NULL,
    "lifecycle" "Lifecycle" NOT NULL DEFAULT 'ACTIVE',
    "deleted_at" TIMESTAMPTZ(3),
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "run_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "run_param" (
    "run_id" UUID NOT NULL,
    "key" TEXT NOT NULL,
    "value" TEXT NOT NULL,

    CONSTRAINT "run_param_pkey" PRIMARY KEY ("run_id","key")
);

-- CreateTable
CREATE TABLE "run_tag" (
    "run_id" UUID NOT NULL,
    "key" TEXT NOT NULL,
    "value" TEXT NOT NULL,

    CONSTRAINT "run_tag_pkey" PRIMARY KEY ("run_id","key")
);

-- CreateTable
CREATE TABLE "metric_chunk" (
    "id" BIGSERIAL NOT NULL,
    "run_id" UUID NOT NULL,
    "key" TEXT NOT NULL,
    "min_step" BIGINT NOT NULL,
    "max_step" BIGINT NOT NULL,
    "min_timestamp_ms" BIGINT NOT NULL,
    "max_timestamp_ms" BIGINT NOT NULL,
    "point_count" INTEGER NOT NULL,
    "points" BYTEA NOT NULL,

    CONSTRAINT "metric_chunk_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "metric_summary" (
    "run_id" UUID NOT NULL,
    "key" TEXT NOT NULL,
    "step" BIGINT NOT NULL,
    "timestamp_ms" BIGINT NOT NULL,
    "value" DOUBLE PRECISION NOT NULL,
    "min" DOUBLE PRECISION NOT NULL,
    "max" DOUBLE PRECISION NOT NULL,

    CONSTRAINT "metric_summary_pkey" PRIMARY KEY ("run_id","key")
);

-- CreateTable
CREATE TABLE "logged_dataset" (
    "id" UUID NOT NULL,
    "experiment_id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "digest" TEXT NOT NULL,
    "source_type" TEXT NOT NULL,
    "source" TEXT NOT NULL,
    "schema" TEXT,
    "profile" TEXT,

    CONSTRAINT "logged_dataset_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "dataset_input" (
    "id" UUID NOT NULL,
    "workspace_id" UUID NOT NULL,
    "run_id" UUID NOT NULL,
    "dataset_id" UUID NOT NULL,
    "context" TEXT,
    "dataset_version_id" UUID,
    "evidence" "Evidence" NOT NULL DEFAULT 'ASSERTED',
    "resolved_by" TEXT,
    "claim" TEXT,
    "claimed_by" TEXT,
    "logged_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "resolved_at" TIMESTAMPTZ(3),

    CONSTRAINT "dataset_input_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "dataset_input_tag" (
    "input_id" UUID NOT NULL,
    "key" TEXT NOT NULL,
    "value" TEXT NOT NULL,

    CONSTRAINT "dataset_input_tag_pkey" PRIMARY KEY ("input_id","key")
);

-- CreateTable
CREATE TABLE "dataset_output" (
    "run_id" UUID NOT NULL,
    "dataset_version_id" UUID NOT NULL,
    "evidence" "Evidence" NOT NULL DEFAULT 'ASSERTED',
    "logged_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "dataset_output_pkey" PRIMARY KEY ("run_id","dataset_version_id")
);

-- CreateTable
CREATE TABLE "run_read" (
    "run_id" UUID NOT NULL,
    "sha256" BYTEA NOT NULL,
    "read_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "run_read_pkey" PRIMARY KEY ("run_id","sha256")
);

-- CreateTable
CREATE TABLE "logged_model" (
    "id" UUID NOT NULL,
    "workspace_id" UUID NOT NULL,
    "model_id" TEXT NOT NULL,
    "experiment_id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "model_type" TEXT,
    "status" "LoggedModelStatus" NOT NULL DEFAULT 'PENDING',
    "status_message" TEXT,
    "source_run_id" UUID,
    "source_run_evidence" "Evidence" NOT NULL DEFAULT 'ASSERTED',
    "artifact_location" TEXT NOT NULL,
    "file_set_id" UUID NOT NULL,
    "lifecycle" "Lifecycle" NOT NULL DEFAULT 'ACTIVE',
    "created_at_ms" BIGINT NOT NULL,
    "updated_at_ms" BIGINT NOT NULL,

    CONSTRAINT "logged_model_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "logged_model_tag" (
    "logged_model_id" UUID NOT NULL,
    "key" TEXT NOT NULL,
    "value" TEXT NOT NULL,

    CONSTRAINT "logged_model_tag_pkey" PRIMARY KEY ("logged_model_id","key")
);

-- CreateTable
CREATE TABLE "logged_model_param" (
    "logged_model_id" UUID NOT NULL,
    "key" TEXT NOT NULL,
    "value" TEXT NOT NULL,

    CONSTRAINT "logged_model_param_pkey" PRIMARY KEY ("logged_model_id","key")
);

-- CreateTable
CREATE TABLE "logged_model_metric" (
    "logged_model_id" UUID NOT NULL,
    "key" TEXT NOT NULL,
    "timestamp_ms" BIGINT NOT NULL,
    "step" BIGINT NOT NULL,
    "run_id" UUID NOT NULL,
    "value" DOUBLE PRECISION NOT NULL,
    "dataset_name" TEXT NOT NULL DEFAULT '',
    "dataset_digest" TEXT NOT NULL DEFAULT '',

    CONSTRAINT "logged_model_metric_pkey" PRIMARY KEY ("logged_model_id","key","timestamp_ms","step","run_id","dataset_name","dataset_digest")
);

-- CreateTable
CREATE TABLE "run_model_link" (
    "run_id" UUID NOT NULL,
    "logged_model_id" UUID NOT NULL,
    "direction" "ModelLinkDirection" NOT NULL,
    "step" BIGINT NOT NULL DEFAULT 0,

    CONSTRAINT "run_model_link_pkey" PRIMARY KEY ("run_id","logged_model_id","direction")
);

-- CreateIndex
CREATE UNIQUE INDEX "workspace_name_key" ON "workspace"("name");

-- CreateIndex
CREATE UNIQUE INDEX "principal_workspace_id_name_key" ON "principal"("workspace_id", "name");

-- CreateIndex
CREATE UNIQUE INDEX "token_hash_key" ON "token"("hash");

-- CreateIndex
CREATE INDEX "token_workspace_id_created_at_id_idx" ON "token"("workspace_id", "created_at" DESC, "id" DESC);

-- CreateIndex
CREATE UNIQUE INDEX "blob_storage_key_key" ON "blob"("storage_key");

-- CreateIndex
CREATE INDEX "blob_grant_sha256_idx" ON "blob_grant"("sha256");

-- CreateIndex
CREATE UNIQUE INDEX "blob_grant_workspace_id_md5_key" ON "blob_grant"("workspace_id", "md5");

-- CreateIndex
CREATE INDEX "manifest_workspace_id_dvc_md5_idx" ON "manifest"("workspace_id", "dvc_md5");

-- CreateIndex
CREATE INDEX "manifest_blob_sha256_idx" ON "manifest"("blob_sha256");

-- CreateIndex
CREATE INDEX "manifest_touched_at_idx" ON "manifest"("touched_at");

-- CreateIndex
CREATE UNIQUE INDEX "manifest_workspace_id_digest_key" ON "manifest"("workspace_id", "digest");

-- CreateIndex
CREATE INDEX "manifest_entry_sha256_idx" ON "manifest_entry"("sha256");

-- CreateIndex
CREATE INDEX "file_set_entry_sha256_idx" ON "file_set_entry"("sha256");

-- CreateIndex
CREATE UNIQUE INDEX "upload_storage_key_key" ON "upload"("storage_key");

-- CreateIndex
CREATE INDEX "upload_updated_at_idx" ON "upload"("updated_at");

-- CreateIndex
CREATE UNIQUE INDEX "upload_workspace_id_sha256_key" ON "upload"("workspace_id", "sha256");

-- CreateIndex
CREATE INDEX "verification_job_workspace_id_created_at_idx" ON "verification_job"("workspace_id", "created_at");

-- CreateIndex
CREATE INDEX "dataset_version_workspace_id_digest_idx" ON "dataset_version"("workspace_id", "digest");

-- CreateIndex
CREATE INDEX "dataset_version_manifest_id_idx" ON "dataset_version"("manifest_id");

-- CreateIndex
CREATE UNIQUE INDEX "dataset_version_dataset_id_number_key" ON "dataset_version"("dataset_id", "number");

-- CreateIndex
CREATE UNIQUE INDEX "dataset_version_dataset_id_digest_key" ON "dataset_version"("dataset_id", "digest");

-- CreateIndex
CREATE INDEX "dataset_pointer_version_id_idx" ON "dataset_pointer"("version_id");

-- CreateIndex
CREATE INDEX "dataset_pointer_event_dataset_id_name_at_idx" ON "dataset_pointer_event"("dataset_id", "name", "at" DESC);

-- CreateIndex
CREATE INDEX "retraction_event_version_id_at_idx" ON "retraction_event"("version_id", "at");

-- CreateIndex
CREATE INDEX "dataset_derivation_from_version_id_idx" ON "dataset_derivation"("from_version_id");

-- CreateIndex
CREATE INDEX "sighting_workspace_id_commit_path_idx" ON "sighting"("workspace_id", "commit", "path");

-- CreateIndex
CREATE UNIQUE INDEX "sighting_version_id_repository_path_commit_key" ON "sighting"("version_id", "repository", "path", "commit");

-- CreateIndex
CREATE INDEX "model_version_workspace_id_updated_at_ms_idx" ON "model_version"("workspace_id", "updated_at_ms" DESC);

-- CreateIndex
CREATE INDEX "model_version_run_id_idx" ON "model_version"("run_id");

-- CreateIndex
CREATE INDEX "model_version_logged_model_id_idx" ON "model_version"("logged_model_id");

-- CreateIndex
CREATE INDEX "model_version_copied_from_id_idx" ON "model_version"("copied_from_id");

-- CreateIndex
CREATE INDEX "model_version_manifest_id_idx" ON "model_version"("manifest_id");

-- CreateIndex
CREATE UNIQUE INDEX "model_version_model_id_version_key" ON "model_version"("model_id", "version");

-- CreateIndex
CREATE INDEX "alias_version_id_idx" ON "alias"("version_id");

-- CreateIndex
CREATE UNIQUE INDEX "alias_event_sequence_key" ON "alias_event"("sequence");

-- CreateIndex
CREATE INDEX "alias_event_model_id_alias_sequence_idx" ON "alias_event"("model_id", "alias", "sequence" DESC);

-- CreateIndex
CREATE INDEX "alias_event_model_id_sequence_idx" ON "alias_event"("model_id", "sequence" DESC);

-- CreateIndex
CREATE INDEX "alias_event_version_id_idx" ON "alias_event"("version_id");

-- CreateIndex
CREATE INDEX "alias_event_previous_version_id_idx" ON "alias_event"("previous_version_id");

-- CreateIndex
CREATE UNIQUE INDEX "deployment_sequence_key" ON "deployment"("sequence");

-- CreateIndex
CREATE INDEX "deployment_workspace_id_sequence_idx" ON "deployment"("workspace_id", "sequence" DESC);

-- CreateIndex
CREATE INDEX "deployment_workspace_id_environment_target_sequence_idx" ON "deployment"("workspace_id", "environment", "target", "sequence" DESC);

-- CreateIndex
CREATE INDEX "deployment_version_id_sequence_idx" ON "deployment"("version_id", "sequence" DESC);

-- CreateIndex
CREATE UNIQUE INDEX "experiment_workspace_id_experiment_id_key" ON "experiment"("workspace_id", "experiment_id");

-- CreateIndex
CREATE UNIQUE INDEX "experiment_workspace_id_name_key" ON "experiment"("workspace_id", "name");

-- CreateIndex
CREATE INDEX "run_experiment_id_lifecycle_start_time_ms_run_id_idx" ON "run"("experiment_id", "lifecycle", "start_time_ms" DESC, "run_id");

-- CreateIndex
CREATE INDEX "run_workspace_id_lifecycle_start_time_ms_run_id_idx" ON "run"("workspace_id", "lifecycle", "start_time_ms" DESC, "run_id");

-- CreateIndex
CREATE INDEX "run_parent_id_idx" ON "run"("parent_id");

-- CreateIndex
CREATE INDEX "run_file_set_id_idx" ON "run"("file_set_id");

-- CreateIndex
CREATE UNIQUE INDEX "run_workspace_id_run_id_key" ON "run"("workspace_id", "run_id");

-- CreateIndex
CREATE INDEX "metric_chunk_run_id_key_id_idx" ON "metric_chunk"("run_id", "key", "id");

-- CreateIndex
CREATE INDEX "metric_summary_key_run_id_idx" ON "metric_summary"("key", "run_id");

-- CreateIndex
CREATE UNIQUE INDEX "logged_dataset_experiment_id_name_digest_key" ON "logged_dataset"("experiment_id", "name", "digest");

-- CreateIndex
CREATE INDEX "dataset_input_dataset_version_id_idx" ON "dataset_input"("dataset_version_id");

-- CreateIndex
CREATE INDEX "dataset_input_dataset_id_idx" ON "dataset_input"("dataset_id");

-- CreateIndex
CREATE UNIQUE INDEX "dataset_input_run_id_dataset_id_key" ON "dataset_input"("run_id", "dataset_id");

-- CreateIndex
CREATE INDEX "dataset_output_dataset_version_id_idx" ON "dataset_output"("dataset_version_id");

-- CreateIndex
CREATE INDEX "logged_model_experiment_id_lifecycle_created_at_ms_model_id_idx" ON "logged_model"("experiment_id", "lifecycle", "created_at_ms" DESC, "model_id");

-- CreateIndex
CREATE INDEX "logged_model_source_run_id_idx" ON "logged_model"("source_run_id");

-- CreateIndex
CREATE INDEX "logged_model_file_set_id_idx" ON "logged_model"("file_set_id");

-- CreateIndex
CREATE UNIQUE INDEX "logged_model_workspace_id_model_id_key" ON "logged_model"("workspace_id", "model_id");

-- CreateIndex
CREATE INDEX "run_model_link_logged_model_id_idx" ON "run_model_link"("logged_model_id");

-- AddForeignKey
ALTER TABLE "principal" ADD CONSTRAINT "principal_workspace_id_fkey" FOREIGN KEY ("workspace_id") REFERENCES "workspace"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "token" ADD CONSTRAINT "token_workspace_id_fkey" FOREIGN KEY ("workspace_id") REFERENCES "workspace"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "token" ADD CONSTRAINT "token_principal_id_fkey" FOREIGN KEY ("principal_id") REFERENCES "principal"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "blob_grant" ADD CONSTRAINT "blob_grant_sha256_fkey" FOREIGN KEY ("sha256") REFERENCES "blob"("sha256") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "manifest" ADD CONSTRAINT "manifest_blob_sha256_fkey" FOREIGN KEY ("blob_sha256") REFERENCES "blob"("sha256") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "manifest_entry" ADD CONSTRAINT "manifest_entry_manifest_id_fkey" FOREIGN KEY ("manifest_id") REFERENCES "manifest"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "manifest_entry" ADD CONSTRAINT "manifest_entry_sha256_fkey" FOREIGN KEY ("sha256") REFERENCES "blob"("sha256") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "manifest_folder" ADD CONSTRAINT "manifest_folder_manifest_id_fkey" FOREIGN KEY ("manifest_id") REFERENCES "manifest"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "file_set_entry" ADD CONSTRAINT "file_set_entry_file_set_id_fkey" FOREIGN KEY ("file_set_id") REFERENCES "file_set"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "file_set_entry" ADD CONSTRAINT "file_set_entry_sha256_fkey" FOREIGN KEY ("sha256") REFERENCES "blob"("sha256") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "verification_item" ADD CONSTRAINT "verification_item_job_id_fkey" FOREIGN KEY ("job_id") REFERENCES "verification_job"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "dataset_version" ADD CONSTRAINT "dataset_version_dataset_id_fkey" FOREIGN KEY ("dataset_id") REFERENCES "dataset"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "dataset_pointer" ADD CONSTRAINT "dataset_pointer_dataset_id_fkey" FOREIGN KEY ("dataset_id") REFERENCES "dataset"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "dataset_pointer" ADD CONSTRAINT "dataset_pointer_version_id_fkey" FOREIGN KEY ("version_id") REFERENCES "dataset_version"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "dataset_pointer_event" ADD CONSTRAINT "dataset_pointer_event_dataset_id_fkey" FOREIGN KEY ("dataset_id") REFERENCES "dataset"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "retraction_event" ADD CONSTRAINT "retraction_event_version_id_fkey" FOREIGN KEY ("version_id") REFERENCES "dataset_version"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "dataset_derivation" ADD CONSTRAINT "dataset_derivation_version_id_fkey" FOREIGN KEY ("version_id") REFERENCES "dataset_version"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "dataset_derivation" ADD CONSTRAINT "dataset_derivation_from_version_id_fkey" FOREIGN KEY ("from_version_id") REFERENCES "dataset_version"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "sighting" ADD CONSTRAINT "sighting_version_id_fkey" FOREIGN KEY ("version_id") REFERENCES "dataset_version"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "registered_model_tag" ADD CONSTRAINT "registered_model_tag_model_id_fkey" FOREIGN KEY ("model_id") REFERENCES "registered_model"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "model_version" ADD CONSTRAINT "model_version_model_id_fkey" FOREIGN KEY ("model_id") REFERENCES "registered_model"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "model_version" ADD CONSTRAINT "model_version_copied_from_id_fkey" FOREIGN KEY ("copied_from_id") REFERENCES "model_version"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "model_version_tag" ADD CONSTRAINT "model_version_tag_version_id_fkey" FOREIGN KEY ("version_id") REFERENCES "model_version"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "alias" ADD CONSTRAINT "alias_model_id_fkey" FOREIGN KEY ("model_id") REFERENCES "registered_model"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "alias" ADD CONSTRAINT "alias_version_id_fkey" FOREIGN KEY ("version_id") REFERENCES "model_version"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "alias_event" ADD CONSTRAINT "alias_event_model_id_fkey" FOREIGN KEY ("model_id") REFERENCES "registered_model"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "deployment" ADD CONSTRAINT "deployment_version_id_fkey" FOREIGN KEY ("version_id") REFERENCES "model_version"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "experiment_tag" ADD CONSTRAINT "experiment_tag_experiment_id_fkey" FOREIGN KEY ("experiment_id") REFERENCES "experiment"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "run" ADD CONSTRAINT "run_experiment_id_fkey" FOREIGN KEY ("experiment_id") REFERENCES "experiment"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "run" ADD CONSTRAINT "run_parent_id_fkey" FOREIGN KEY ("parent_id") REFERENCES "run"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "run_param" ADD CONSTRAINT "run_param_run_id_fkey" FOREIGN KEY ("run_id") REFERENCES "run"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "run_tag" ADD CONSTRAINT "run_tag_run_id_fkey" FOREIGN KEY ("run_id") REFERENCES "run"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "metric_chunk" ADD CONSTRAINT "metric_chunk_run_id_fkey" FOREIGN KEY ("run_id") REFERENCES "run"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "metric_summary" ADD CONSTRAINT "metric_summary_run_id_fkey" FOREIGN KEY ("run_id") REFERENCES "run"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "logged_dataset" ADD CONSTRAINT "logged_dataset_experiment_id_fkey" FOREIGN KEY ("experiment_id") REFERENCES "experiment"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "dataset_input" ADD CONSTRAINT "dataset_input_run_id_fkey" FOREIGN KEY ("run_id") REFERENCES "run"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "dataset_input" ADD CONSTRAINT "dataset_input_dataset_id_fkey" FOREIGN KEY ("dataset_id") REFERENCES "logged_dataset"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "dataset_input_tag" ADD CONSTRAINT "dataset_input_tag_input_id_fkey" FOREIGN KEY ("input_id") REFERENCES "dataset_input"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "dataset_output" ADD CONSTRAINT "dataset_output_run_id_fkey" FOREIGN KEY ("run_id") REFERENCES "run"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "run_read" ADD CONSTRAINT "run_read_run_id_fkey" FOREIGN KEY ("run_id") REFERENCES "run"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "logged_model" ADD CONSTRAINT "logged_model_experiment_id_fkey" FOREIGN KEY ("experiment_id") REFERENCES "experiment"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "logged_model" ADD CONSTRAINT "logged_model_source_run_id_fkey" FOREIGN KEY ("source_run_id") REFERENCES "run"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "logged_model_tag" ADD CONSTRAINT "logged_model_tag_logged_model_id_fkey" FOREIGN KEY ("logged_model_id") REFERENCES "logged_model"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "logged_model_param" ADD CONSTRAINT "logged_model_param_logged_model_id_fkey" FOREIGN KEY ("logged_model_id") REFERENCES "logged_model"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "logged_model_metric" ADD CONSTRAINT "logged_model_metric_logged_model_id_fkey" FOREIGN KEY ("logged_model_id") REFERENCES "logged_model"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "run_model_link" ADD CONSTRAINT "run_model_link_run_id_fkey" FOREIGN KEY ("run_id") REFERENCES "run"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "run_model_link" ADD CONSTRAINT "run_model_link_logged_model_id_fkey" FOREIGN KEY ("logged_model_id") REFERENCES "logged_model"("id") ON DELETE CASCADE ON UPDATE CASCADE;
