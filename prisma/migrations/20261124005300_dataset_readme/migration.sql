-- What people write of a dataset, each writing kept: the newest is the one that counts.
CREATE TABLE "dataset_readme" (
  "dataset_id" UUID NOT NULL,
  "revision" INTEGER NOT NULL,
  "text" TEXT NOT NULL,
  "author" TEXT NOT NULL,
  "at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  CONSTRAINT "dataset_readme_pkey" PRIMARY KEY ("dataset_id", "revision")
);
ALTER TABLE "dataset_readme" ADD CONSTRAINT "dataset_readme_dataset_id_fkey" FOREIGN KEY ("dataset_id") REFERENCES "dataset" ("id") ON DELETE RESTRICT ON UPDATE CASCADE;
