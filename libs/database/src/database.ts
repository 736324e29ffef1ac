// One connection pool, two ways to speak through it. Prisma serves the plain reads and writes of rows; SQL serves the hot paths,
// the searches and the graph. Both speak inside one transaction: Prisma opens it, and the adapter below tells us which of the
// pool's connections it took, so that SQL runs on that very connection at the driver's own speed (Prisma's raw queries cost
// several times as much, and know fewer types). It tells as well when that is over: Prisma rolls a transaction back that takes too long and gives its
// connection to the next one, while the work goes on, and would write into whatever that is.

import { AsyncLocalStorage } from 'node:async_hooks';
import { createHash } from 'node:crypto';

import { PrismaPg } from '@prisma/adapter-pg';
import type { Caller } from '@throughline/kernel';
import pg from 'pg';

import { transactionOver, translateDatabaseError } from './errors.ts';
import { PrismaClient } from './generated/client.ts';
import type { Prisma } from './generated/client.ts';
import { createSocket } from './packets.ts';

/** What a store needs: Prisma's models, and SQL. */
export interface Queryable {
  readonly prisma: Prisma.TransactionClient;
  /**
   * Runs one parametrised statement and answers its rows. 64-bit integers arrive as numbers and throw beyond 2^53, so select
   * ids that may be larger as text; bytea arrives as Buffer, timestamps as Date.
   */
  sql<Row extends object>(text: string, values?: readonly unknown[], options?: StatementOptions): Promise<Row[]>;
}

export interface StatementOptions {
  /**
   * Whether each connection keeps the statement prepared under a name of its own, so that only its values travel and it is not parsed and
   * planned every time. For the few fixed texts of hot paths: what is prepared stays for as long as its connection. Not for statements
   * whose best plan depends on their values, since PostgreSQL settles on one plan for all of them.
   */
  prepared?: boolean;
}

/** An open transaction. Take it as the sign that several writes stand or fall together. */
export interface Tx extends Queryable {
  readonly open: true;
}

/** The first argument of every domain function: who calls, and the transaction that the call takes part in, if any. */
export interface Call {
  readonly caller: Caller;
  readonly tx?: Tx;
  /** Whether nobody is to be told of it: what an import writes down has happened long ago. */
  readonly silent?: boolean;
}

export interface TransactionOptions {
  /** Milliseconds before a transaction is given up; 30,000 unless told. */
  timeoutMs?: number;
}

export interface Database extends Queryable {
  /** Runs work in one transaction: READ COMMITTED, rolled back where it throws. Retry-free: constraints and row locks decide races. */
  transaction<T>(work: (tx: Tx) => Promise<T>, options?: TransactionOptions): Promise<T>;
  /** One connection of its own, for session locks and LISTEN; give it back. */
  connect(): Promise<pg.PoolClient>;
  /** Answers when the database does. Throws `unavailable` otherwise. */
  ping(): Promise<void>;
  close(): Promise<void>;
}

export interface DatabaseOptions {
  url: string;
  /** Connections kept at most; 10 unless told. */
  maxConnections?: number;
  /** Told of every statement, for tests that count them. */
  onStatement?: (text: string) => void;
}

/** A statement that runs longer is ended by the database: nobody waits for its answer any more. */
const STATEMENT_LIMIT_MS = 60_000;
/** A transaction that is left open by a process that hangs must not hold its locks for ever. Longer than any that we open. */
const IDLE_TRANSACTION_LIMIT_MS = 20 * 60_000;
/**
 * Statements here are short and many at a time: compiling one to machine code, or starting processes to share it, costs more than it saves
 * and takes the cores from the others.
 */
const SESSION_OPTIONS = '-c jit=off -c max_parallel_workers_per_gather=0';

const INT8 = 20;

function parseInt8(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value)) throw new RangeError(`the 64-bit integer ${text} does not fit a number; select it as text`);
  return value;
}

const defaultParser = pg.types.getTypeParser as (oid: number, format?: 'text' | 'binary') => (text: string) => unknown;
const types: pg.CustomTypesConfig = {
  getTypeParser: (oid: number, format?: 'text' | 'binary') =>
    oid === INT8 && format !== 'binary' ? parseInt8 : defaultParser(oid, format),
};

