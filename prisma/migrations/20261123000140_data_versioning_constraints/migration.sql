-- What the models cannot express about datasets: one live dataset a name, what a version is for ever, and the order of names.

-- Names are ordered and searched by their bytes, whatever the locale of the database, so that a page stays where it was.
ALTER TABLE "dataset" ALTER COLUMN "name" TYPE TEXT COLLATE "C";
ALTER TABLE "dataset_pointer" ALTER COLUMN "name" TYPE TEXT COLLATE "C";
ALTER TABLE "dataset_pointer_event" ALTER COLUMN "name" TYPE TEXT COLLATE "C";

-- A deleted dataset keeps its row; its name may be taken again.
CREATE UNIQUE INDEX "dataset_live_name_key" ON "dataset" ("workspace_id", "name") WHERE "deleted_at" IS NULL;
ALTER TABLE "dataset" ADD CONSTRAINT "dataset_name_check" CHECK (char_length("name") BETWEEN 1 AND 255 AND "last_version" >= 0);

ALTER TABLE "dataset_version" ADD CONSTRAINT "dataset_version_check" CHECK (octet_length("digest") = 32 AND "number" >= 1);
ALTER TABLE "dataset_version" ADD CONSTRAINT "dataset_version_retraction_check"
  CHECK (("retracted_at" IS NULL) = ("retraction_reason" IS NULL) AND ("retracted_at" IS NULL) = ("retracted_by" IS NULL));
ALTER TABLE "dataset_derivation" ADD CONSTRAINT "dataset_derivation_self_check" CHECK ("version_id" <> "from_version_id");
ALTER TABLE "sighting" ADD CONSTRAINT "sighting_check"
  CHECK ("commit" ~ '^([0-9a-f]{40}|[0-9a-f]{64})$' AND octet_length("repository") <= 1024 AND octet_length("path") BETWEEN 1 AND 1024);

-- People cite a version by its number and its digest, so these outlive every mistake in code.
CREATE FUNCTION "dataset_version_is_immutable"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' THEN
    RAISE EXCEPTION 'a dataset version is never deleted' USING ERRCODE = 'restrict_violation';
  END IF;
  IF (NEW."id", NEW."workspace_id", NEW."dataset_id", NEW."number", NEW."manifest_id", NEW."digest", NEW."created_by", NEW."created_at")
    IS DISTINCT FROM
    (OLD."id", OLD."workspace_id", OLD."dataset_id", OLD."number", OLD."manifest_id", OLD."digest", OLD."created_by", OLD."created_at")
  THEN
    RAISE EXCEPTION 'a dataset version never changes' USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NEW;
END
$$;
CREATE TRIGGER "dataset_version_immutable" BEFORE UPDATE OR DELETE ON "dataset_version"
  FOR EACH ROW EXECUTE FUNCTION "dataset_version_is_immutable"();

-- Histories are appended to, never rewritten.
CREATE FUNCTION "dataset_history_is_append_only"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'a history is never rewritten' USING ERRCODE = 'restrict_violation';
END
$$;
CREATE TRIGGER "dataset_pointer_event_append_only" BEFORE UPDATE OR DELETE ON "dataset_pointer_event"
  FOR EACH ROW EXECUTE FUNCTION "dataset_history_is_append_only"();
CREATE TRIGGER "retraction_event_append_only" BEFORE UPDATE OR DELETE ON "retraction_event"
  FOR EACH ROW EXECUTE FUNCTION "dataset_history_is_append_only"();
