// Makes one stored file, by its SHA-256, and what holds it two days old, as if nobody had asked for it since: stored files stay for a day, and no
// test can wait for that.

import { connect } from '../apps/api/src/cli/connect.ts';
import { readConfig } from '../apps/api/src/config.ts';

const [sha256] = process.argv.slice(2);
const connection = await connect(readConfig(process.env), console.error);
const bytes = [Buffer.from(sha256, 'hex')];
await connection.database.sql(`UPDATE blob SET last_put_at = last_put_at - interval '2 days' WHERE sha256 = $1`, bytes);
await connection.database.sql(
  `UPDATE file_set SET created_at = created_at - interval '2 days' WHERE id IN (SELECT file_set_id FROM file_set_entry WHERE sha256 = $1)`,
  bytes,
);
await connection.close();
