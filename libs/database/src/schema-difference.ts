// The SQL between what a database is and what prisma/models say. Prisma's own command downloads an engine for this; here the same engine
// runs as WebAssembly over the driver that the server uses anyway. It is an internal interface, pinned together with Prisma. Its
// package's entry asks for module imports of WebAssembly, which Node does not do, so its two halves are joined by hand.

import { EventEmitter } from 'node:events';
import { readdir, readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { PrismaPg } from '@prisma/adapter-pg';
import { ColumnTypeEnum, bindMigrationAwareSqlAdapterFactory } from '@prisma/driver-adapter-utils';
import * as halves from '@prisma/schema-engine-wasm/schema_engine_bg';
import pg from 'pg';

const PRISMA_DIR = fileURLToPath(new URL('../../../prisma', import.meta.url));

/**
 * The SQL that leads from a start to the models; '' where there is none to tell.
 * @param options `url` is any database of the server to write for; `from` is that database, or nothing at all.
 */
export async function differenceToModels({ url, from }: { url: string; from: 'database' | 'nothing' }): Promise<string> {
  await engineOnce();
  const files = await readModels();
  const pool = new pg.Pool({ connectionString: url, max: 1 });
  const factory = bindMigrationAwareSqlAdapterFactory(new CatalogAdapter(pool));
  const datamodels = files.map((file): [string, string] => [file.path, file.content]);
  const engine = await halves.SchemaEngine.new({ datamodels }, () => undefined, factory);
  try {
    const { exitCode, stdout } = await engine.diff({
      from: from === 'nothing' ? { tag: 'empty' } : { tag: 'schemaDatasource', files, configDir: PRISMA_DIR },
      to: { tag: 'schemaDatamodel', files },
      script: true,
      exitCode: true,
      filters: { externalTables: [], externalEnums: [] },
    });
    return exitCode === 0 ? '' : (stdout ?? '').trim();
  } finally {
    engine.free();
    await pool.end();
  }
}

/** What is used of WebAssembly; its types belong to the browser's, which this project does not load. */
interface WebAssemblyApi {
  instantiate(binary: Uint8Array, imports: object): Promise<{ instance: { exports: Record<string, unknown> } }>;
}
const webAssembly = Reflect.get(globalThis, 'WebAssembly') as WebAssemblyApi;

let engine: Promise<void> | undefined;

function engineOnce(): Promise<void> {
  engine ??= loadEngine();
  return engine;
}

async function loadEngine(): Promise<void> {
  const glue = createRequire(import.meta.url).resolve('@prisma/schema-engine-wasm/schema_engine_bg');
  const binary = await readFile(glue.replace(/\.js$/, '.wasm'));
  const { instance } = await webAssembly.instantiate(binary, { './schema_engine_bg.js': { ...halves } });
  halves.__wbg_set_wasm(instance.exports);
  const start = instance.exports['__wbindgen_start'];
  if (typeof start !== 'function') throw new Error('the schema engine has no start; is its version the pinned one?');
  (start as () => void)();
}

/** The models, as the engine takes them: every .prisma file under prisma/. */
async function readModels(): Promise<{ path: string; content: string }[]> {
  const names = (await readdir(PRISMA_DIR, { recursive: true })).filter((name) => name.endsWith('.prisma')).sort();
  return Promise.all(
    names.map(async (name) => ({ path: join(PRISMA_DIR, name), content: await readFile(join(PRISMA_DIR, name), 'utf8') })),
  );
}

/** PostgreSQL's internal one-byte type "char": the engine asks the catalog for it, and the adapter refuses it as unknown. */
const CHAR = 18;
const TEXT = 25;

/** The adapter, taught "char": the driver is made to say text, and the answer's columns are then named characters again. */
class CatalogAdapter extends PrismaPg {
  readonly #last: { characters: number[] };

  constructor(pool: pg.Pool) {
    super(pool, { disposeExternalPool: false });
    const last = { characters: [] as number[] };
    this.#last = last;
    pool.on('connect', (client) => {
      const connection: unknown = Reflect.get(client, 'connection');
      if (!(connection instanceof EventEmitter)) throw new Error('the driver keeps its connection elsewhere now');
      connection.prependListener('rowDescription', ({ fields }: { fields: { dataTypeID: number }[] }) => {
        last.characters = [...fields.keys()].filter((index) => fields[index]?.dataTypeID === CHAR);
        for (const field of fields) if (field.dataTypeID === CHAR) field.dataTypeID = TEXT;
      });
    });
  }

  // The engine asks one question after the other, over one connection, so the last description is the answer's.
  override async connect(): ReturnType<PrismaPg['connect']> {
    const adapter = await super.connect();
    const query = adapter.queryRaw.bind(adapter);
    adapter.queryRaw = async (statement) => {
      const result = await query(statement);
      for (const index of this.#last.characters) result.columnTypes[index] = ColumnTypeEnum.Character;
      return result;
    };
    return adapter;
  }
}
