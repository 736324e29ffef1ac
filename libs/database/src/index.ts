export { on, openDatabase, within } from './database.ts';
export type { Call, Database, DatabaseOptions, Queryable, TransactionOptions, Tx } from './database.ts';
export { ConstraintError, isConstraint, translateDatabaseError } from './errors.ts';
export { Prisma } from './generated/client.ts';
