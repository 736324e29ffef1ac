-- What servers need that keep runs in their memory to search them there (libs/tracking/src/memory): to be told, in the order in which it was
-- committed, of each card that was made since they looked, of each run that has none that counts, and that runs are gone.

-- Cards carry numbers that rise in the order in which they are committed: whoever adds some waits for those who added before until they
-- have committed. Only makers of cards meet here, who work in the background.
ALTER TABLE "run_card" ADD COLUMN "stamp" BIGSERIAL NOT NULL;
CREATE INDEX "run_card_stamp_idx" ON "run_card"("stamp");

CREATE FUNCTION "number_cards_in_order"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_advisory_xact_lock(7253, 1);
  RETURN NULL;
END $$;
CREATE TRIGGER "run_card_in_order" BEFORE INSERT ON "run_card" FOR EACH STATEMENT EXECUTE FUNCTION number_cards_in_order();

-- A new run has no card, and says so like one whose card does not count any more.
CREATE TRIGGER "run_inserted" AFTER INSERT ON "run" REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION note_run_update();

-- One row with another number behind each statement that took runs out of the table. The number is of a sequence, so that it never comes again.
CREATE SEQUENCE "run_removal_mark";
CREATE TABLE "run_removal" (
    "only" BOOLEAN NOT NULL DEFAULT true,
    "mark" BIGINT NOT NULL,

    CONSTRAINT "run_removal_pkey" PRIMARY KEY ("only")
);

CREATE FUNCTION "note_run_removal"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' THEN
    IF NOT EXISTS (SELECT 1 FROM changed) THEN
      RETURN NULL;
    END IF;
  END IF;
  INSERT INTO run_removal (mark) VALUES (nextval('run_removal_mark')) ON CONFLICT ("only") DO UPDATE SET mark = excluded.mark;
  RETURN NULL;
END $$;
CREATE TRIGGER "run_removed" AFTER DELETE ON "run" REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION note_run_removal();
CREATE TRIGGER "runs_emptied" AFTER TRUNCATE ON "run" FOR EACH STATEMENT EXECUTE FUNCTION note_run_removal();
