// The data: 344 penguins of the Palmer Archipelago, measured by Dr. Kristen Gorman and the Palmer Station LTER, as the npm package
// vega-datasets carries them (CC0). Cleaning drops whoever lacks a measurement or a sex, gives the columns names that keep their
// units, and holds out every fifth penguin of each species for the last judgement. The same input gives the same bytes.

import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join, dirname } from 'node:path';

import { readCsv, writeCsv } from './csv.ts';
import { seeded, shuffled } from './random.ts';

const require = createRequire(import.meta.url);

/** What is measured of each penguin, with the units; the order is the model's input. */
export const FEATURES = ['beak_length_mm', 'beak_depth_mm', 'flipper_length_mm', 'body_mass_g'] as const;
/** What is to be told; the order is the model's output. */
export const SPECIES = ['Adelie', 'Chinstrap', 'Gentoo'] as const;

export type Species = (typeof SPECIES)[number];

/** One penguin with everything known. */
export interface Penguin {
  species: Species;
  island: string;
  sex: string;
  /** In the order and units of FEATURES. */
  measurements: readonly number[];
}

/** What cleaning makes of the raw file. */
export interface Cleaned {
  train: readonly Penguin[];
  holdout: readonly Penguin[];
  /** The raw rows that were left out, counted from 0, with what they lack. */
  dropped: readonly { row: number; lacks: readonly string[] }[];
}

const COLUMNS = ['species', 'island', 'sex', ...FEATURES] as const;
/** What the raw file calls them. */
const RAW_NAMES = {
  species: 'Species',
  island: 'Island',
  sex: 'Sex',
  beak_length_mm: 'Beak Length (mm)',
  beak_depth_mm: 'Beak Depth (mm)',
  flipper_length_mm: 'Flipper Length (mm)',
  body_mass_g: 'Body Mass (g)',
} satisfies Record<(typeof COLUMNS)[number], string>;

const HOLDOUT_SHARE = 0.2;
const SPLIT_SEED = 20_071_111;

/** The raw file's bytes, as the package carries them. */
export async function readRawPenguins(): Promise<Buffer> {
  // The package exports its code alone; the data stands in the folder beside it.
  return readFile(join(dirname(require.resolve('vega-datasets')), '..', 'data', 'penguins.json'));
}

/** Cleans and splits the raw file. Throws where it is not a list of penguins. */
export function clean(raw: Uint8Array): Cleaned & { rawCount: number } {
  const records: unknown = JSON.parse(Buffer.from(raw).toString('utf8'));
  if (!Array.isArray(records)) throw new Error('The raw file is not a list.');
  const kept: Penguin[] = [];
  const dropped: { row: number; lacks: string[] }[] = [];
  for (const [row, record] of records.entries()) {
    const cells = cellsOf(record, row);
    const lacks = COLUMNS.filter((column) => cells[column] === null);
    if (lacks.length > 0) dropped.push({ row, lacks });
    else kept.push(penguinOf(COLUMNS.map((column) => cells[column] ?? '')));
  }
  return { ...split(kept), dropped, rawCount: records.length };
}

/** A raw record's cells as text; null for what is missing. One penguin's sex is '.', which is missing too. */
function cellsOf(record: unknown, row: number): Record<(typeof COLUMNS)[number], string | null> {
  if (typeof record !== 'object' || record === null) throw new Error(`Row ${row} of the raw file is not an object.`);
  const values = new Map<string, unknown>(Object.entries(record));
  const cell = (column: (typeof COLUMNS)[number]): string | null => {
    const value = values.get(RAW_NAMES[column]);
    if (value === null || value === undefined || value === '' || value === '.') return null;
    if (typeof value !== 'string' && typeof value !== 'number') throw new Error(`Row ${row} has no readable ${RAW_NAMES[column]}.`);
    return String(value);
  };
  return {
    species: cell('species'),
    island: cell('island'),
    sex: cell('sex'),
    beak_length_mm: cell('beak_length_mm'),
    beak_depth_mm: cell('beak_depth_mm'),
    flipper_length_mm: cell('flipper_length_mm'),
    body_mass_g: cell('body_mass_g'),
  };
}

/** Holds out a fifth of each species, drawn by a fixed seed; both parts keep the order of the file. */
function split(penguins: readonly Penguin[]): { train: Penguin[]; holdout: Penguin[] } {
  const random = seeded(SPLIT_SEED);
  const held = new Set<Penguin>();
  for (const species of SPECIES) {
    const flock = penguins.filter((penguin) => penguin.species === species);
    for (const penguin of shuffled(flock, random).slice(0, Math.round(flock.length * HOLDOUT_SHARE))) held.add(penguin);
  }
  return { train: penguins.filter((penguin) => !held.has(penguin)), holdout: penguins.filter((penguin) => held.has(penguin)) };
}

/** Writes penguins as CSV. */
export function writePenguins(penguins: readonly Penguin[]): Buffer {
  const rows = penguins.map(({ species, island, sex, measurements }) => [species, island, sex, ...measurements.map(String)]);
  return Buffer.from(writeCsv({ columns: COLUMNS, rows }), 'utf8');
}

/** Reads what `writePenguins` writes. Throws where a column is another, a species unknown or a measurement no number. */
export function readPenguins(csv: Uint8Array): Penguin[] {
  const { columns, rows } = readCsv(Buffer.from(csv).toString('utf8'));
  if (columns.join() !== COLUMNS.join()) throw new Error(`The columns are ${columns.join()}; they should be ${COLUMNS.join()}.`);
  return rows.map(penguinOf);
}

/** A penguin from its cells, in the order of COLUMNS. */
function penguinOf([name, island = '', sex = '', ...numbers]: readonly string[]): Penguin {
  const species = SPECIES.find((known) => known === name);
  if (species === undefined) throw new Error(`'${name ?? ''}' is not one of ${SPECIES.join(', ')}.`);
  const measurements = numbers.map(Number);
  if (measurements.length !== FEATURES.length || !measurements.every((value) => Number.isFinite(value) && value > 0)) {
    throw new Error(`A penguin has ${FEATURES.length} measurements above zero; these are ${numbers.join(', ')}.`);
  }
  return { species, island, sex, measurements };
}

/** Writes which raw rows were left out, and why. */
export function writeDropped(dropped: Cleaned['dropped']): Buffer {
  const rows = dropped.map(({ row, lacks }) => [String(row), lacks.join(' ')]);
  return Buffer.from(writeCsv({ columns: ['raw_row', 'lacks'], rows }), 'utf8');
}
