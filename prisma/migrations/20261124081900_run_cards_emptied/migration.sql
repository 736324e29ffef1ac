-- Whoever keeps cards in memory learns of each that is made from the one that takes its place. Where the table is emptied that one may be gone before
-- anybody saw it, and so this is told as well.
ALTER TABLE "run_removal" ADD COLUMN "cards_mark" BIGINT NOT NULL DEFAULT 0, ALTER COLUMN "mark" SET DEFAULT 0;

CREATE FUNCTION "note_cards_emptied"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO run_removal (cards_mark) VALUES (nextval('run_removal_mark')) ON CONFLICT ("only") DO UPDATE SET cards_mark = excluded.cards_mark;
  RETURN NULL;
END $$;
CREATE TRIGGER "run_cards_emptied" AFTER TRUNCATE ON "run_card" FOR EACH STATEMENT EXECUTE FUNCTION note_cards_emptied();
