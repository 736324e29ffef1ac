import { describe, expect, it } from 'vitest';

import type { Penguin } from './data.ts';
import { clean, readPenguins, readRawPenguins, writeDropped, writePenguins } from './data.ts';

const raw = await readRawPenguins();
const cleaned = clean(raw);

const countBySpecies = (penguins: readonly Penguin[]) => {
  const groups = Map.groupBy(penguins, ({ species }) => species);
  return Object.fromEntries([...groups].map(([species, flock]) => [species, flock.length]));
};

describe('cleaning the penguins', () => {
  it('keeps the 333 of 344 of whom everything is known', () => {
    expect(cleaned.rawCount).toBe(344);
    expect(cleaned.dropped).toHaveLength(11);
    expect(cleaned.train.length + cleaned.holdout.length).toBe(333);
  });

  it('says what each dropped row lacks, a sex written as a dot included', () => {
    const lacking = (...columns: string[]) => cleaned.dropped.filter(({ lacks }) => lacks.join() === columns.join()).map(({ row }) => row);
    expect(lacking('sex', 'beak_length_mm', 'beak_depth_mm', 'flipper_length_mm', 'body_mass_g')).toEqual([3, 339]);
    expect(lacking('sex')).toEqual([8, 9, 10, 11, 47, 246, 286, 324, 336]);
    expect(writeDropped(cleaned.dropped).toString().split('\n').slice(0, 3)).toEqual([
      'raw_row,lacks',
      '3,sex beak_length_mm beak_depth_mm flipper_length_mm body_mass_g',
      '8,sex',
    ]);
  });

  it('holds out a fifth of each species', () => {
    expect(countBySpecies(cleaned.train)).toEqual({ Adelie: 117, Chinstrap: 54, Gentoo: 95 });
    expect(countBySpecies(cleaned.holdout)).toEqual({ Adelie: 29, Chinstrap: 14, Gentoo: 24 });
  });

  it('gives the same bytes every time', () => {
    const again = clean(raw);
    expect(writePenguins(again.train)).toEqual(writePenguins(cleaned.train));
    expect(writePenguins(again.holdout)).toEqual(writePenguins(cleaned.holdout));
  });

  it('names the columns with their units', () => {
    expect(writePenguins(cleaned.train).toString().split('\n').slice(0, 2)).toEqual([
      'species,island,sex,beak_length_mm,beak_depth_mm,flipper_length_mm,body_mass_g',
      'Adelie,Torgersen,MALE,39.1,18.7,181,3750',
    ]);
  });

  it.each([
    ['{}', 'The raw file is not a list.'],
    ['[1]', 'Row 0 of the raw file is not an object.'],
    [
      '[{"Species":"Emperor","Island":"x","Sex":"MALE","Beak Length (mm)":1,"Beak Depth (mm)":1,"Flipper Length (mm)":1,"Body Mass (g)":1}]',
      "'Emperor' is not one of",
    ],
    ['[{"Species":["Adelie"]}]', 'Row 0 has no readable Species.'],
  ])('refuses %s', (text, message) => {
    expect(() => clean(Buffer.from(text))).toThrow(message);
  });
});

describe('the cleaned file', () => {
  it('reads back as the penguins that it was written of', () => {
    expect(readPenguins(writePenguins(cleaned.train))).toEqual(cleaned.train);
  });

  it('is refused with other columns', () => {
    expect(() => readPenguins(Buffer.from('species,mass\nAdelie,1\n'))).toThrow('The columns are species,mass; they should be species,');
  });

  it('is refused with a measurement that is no number', () => {
    const text = writePenguins(cleaned.train.slice(0, 1)).toString().replace('3750', 'heavy');
    expect(() => readPenguins(Buffer.from(text))).toThrow('A penguin has 4 measurements above zero; these are 39.1, 18.7, 181, heavy.');
  });
});
