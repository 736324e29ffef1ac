export { on, openDatabase, within } from './database.ts';
export type { Call, Database, DatabaseOptions, Queryable, StatementOptions, TransactionOptions, Tx } from './database.ts';
export { findRunningPostgres, startEmbeddedPostgres } from './embedded.ts';
export type { EmbeddedPostgres, EmbeddedPostgresOptions } from './embedded.ts';
export { ConstraintError, isConstraint, translateDatabaseError } from './errors.ts';
export { Prisma } from './generated/client.ts';
export { migrate, MIGRATIONS_DIR } from './migrate.ts';
export { emptyDatabase, markForTests } from './test-databases.ts';
