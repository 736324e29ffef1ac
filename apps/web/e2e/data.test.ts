// Goal: a person learns what is in a dataset before using it, sees what changed in it, and is told wherever it counts that it was withdrawn.
// Method: real measurements of penguins, flights and weather, in every format that is read; what has no place in a format comes along.

import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import type { Api, TestServer, WatchedPage } from './support.ts';
import { apiOf, launch, logRun, openPage, picture, registerData, startServer } from './support.ts';

// As the example has them.
const fromExample = createRequire(join(import.meta.dirname, '../../../examples/penguins/package.json'));
const DATA = join(dirname(fromExample.resolve('vega-datasets')), '../data');
const real = (name: string) => readFile(join(DATA, name));

interface Penguin {
  id: number;
  [column: string]: string | number | null;
}

const README = `---
license: cc0-1.0
---
# Palmer penguins

Of **344** penguins. ![logo](logo.png) ![pixel](https://tracker.example/pixel.gif)
<img src="https://tracker.example/second.gif" onerror="alert(1)">

[rows](data/penguins.csv) · [script](javascript:alert(1)) · [station](https://pal.lternet.edu)

| column | unit |
| --- | --- |
| Body Mass | g |
`;

let server: TestServer;
let browser: Browser;
let api: Api;
let watched: WatchedPage;
let page: Page;
let versionId = '';
let runId = '';

function csvOf(rows: readonly Penguin[]): string {
  const columns = Object.keys(rows[0] ?? {});
  return [columns, ...rows.map((row) => columns.map((name) => row[name] ?? ''))].map((cells) => `${cells.join(',')}\n`).join('');
}

beforeAll(async () => {
  server = await startServer();
  browser = await launch();
  api = apiOf(server);
  watched = await openPage(browser, server, { width: 1440 });
  page = watched.page;
  const birds = JSON.parse((await real('penguins.json')).toString()) as Omit<Penguin, 'id'>[];
  const first = birds.map((bird, index): Penguin => ({ id: index + 1, ...bird }));
  const kept = first.filter(({ id }) => id !== 7).map((bird) => (bird.id === 2 ? { ...bird, 'Body Mass (g)': 4321 } : bird));
  const second = [...kept, { ...first[0], id: 900 }].map((bird) => ({ ...bird, Year: 2009 }));
  const raw = await registerData(api, 'penguins', {
    'data/penguins.csv': csvOf(first),
    'data/flights.arrow': await real('flights-200k.arrow'),
    'logo.png': await real('7zip.png'),
    'notes.txt': 'Measured at Palmer Station.\n',
    'broken.parquet': 'PAR1 is how one begins, but not how one ends.',
    'model.bin': new Uint8Array([0, 159, 146, 150, 0]),
    'README.md': README,
  });
  versionId = raw.id;
  await registerData(api, 'penguins', { 'data/penguins.csv': csvOf(second), 'README.md': README, 'logo.png': await real('7zip.png') });
  const made = await registerData(api, 'features', { 'features.csv': 'id,mass\n1,3750\n' }, [raw.id]);
  const experiment = await api.change('createExperiment', 'Experiment', 'id', [['input', 'CreateExperimentInput!', { name: 'species' }]]);
  const run = await logRun(api, experiment['id'] ?? '', 'tern-7', 0.97);
  runId = run.runId;
  await api.change('logInput', 'Run', 'id', [
    ['run', 'ID!', run.id],
    ['input', 'LogInputInput!', { datasetVersion: made.id, context: 'training', files: made.files }],
  ]);
  const model = await api.change('createLoggedModel', 'LoggedModel', 'id', [
    ['input', 'CreateLoggedModelInput!', { name: 'classifier', sourceRun: run.id }],
  ]);
  await api.change('putArtifact', 'File', 'path', [
    ['owner', 'ID!', model['id']],
    ['path', 'String!', 'MLmodel'],
    ['sha256', 'String!', await api.upload('flavors: {}\n')],
  ]);
  await api.change('finalizeLoggedModel', 'LoggedModel', 'id', [
    ['id', 'ID!', model['id']],
    ['status', 'LoggedModelStatus!', 'READY'],
  ]);
  await api.change('registerVersion', 'ModelVersion', 'id', [
    ['input', 'RegisterVersionInput!', { model: 'classifier', loggedModel: model['id'] }],
  ]);
  await api.change('deploy', 'Deployment', 'id', [
    ['input', 'DeployInput!', { version: 'model:classifier/1', environment: 'production', target: 'api' }],
  ]);
});

