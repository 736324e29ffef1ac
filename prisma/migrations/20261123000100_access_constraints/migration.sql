-- What the models cannot express about access: the shape of hashes and names, and times that make sense.

ALTER TABLE "workspace" ALTER COLUMN "name" TYPE TEXT COLLATE "C";
ALTER TABLE "workspace" ADD CONSTRAINT "workspace_name_check" CHECK ("name" ~ '^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$');
ALTER TABLE "principal" ADD CONSTRAINT "principal_name_check" CHECK (char_length("name") BETWEEN 1 AND 128);

-- A hash of any other length would be a secret kept in clear, or cut.
ALTER TABLE "token" ADD CONSTRAINT "token_hash_check" CHECK (octet_length("hash") = 32);
ALTER TABLE "token" ADD CONSTRAINT "token_name_check" CHECK (char_length("name") BETWEEN 1 AND 120 AND char_length("hint") <= 16);
ALTER TABLE "token" ADD CONSTRAINT "token_expiry_check" CHECK ("expires_at" IS NULL OR "expires_at" > "created_at");
