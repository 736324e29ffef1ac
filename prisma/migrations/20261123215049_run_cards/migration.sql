-- Run cards: what MLflow's protocol answers of a run, kept ready as text. And what makes them never stale: every statement that changes what a
-- card shows leaves a row in run_change, in its own transaction, and a card counts only where its run has no such row.
--
-- Rows are only ever added by writers, so that no writer waits for another one. Whoever writes a card takes the run's rows away with it; see
-- libs/tracking/src/store/run-cards.ts.

CREATE TABLE "run_card" (
    "run_id" UUID NOT NULL,
    "layout" INTEGER NOT NULL,
    "body" TEXT NOT NULL,

    CONSTRAINT "run_card_pkey" PRIMARY KEY ("run_id")
);
-- A page of a search reads a hundred or a thousand of them: in their rows, as they are, up to 8 kB. Unpacking would cost what it saves.
ALTER TABLE "run_card" ALTER COLUMN "body" SET STORAGE EXTERNAL, SET (toast_tuple_target = 8160);
ALTER TABLE "run_card" ADD CONSTRAINT "run_card_run_id_fkey" FOREIGN KEY ("run_id") REFERENCES "run"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- No foreign key, which each writer would pay for: the run's own trigger takes them along.
CREATE TABLE "run_change" (
    "run_id" UUID NOT NULL,
    "id" BIGSERIAL NOT NULL,
    "changed_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "run_change_pkey" PRIMARY KEY ("run_id","id")
);
-- Rows come and go: what is gone is to be cleared away after some thousand of them, however many there are.
ALTER TABLE "run_change" SET (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000,
  autovacuum_vacuum_insert_scale_factor = 0, autovacuum_vacuum_insert_threshold = 50000);

-- Of tables whose rows name their run. Rows that go with their run leave nothing.
CREATE FUNCTION "note_run_change"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' THEN
    INSERT INTO run_change (run_id)
      SELECT c.run_id FROM (SELECT DISTINCT run_id FROM changed) c WHERE EXISTS (SELECT 1 FROM run r WHERE r.id = c.run_id);
  ELSE
    INSERT INTO run_change (run_id) SELECT DISTINCT run_id FROM changed;
  END IF;
  RETURN NULL;
END $$;

CREATE FUNCTION "note_run_update"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO run_change (run_id) SELECT id FROM changed;
  RETURN NULL;
END $$;

CREATE FUNCTION "forget_run_changes"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  DELETE FROM run_change WHERE run_id IN (SELECT id FROM changed);
  RETURN NULL;
END $$;

-- A logged model is shown by the run that it came from, and by those that are linked with it.
CREATE FUNCTION "note_logged_model_change"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO run_change (run_id)
    SELECT c.run_id FROM (SELECT source_run_id AS run_id FROM changed UNION SELECT l.run_id FROM run_model_link l JOIN changed m ON m.id = l.logged_model_id) c
    WHERE EXISTS (SELECT 1 FROM run r WHERE r.id = c.run_id);
  RETURN NULL;
END $$;

CREATE FUNCTION "note_input_tag_change"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO run_change (run_id) SELECT DISTINCT i.run_id FROM dataset_input i JOIN changed t ON t.input_id = i.id;
  RETURN NULL;
END $$;

CREATE FUNCTION "note_logged_dataset_change"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO run_change (run_id) SELECT DISTINCT i.run_id FROM dataset_input i JOIN changed d ON d.id = i.dataset_id;
  RETURN NULL;
END $$;

-- A trigger with a list of its rows is for one kind of statement. An update of a row's owner would concern two runs: there is none.
DO $$
DECLARE
  owned TEXT;
BEGIN
  FOREACH owned IN ARRAY ARRAY['run_param', 'run_tag', 'metric_summary', 'dataset_input', 'run_model_link'] LOOP
    EXECUTE format('CREATE TRIGGER %I AFTER INSERT ON %I REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION note_run_change()', owned || '_inserted', owned);
    EXECUTE format('CREATE TRIGGER %I AFTER UPDATE ON %I REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION note_run_change()', owned || '_updated', owned);
    EXECUTE format('CREATE TRIGGER %I AFTER DELETE ON %I REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION note_run_change()', owned || '_deleted', owned);
  END LOOP;
END $$;

-- A new run has no card.
CREATE TRIGGER "run_updated" AFTER UPDATE ON "run" REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION note_run_update();
CREATE TRIGGER "run_deleted" AFTER DELETE ON "run" REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION forget_run_changes();

CREATE TRIGGER "logged_model_inserted" AFTER INSERT ON "logged_model" REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION note_logged_model_change();
CREATE TRIGGER "logged_model_updated" AFTER UPDATE ON "logged_model" REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION note_logged_model_change();
CREATE TRIGGER "logged_model_deleted" AFTER DELETE ON "logged_model" REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION note_logged_model_change();

CREATE TRIGGER "dataset_input_tag_inserted" AFTER INSERT ON "dataset_input_tag" REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION note_input_tag_change();
CREATE TRIGGER "dataset_input_tag_updated" AFTER UPDATE ON "dataset_input_tag" REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION note_input_tag_change();
CREATE TRIGGER "dataset_input_tag_deleted" AFTER DELETE ON "dataset_input_tag" REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION note_input_tag_change();

-- A dataset that was just described is nobody's input yet.
CREATE TRIGGER "logged_dataset_updated" AFTER UPDATE ON "logged_dataset" REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION note_logged_dataset_change();