afterAll(async () => {
  await browser.close();
  await server.stop();
});

const open = (file: string) => page.goto(`/datasets/penguins/1?tab=files&file=${file}`);

describe('the files of a version', () => {
  it('show the first rows of a table with the types of its columns, and what is missing as that', async () => {
    await open('data/penguins.csv');
    const table = page.getByRole('table', { name: 'First rows of data/penguins.csv' });
    await table.getByRole('columnheader', { name: 'Beak Length (mm) double' }).waitFor();
    expect((await table.getByRole('row').nth(4).getByRole('cell').allTextContents()).slice(1, 5)).toEqual([
      '4',
      'Adelie',
      'Torgersen',
      'null',
    ]);
    await page.getByText('The first 50 rows').waitFor();
    await page.getByRole('button', { name: 'Show 200' }).click();
    await page.getByText('The first 200 rows').waitFor();
  });

  it('show a table that is no text', async () => {
    await open('data/flights.arrow');
    await page.getByRole('columnheader', { name: /^distance/ }).waitFor();
  });

  it('show a picture in its own size', async () => {
    await open('logo.png');
    await page.getByText('100 × 100 pixels').waitFor();
    expect(
      await page
        .getByRole('img', { name: 'logo.png' })
        .evaluate((image: HTMLImageElement) => image.decode().then(() => image.naturalWidth)),
    ).toBe(100);
  });

  it('show a text, and say of what cannot be shown why', async () => {
    await open('notes.txt');
    await page.getByText('Measured at Palmer Station.').waitFor();
    await open('broken.parquet');
    await page.getByText(/cannot be read as a table/).waitFor();
    await open('model.bin');
    await page.locator('.preview .note').waitFor();
  });
});

describe('the profile of a table', () => {
  it('appears by itself, column by column', async () => {
    await page.goto('/datasets/penguins/1?tab=profile&table=data/penguins.csv');
    const table = page.getByRole('table', { name: 'Columns of penguins@1, data/penguins.csv' });
    await table.waitFor();
    const row = table.getByRole('row', { name: /Body Mass/ });
    await row.getByRole('img', { name: /bins from 2,700 to 6,300/ }).waitFor();
    expect((await row.getByRole('cell').allTextContents()).slice(1, 6)).toEqual(['0.6 %', '94', '2,700', '4,202', '6,300']);
    await table.getByRole('img', { name: 'Adelie 152, Gentoo 124, Chinstrap 68' }).waitFor();
  });

  it('opens a column to its quantiles and its most frequent values, and the address keeps it open', async () => {
    await page.getByRole('button', { name: 'Body Mass (g), BIGINT' }).click();
    await page.getByText('Median').waitFor();
    await page.getByRole('button', { name: 'Species, VARCHAR' }).click();
    await page.reload();
    await page
      .getByRole('table', { name: 'Most frequent values of Species' })
      .getByRole('row', { name: /Gentoo 124/ })
      .waitFor();
    expect(await page.getByText('4,050').count()).toBe(1);
    await picture(page, 'data-profile');
  });

  it('says why one could not be made, and makes it again when asked', async () => {
    await page.goto('/datasets/penguins/1?tab=profile&table=broken.parquet');
    await page.getByRole('heading', { name: 'This table could not be read' }).waitFor();
    await page.getByRole('button', { name: 'Try again' }).click();
    await page.getByText('Asked for.').waitFor();
    await page.getByRole('heading', { name: 'This table could not be read' }).waitFor();
  });
});

