// node scripts/measure-tables.mjs: how long the reader of tables takes, and what memory, for a profile, a preview and a difference, of real and of made
// tables. docs/datasets.md says what it printed.

import { copyFileSync, createWriteStream, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

import { askTables, PROFILE_LIMITS } from '../libs/data-versioning/src/tables/run.ts';

import { say } from './lib/terminal.mjs';

const ROWS = 3_000_000;
const DATA = join(dirname(createRequire(import.meta.url).resolve('vega-datasets')), '../data');

/** A CSV of whole numbers, fractions and a thousand texts; `changed` says which rows have another text. */
function* csvOf(changed) {
  yield 'id,value,text\n';
  for (let row = 0; row < ROWS; row += 1) yield `${row},${Math.sin(row)},text ${changed(row) ? 'other' : row % 1000}\n`;
}

/** The most memory that the children of this process have had so far; 0 where the system does not tell. */
function peakOfChildren() {
  try {
    const children = readFileSync(`/proc/self/task/${process.pid}/children`, 'utf8').split(' ').filter(Boolean);
    return Math.max(0, ...children.map((pid) => Number(/^VmHWM:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0)));
  } catch {
    return 0;
  }
}

async function measure(what, question) {
  const folder = join(root, 'asked');
  mkdirSync(folder);
  let peak = 0;
  const looking = setInterval(() => (peak = Math.max(peak, peakOfChildren())), 20);
  const begin = performance.now();
  try {
    await askTables({ ...question, folder }, { limits: PROFILE_LIMITS });
    const seconds = ((performance.now() - begin) / 1000).toFixed(2);
    say(`${what.padEnd(62)} ${seconds.padStart(6)} s ${String(Math.round(peak / 1024)).padStart(5)} MB`);
  } finally {
    clearInterval(looking);
    rmSync(folder, { recursive: true, force: true });
  }
}

const root = mkdtempSync(join(tmpdir(), 'throughline-measure-'));
try {
  const [csv, changed] = [join(root, 'a.csv'), join(root, 'b.csv')];
  await pipeline(Readable.from(csvOf(() => false)), createWriteStream(csv));
  await pipeline(Readable.from(csvOf((row) => row % 1000 === 7)), createWriteStream(changed));
  const table = (file, format) => {
    copyFileSync(join(DATA, file), join(root, file));
    return { file: join(root, file), format };
  };
  const large = { file: csv, format: 'csv' };
  const flights = table('flights-3m.parquet', 'parquet');
  const penguins = table('penguins.json', 'json');
  const size = ({ file }) => `${Math.ceil(statSync(file).size / 1e6)} MB`;

  await measure('profile of penguins.json, 344 rows', { kind: 'profile', table: penguins });
  await measure(`profile of flights-3m.parquet, 3,000,000 rows, ${size(flights)}`, { kind: 'profile', table: flights });
  await measure(`profile of flights-200k.arrow, 200,000 rows`, { kind: 'profile', table: table('flights-200k.arrow', 'arrow') });
  await measure(`profile of a CSV, 3,000,000 rows, ${size(large)}`, { kind: 'profile', table: large });
  await measure('preview of penguins.json', { kind: 'preview', table: penguins, rows: 50 });
  await measure('preview of flights-3m.parquet', { kind: 'preview', table: flights, rows: 50 });
  await measure('difference of two such CSVs, 3,000 rows of which changed', {
    kind: 'diff',
    before: large,
    after: { file: changed, format: 'csv' },
    key: [],
    sample: 20,
  });
} finally {
  rmSync(root, { recursive: true, force: true });
}
