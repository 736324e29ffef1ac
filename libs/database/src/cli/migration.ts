// Writes and checks migrations: what prisma/migrations make must be what prisma/models say.
//
//   node libs/database/src/cli/migration.ts check        exits 1 and prints what is missing
//   node libs/database/src/cli/migration.ts new <name>   writes it as a new migration
//   node libs/database/src/cli/migration.ts init         writes the first one anew; only before the first release

import { mkdir, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';

import { MIGRATIONS_DIR } from '../migrate.ts';
import { differenceToModels } from '../schema-difference.ts';
import setup from '../testing-setup.ts';
import { emptyTestDatabase, testDatabase } from '../testing.ts';

const INIT = '20261123000000_init';

/** What the migrations lack. */
async function missing(): Promise<string> {
  const test = await testDatabase();
  try {
    return await differenceToModels({ url: test.url, from: 'database' });
  } finally {
    await test.drop();
  }
}

async function everything(): Promise<string> {
  const test = await emptyTestDatabase();
  try {
    return await differenceToModels({ url: test.url, from: 'nothing' });
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
  process.exitCode = await main(process.argv[2], process.argv[3]);
} finally {
  await remove?.();
}