describe('what changed in a table', () => {
  it('is told by columns, by rows and by cells, with the key that was found', async () => {
    await page.goto('/datasets/penguins/2?tab=compare&by=rows');
    await page.getByRole('button', { name: 'Rows recognised by id' }).waitFor();
    await page.getByRole('row', { name: /added Year/ }).waitFor();
    const rows = page.getByRole('table', { name: 'Rows that differ' });
    await rows.getByRole('row', { name: /changed 2 3800 4321/ }).waitFor();
    expect(await rows.getByRole('rowheader').allTextContents()).toEqual(['± changed', '− removed', '+ added']);
    expect(await rows.locator('del').allTextContents()).toEqual(['3800']);
    await picture(page, 'data-rows');
  });

  it('is told by another key, and one that is none is refused with a way back', async () => {
    await page.getByRole('button', { name: 'Rows recognised by id' }).click();
    const chooser = page.getByRole('dialog', { name: 'Recognise rows by' });
    await chooser.getByLabel('id', { exact: true }).uncheck();
    await chooser.getByLabel('Species').check();
    await chooser.getByRole('button', { name: 'Compare' }).click();
    await page.getByText(/'Species' is no key/).waitFor();
    expect(new URL(page.url()).searchParams.get('key')).toBe('Species');
    await page.getByRole('button', { name: 'Choose another key' }).click();
    await page.getByRole('dialog', { name: 'Recognise rows by' }).getByRole('button', { name: 'Find one' }).click();
    await page.getByRole('button', { name: 'Rows recognised by id' }).waitFor();
  });

  it('is told by files too', async () => {
    await page.getByRole('group', { name: 'Compare by' }).getByRole('button', { name: 'Files' }).click();
    await page.getByRole('row', { name: /changed data\/penguins.csv/ }).waitFor();
    await page.getByRole('row', { name: /removed notes.txt/ }).waitFor();
    await page.getByRole('link', { name: 'Rows of data/penguins.csv that differ' }).click();
    await page.getByRole('table', { name: 'Rows that differ' }).waitFor();
  });
});

describe('a version of more tables than a list holds', () => {
  beforeAll(async () => {
    const parts = (rows: string) =>
      Object.fromEntries(
        Array.from({ length: 130 }, (_, part) => [`part-${String(part).padStart(3, '0')}.csv`, `id,value\n1,${rows}${part}\n`]),
      );
    await registerData(api, 'shards', parts('1'));
    await registerData(api, 'shards', parts('2'));
  });

  it('lets any of them be found and compared', async () => {
    await page.goto('/datasets/shards/2?tab=compare&by=rows');
    await page.getByRole('button', { name: 'Table of @2: part-000.csv' }).click();
    await page.getByLabel('Tables by path').fill('part-12');
    await page.getByRole('button', { name: 'part-127.csv' }).click();
    await page.getByRole('button', { name: 'Table of @1: part-127.csv' }).waitFor();
    await page.getByText('2127', { exact: true }).waitFor();
    expect(new URL(page.url()).searchParams.get('table')).toBe('part-127.csv');
  });
});

