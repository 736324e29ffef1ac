-- What the models cannot express about the registry: one live model of a name, one live deployment of a target, digests that never
-- change, and a history that is only ever added to. These hold whatever the code above them does.

-- Pages and searches walk names by their bytes, whatever the locale of the database.
ALTER TABLE "registered_model" ALTER COLUMN "name" TYPE TEXT COLLATE "C";
ALTER TABLE "registered_model_tag" ALTER COLUMN "key" TYPE TEXT COLLATE "C";
ALTER TABLE "model_version_tag" ALTER COLUMN "key" TYPE TEXT COLLATE "C";
ALTER TABLE "alias" ALTER COLUMN "alias" TYPE TEXT COLLATE "C";
ALTER TABLE "alias_event" ALTER COLUMN "alias" TYPE TEXT COLLATE "C";
ALTER TABLE "deployment" ALTER COLUMN "environment" TYPE TEXT COLLATE "C";
ALTER TABLE "deployment" ALTER COLUMN "target" TYPE TEXT COLLATE "C";

-- A deleted model gives its name back and keeps its row.
CREATE UNIQUE INDEX "registered_model_live_name_key" ON "registered_model" ("workspace_id", "name") WHERE "deleted_at" IS NULL;
CREATE INDEX "registered_model_updated_idx" ON "registered_model" ("workspace_id", "updated_at_ms" DESC, "name") WHERE "deleted_at" IS NULL;

ALTER TABLE "registered_model" ADD CONSTRAINT "registered_model_name_check"
  CHECK (char_length("name") BETWEEN 1 AND 256 AND "name" !~ '[/:]' AND "last_version" >= 0);

ALTER TABLE "model_version" ADD CONSTRAINT "model_version_number_check" CHECK ("version" >= 1);
ALTER TABLE "model_version" ADD CONSTRAINT "model_version_stage_check"
  CHECK ("stage" IN ('None', 'Staging', 'Production', 'Archived'));
-- Files, digest and the reason for having neither: all that is known, or why it is not.
ALTER TABLE "model_version" ADD CONSTRAINT "model_version_digest_check"
  CHECK (
    ("digest" IS NULL) = ("manifest_id" IS NULL)
    AND ("digest" IS NULL) = ("no_digest_reason" IS NOT NULL)
    AND ("digest" IS NULL OR octet_length("digest") = 32)
  );
CREATE INDEX "model_version_model_live_idx" ON "model_version" ("model_id", "version" DESC) WHERE "deleted_at" IS NULL;

ALTER TABLE "alias" ADD CONSTRAINT "alias_name_check" CHECK ("alias" ~ '^[A-Za-z0-9_-]{1,255}$');
ALTER TABLE "alias_event" ADD CONSTRAINT "alias_event_refusal_check" CHECK (("outcome" = 'REFUSED') = ("refusal" IS NOT NULL));

ALTER TABLE "deployment" ADD CONSTRAINT "deployment_digest_check" CHECK (octet_length("digest") = 32);
ALTER TABLE "deployment" ADD CONSTRAINT "deployment_ended_check"
  CHECK (("ended_at" IS NULL) = ("ended_by" IS NULL) AND ("ended_at" IS NULL OR "ended_at" >= "started_at"));
CREATE UNIQUE INDEX "deployment_live_key" ON "deployment" ("workspace_id", "environment", "target") WHERE "ended_at" IS NULL;

-- What a version is never changes: people cite its digest, and deployments are pinned to it.
CREATE FUNCTION "guard_model_version"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' THEN
    RAISE EXCEPTION 'a model version is kept as a tombstone' USING ERRCODE = 'check_violation', CONSTRAINT = 'model_version_kept';
  END IF;
  IF NEW."id" <> OLD."id" OR NEW."workspace_id" <> OLD."workspace_id" OR NEW."model_id" <> OLD."model_id"
    OR NEW."version" <> OLD."version"
    OR (OLD."digest" IS NOT NULL AND NEW."digest" IS DISTINCT FROM OLD."digest")
    OR (OLD."manifest_id" IS NOT NULL AND NEW."manifest_id" IS DISTINCT FROM OLD."manifest_id") THEN
    RAISE EXCEPTION 'a model version never changes what it is' USING ERRCODE = 'check_violation', CONSTRAINT = 'model_version_frozen';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER "model_version_guard" BEFORE UPDATE OR DELETE ON "model_version"
  FOR EACH ROW EXECUTE FUNCTION "guard_model_version"();

-- A deployment pins the digest that its version has, and can only be ended, once.
CREATE FUNCTION "guard_deployment"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    PERFORM 1 FROM "model_version" v
      WHERE v."id" = NEW."version_id" AND v."workspace_id" = NEW."workspace_id" AND v."digest" = NEW."digest";
    IF NOT FOUND THEN
      RAISE EXCEPTION 'a deployment is pinned to the digest of its version' USING ERRCODE = 'check_violation', CONSTRAINT = 'deployment_pinned';
    END IF;
    RETURN NEW;
  END IF;
  IF TG_OP = 'DELETE' OR OLD."ended_at" IS NOT NULL
    OR (NEW."id", NEW."sequence", NEW."workspace_id", NEW."environment", NEW."target", NEW."version_id", NEW."digest",
        NEW."started_by", NEW."reason", NEW."started_at")
      IS DISTINCT FROM
       (OLD."id", OLD."sequence", OLD."workspace_id", OLD."environment", OLD."target", OLD."version_id", OLD."digest",
        OLD."started_by", OLD."reason", OLD."started_at") THEN
    RAISE EXCEPTION 'a deployment can only be ended, once' USING ERRCODE = 'check_violation', CONSTRAINT = 'deployment_kept';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER "deployment_guard" BEFORE INSERT OR UPDATE OR DELETE ON "deployment"
  FOR EACH ROW EXECUTE FUNCTION "guard_deployment"();

CREATE FUNCTION "guard_alias_event"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'the history of an alias is only added to' USING ERRCODE = 'check_violation', CONSTRAINT = 'alias_event_kept';
END $$;
CREATE TRIGGER "alias_event_guard" BEFORE UPDATE OR DELETE ON "alias_event"
  FOR EACH ROW EXECUTE FUNCTION "guard_alias_event"();
