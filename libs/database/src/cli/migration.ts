// Writes and checks migrations: the SQL that leads from what prisma/migrations make to what prisma/models say. Prisma's own command
// downloads an engine for this; here the same engine runs as WebAssembly over the driver that the server uses anyway. The
// package's entry asks for module imports of WebAssembly, which Node does not do, so its two halves are joined by hand.
//
//   node libs/database/src/cli/migration.ts check        exits 1 and prints what is missing
//   node libs/database/src/cli/migration.ts new <name>   writes it as a new migration
//   node libs/database/src/cli/migration.ts init         writes the first one anew; only before the first release

import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

import { PrismaPg } from '@prisma/adapter-pg';
import { bindMigrationAwareSqlAdapterFactory } from '@prisma/driver-adapter-utils';
import type { DiffTarget } from '@prisma/schema-engine-wasm';
import * as halves from '@prisma/schema-engine-wasm/schema_engine_bg';

import { MIGRATIONS_DIR } from '../migrate.ts';
import setup from '../testing-setup.ts';
import { emptyTestDatabase, testDatabase } from '../testing.ts';

const ROOT = fileURLToPath(new URL('../../../..', import.meta.url));
const INIT = '20261123000000_init';

async function loadEngine(): Promise<void> {
  const glue = createRequire(import.meta.url).resolve('@prisma/schema-engine-wasm/schema_engine_bg');
  const binary = await readFile(glue.replace(/\.js$/, '.wasm'));
  const { instance } = await WebAssembly.instantiate(binary, { './schema_engine_bg.js': { ...halves } });
  halves.__wbg_set_wasm(instance.exports);
  const start = instance.exports['__wbindgen_start'];
  if (typeof start !== 'function') throw new Error('the schema engine has no start; is its version the pinned one?');
  start();
}

/** The models, as the engine takes them: every .prisma file under prisma/. */
async function readModels(): Promise<{ path: string; content: string }[]> {
  const folder = join(ROOT, 'prisma');
  const names = (await readdir(folder, { recursive: true })).filter((name) => name.endsWith('.prisma')).sort();
  return Promise.all(names.map(async (name) => ({ path: join(folder, name), content: await readFile(join(folder, name), 'utf8') })));
}

/** The SQL that leads from a target to the models; '' where there is none. */
async function difference(url: string, from: DiffTarget): Promise<string> {
  const files = await readModels();
  const factory = bindMigrationAwareSqlAdapterFactory(new PrismaPg({ connectionString: url }));
  const options = { datamodels: files.map((file): [string, string] => [file.path, file.content]) };
  const engine = await halves.SchemaEngine.new(options, () => undefined, factory);
  try {
    const { exitCode, stdout } = await engine.diff({
      from,
      to: { tag: 'schemaDatamodel', files },
      script: true,
      exitCode: true,
      filters: { externalTables: [], externalEnums: [] },
    });
    return exitCode === 0 ? '' : (stdout ?? '').trim();
  } finally {
    engine.free();
  }
}

/** What the migrations lack. */
async function missing(): Promise<string> {
  const test = await testDatabase();
  try {
    return await difference(test.url, { tag: 'schemaDatasource', files: await readModels(), configDir: ROOT });
  } finally {
    await test.drop();
  }
}

async function everything(): Promise<string> {
  const test = await emptyTestDatabase();
  try {
    return await difference(test.url, { tag: 'empty' });
  } finally {
    await test.drop();
  }
}

async function write(name: string, sql: string): Promise<void> {
  const folder = join(MIGRATIONS_DIR, name);
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'migration.sql'), `${sql}\n`);
  console.log(`Wrote ${relative(process.cwd(), join(folder, 'migration.sql'))}.`);
}

/** Runs one command; answers the exit code. */
async function main(command: string | undefined, name: string | undefined): Promise<number> {
  switch (command) {
    case 'init':
      await write(INIT, await everything());
      return 0;
    case 'check': {
      const sql = await missing();
      if (sql === '') console.log('The migrations make exactly what the models say.');
      else console.error(`The migrations lack this (node libs/database/src/cli/migration.ts new <name> writes it):\n\n${sql}`);
      return sql === '' ? 0 : 1;
    }
    case 'new': {
      if (name === undefined || !/^[a-z0-9_]{1,60}$/.test(name)) {
        console.error('Name the migration in lower case, digits and underscores: migration.ts new add_run_colour');
        return 2;
      }
      const sql = await missing();
      if (sql === '') console.log('Nothing to write: the migrations make exactly what the models say.');
      else await write(`${new Date().toISOString().replaceAll(/\D/g, '').slice(0, 14)}_${name}`, sql);
      return 0;
    }
    default:
      console.error('usage: migration.ts check | new <name> | init');
      return 2;
  }
}

const remove = await setup();
try {
  await loadEngine();
  process.exitCode = await main(process.argv[2], process.argv[3]);
} finally {
  await remove?.();
}