describe('a README', () => {
  const text = () => page.getByLabel('README in Markdown', { exact: true });

  it('is shown from the version’s own file, and neither loads from elsewhere nor runs anything', async () => {
    await page.goto('/datasets/penguins?tab=readme');
    await page.getByRole('heading', { name: 'Palmer penguins' }).waitFor();
    expect(
      await page.getByRole('img', { name: 'logo' }).evaluate((image: HTMLImageElement) => image.decode().then(() => image.naturalWidth)),
    ).toBe(100);
    expect(await page.locator('.prose img').count()).toBe(1);
    expect(await page.getByRole('link', { name: 'station' }).getAttribute('rel')).toContain('noopener');
    expect(await page.getByRole('link', { name: 'script' }).count()).toBe(0);
    expect(await page.locator('.prose').textContent()).not.toContain('license');
    await page.getByRole('link', { name: 'rows' }).click();
    await page.getByRole('table', { name: 'First rows of data/penguins.csv' }).waitFor();
  });

  it('outlives a reload while it is written, and is saved', async () => {
    await page.goto('/datasets/features?tab=readme');
    await page.getByRole('button', { name: 'Write a README' }).click();
    await text().fill('# Features\n\nMass alone.');
    await page.getByRole('region', { name: 'How it will look' }).getByText('Mass alone.').waitFor();
    await page.reload();
    expect(await text().inputValue()).toBe('# Features\n\nMass alone.');
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    await page.getByText('written by local').waitFor();
  });

  it('is never written over somebody else’s: both stand there until one text holds both', async () => {
    await page.getByRole('button', { name: 'Edit', exact: true }).click();
    await text().fill('# Features\n\nMass alone. In grams.');
    await api.change('updateDatasetReadme', 'Dataset', 'id', [
      ['dataset', 'ID!', 'data:features'],
      ['text', 'String!', '# Features\n\nMass alone, of adults.'],
      ['revision', 'Int!', 1],
    ]);
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    await page.getByRole('alert').getByText('local has written it in the meantime.').waitFor();
    expect(await text().inputValue()).toContain('In grams.');
    expect(await page.getByLabel('Their README in Markdown').inputValue()).toContain('of adults.');
    await picture(page, 'data-readme-overtaken');
    await text().fill('# Features\n\nMass alone, of adults. In grams.');
    await page.getByRole('button', { name: 'Mine holds both' }).click();
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    await page.getByRole('button', { name: 'Edit', exact: true }).waitFor();
    expect(await page.locator('.prose').textContent()).toContain('Mass alone, of adults. In grams.');
  });

  it('keeps what was written before, to go on from', async () => {
    await page.getByRole('button', { name: 'History' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByText('#1').click();
    await dialog.getByRole('button', { name: 'Edit from this one…' }).click();
    expect(await text().inputValue()).toBe('# Features\n\nMass alone.');
    await page.getByRole('button', { name: 'Discard' }).click();
    await page.getByText('Mass alone, of adults. In grams.').waitFor();
    await page.getByRole('button', { name: 'Undo' }).click();
    expect(await text().inputValue()).toBe('# Features\n\nMass alone.');
    await page.getByRole('button', { name: 'Discard' }).click();
  });
});

describe('a withdrawal', () => {
  const reason = 'two islands were swapped';

  beforeAll(async () => {
    await api.change('retractDatasetVersion', 'DatasetVersion', 'id', [
      ['version', 'ID!', versionId],
      ['reason', 'String!', reason],
    ]);
  });

  it.each([
    ['the data that was made from it', '/datasets/features/1'],
    ['the model version', '/models/classifier/1'],
    ['the deployment', '/deployments/production/api'],
  ])('is told with its reason on the page of %s', async (_, path) => {
    await page.goto(path);
    await page.getByRole('note', { name: 'Stands on withdrawn data' }).getByText(reason).waitFor();
  });

  it('is told on the run, reached from the model’s list, which marks the version', async () => {
    await page.goto('/models/classifier');
    await page
      .getByRole('row', { name: /tern-7/ })
      .getByText('withdrawn data')
      .waitFor();
    await page.getByRole('link', { name: 'tern-7' }).click();
    await page.getByRole('note', { name: 'Stands on withdrawn data' }).getByText(reason).waitFor();
  });

  it('is told in the table of runs, beside others, and where runs are compared', async () => {
    await page.goto(`/runs/${runId}`);
    await page.getByRole('navigation', { name: 'Breadcrumb' }).getByRole('link', { name: 'species' }).click();
    const mark = page.getByRole('row', { name: /tern-7/ }).getByText('withdrawn data');
    expect(await mark.getAttribute('title')).toContain(reason);
    await page.goto(`/compare?runs=${runId}`);
    await page
      .getByRole('row', { name: /Withdrawn behind it/ })
      .getByText(reason)
      .waitFor();
  });

  it('is told in the list of models and on the first page', async () => {
    await page.goto('/models');
    await page
      .getByRole('row', { name: /classifier/ })
      .getByText('withdrawn data')
      .waitFor();
    await page.goto('/');
    await page
      .getByRole('row', { name: /tern-7/ })
      .getByText('withdrawn data')
      .waitFor();
  });

  it('is told in front of a promotion and of a deployment', async () => {
    await page.goto('/models/classifier/1');
    await page.getByRole('button', { name: 'Promote' }).click();
    await page.getByRole('dialog').getByRole('alert').getByText(reason).waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'Deploy', exact: true }).click();
    await page.getByRole('dialog').getByRole('alert').getByText(reason).waitFor();
    await page.keyboard.press('Escape');
  });

  it('is told in the list of what is deployed', async () => {
    await page.goto('/deployments');
    await page.getByText('On withdrawn data').waitFor();
  });
});

describe.each([
  ['light', 1440, false],
  ['dark', 800, true],
] as const)('in %s at %i', (theme, width, dark) => {
  it('every page of a dataset stays within the window', async () => {
    const { page: other } = await openPage(browser, server, { width, dark });
    for (const [name, path] of [
      ['files', '/datasets/penguins/1?tab=files&file=data/penguins.csv'],
      ['profile', '/datasets/penguins/1?tab=profile&table=data/penguins.csv&columns=Species,Island'],
      ['rows', '/datasets/penguins/2?tab=compare&by=rows'],
      ['readme', '/datasets/penguins?tab=readme'],
    ] as const) {
      await other.goto(path);
      await other.waitForLoadState('networkidle');
      await picture(other, `data-${name}-${theme}-${width}`);
      expect([name, await other.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth)]).toEqual([name, true]);
    }
    await other.close();
  });
});

it('never spoke to another server, nor to itself in errors', () => {
  expect(watched.complaints).toEqual([]);
});