/** Opens the pool. Nothing is sent until the first statement. */
export function openDatabase(options: DatabaseOptions): Database {
  const pool = new pg.Pool({
    connectionString: options.url,
    max: options.maxConnections ?? 10,
    connectionTimeoutMillis: 5_000,
    idleTimeoutMillis: 30_000,
    application_name: 'throughline',
    // What takes longer sets its own limit inside its transaction (SET LOCAL statement_timeout).
    statement_timeout: STATEMENT_LIMIT_MS,
    idle_in_transaction_session_timeout: IDLE_TRANSACTION_LIMIT_MS,
    options: SESSION_OPTIONS,
    stream: createSocket,
  });
  // A connection that dies while idle is replaced by the next statement; without a listener it would end the process.
  pool.on('error', () => undefined);
  if (options.onStatement !== undefined) observe(pool, options.onStatement);

  const connections = new AsyncLocalStorage<Taken>();
  const prisma = translating(new PrismaClient({ adapter: new RevealingAdapter(pool, connections) }));

  const run = async <Row extends object>(
    on: pg.Pool | pg.ClientBase,
    text: string,
    values: readonly unknown[],
    statement: StatementOptions,
  ): Promise<Row[]> => {
    try {
      const query = { text, values: [...values], types };
      const result = await on.query<Row>(statement.prepared === true ? { ...query, name: nameOf(text) } : query);
      return result.rows;
    } catch (error) {
      throw translateDatabaseError(error);
    }
  };

  return {
    prisma,
    sql: (text, values = [], statement = {}) => run(pool, text, values, statement),
    async transaction(work, { timeoutMs = 30_000 } = {}) {
      const taken: Taken = { isOver: false };
      try {
        return await connections.run(taken, () =>
          prisma.$transaction(
            async (inner) => {
              const { client } = taken;
              if (client === undefined) throw new Error('the transaction did not reveal its connection');
              return work({
                open: true,
                prisma: inner,
                async sql(text, values = [], statement = {}) {
                  if (taken.isOver) throw transactionOver();
                  return run(client, text, values, statement);
                },
              });
            },
            { timeout: timeoutMs, maxWait: 10_000 },
          ),
        );
      } catch (error) {
        throw translateDatabaseError(error);
      }
    },
    async connect() {
      try {
        return await pool.connect();
      } catch (error) {
        throw translateDatabaseError(error);
      }
    },
    async ping() {
      await run(pool, 'SELECT 1', [], {});
    },
    async close() {
      await prisma.$disconnect();
      await pool.end();
    },
  };
}

/** The names of the statements that were prepared so far; there are as many as fixed texts in the code. */
const names = new Map<string, string>();

/** The name under which a statement is prepared: the same text has the same name, and PostgreSQL cuts names at 63 bytes. */
function nameOf(text: string): string {
  const known = names.get(text);
  if (known !== undefined) return known;
  const name = createHash('sha256').update(text).digest('base64url').slice(0, 24);
  names.set(text, name);
  return name;
}

/** Answers where a call's statements go: its transaction, or the database at large. */
export function on(database: Database, call: Pick<Call, 'tx'>): Queryable {
  return call.tx ?? database;
}

/** Runs work in the call's transaction where one is open, else in a new one. */
export function within<T>(database: Database, call: Pick<Call, 'tx'>, work: (tx: Tx) => Promise<T>): Promise<T> {
  return call.tx === undefined ? database.transaction(work) : work(call.tx);
}

/** Every operation of the client answers a database's refusal in our words, as SQL does. */
function translating(client: PrismaClient): PrismaClient {
  const extended = client.$extends({
    query: {
      async $allOperations({ args, query }) {
        try {
          const answer: unknown = await query(args);
          return answer;
        } catch (error) {
          throw translateDatabaseError(error);
        }
      },
    },
  });
  // The extension adds no member, so the client's own type still tells the truth.
  return extended as unknown as PrismaClient;
}

type PoolAdapter = Awaited<ReturnType<PrismaPg['connect']>>;

/** The connection that a transaction took, and whether it has given it back, or is about to. */
interface Taken {
  client?: pg.ClientBase;
  isOver: boolean;
}

class RevealingAdapter extends PrismaPg {
  readonly #connections: AsyncLocalStorage<Taken>;

  constructor(pool: pg.Pool, connections: AsyncLocalStorage<Taken>) {
    super(pool, { disposeExternalPool: false });
    this.#connections = connections;
  }

  override async connect(): Promise<PoolAdapter> {
    const adapter = await super.connect();
    const start = adapter.startTransaction.bind(adapter);
    adapter.startTransaction = async (...args) => {
      const transaction = await start(...args);
      const taken = this.#connections.getStore();
      const client: unknown = Reflect.get(transaction, 'client');
      if (taken !== undefined && client !== null && typeof client === 'object' && 'query' in client) {
        taken.client = client as pg.ClientBase;
        // Before the statement that ends it is sent: what comes behind that would be no part of it any more.
        const execute = transaction.executeRaw.bind(transaction);
        transaction.executeRaw = (query) => {
          if (/^(?:COMMIT|ROLLBACK)$/.test(query.sql)) taken.isOver = true;
          return execute(query);
        };
        for (const end of ['commit', 'rollback'] as const) {
          const ended = transaction[end].bind(transaction);
          transaction[end] = () => {
            taken.isOver = true;
            return ended();
          };
        }
      }
      return transaction;
    };
    return adapter;
  }
}

function observe(pool: pg.Pool, onStatement: (text: string) => void): void {
  pool.on('connect', (client) => {
    const query = client.query.bind(client) as (...args: unknown[]) => unknown;
    Reflect.set(client, 'query', (...args: unknown[]) => {
      const [first] = args;
      const text = typeof first === 'string' ? first : ((first as { text?: string } | undefined)?.text ?? '');
      onStatement(text);
      return query(...args);
    });
  });
}
