// Tables of dataset versions, as a page asks for them: by GraphQL, over files that were uploaded, with the worker that the server runs.

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';

import { makeVersion } from './testing/story.ts';
import { startWorld } from './testing/world.ts';
import type { World } from './testing/world.ts';

const DATA = join(dirname(createRequire(import.meta.url).resolve('vega-datasets')), '../data');
const CSV = 'id,species,mass\n1,Adelie,3750\n2,Gentoo,\n3,Gentoo,5000\n';

let world: World;
const end = new AbortController();
let working: Promise<void>;
let version: { id: string };
let later: { id: string };
beforeAll(async () => {
  world = await startWorld();
  working = world.services.data.profiles.run({ signal: end.signal, onError: (error) => world.log.push({ message: 'profiles', error }) });
  const picture = readFileSync(join(DATA, 'ffox.png'));
  const files = { 'a b/x.csv': CSV, 'picture.png': picture, 'drawing.svg': '<svg xmlns="http://www.w3.org/2000/svg"><script/></svg>' };
  version = await makeVersion(world, { dataset: 'shown', files });
  later = await makeVersion(world, { dataset: 'shown', files: { ...files, 'a b/x.csv': CSV.replace('3750', '3800') } });
});
afterAll(async () => {
  end.abort();
  await working;
  expect(world.log).toEqual([]);
  await world.close();
});

const TABLES = `query ($id: ID!) { datasetVersion(id: $id) { tables { nodes { path format sizeBytes state problem { code } profiledAt profile {
  format rowCount columnCount notes columns { name type kind nullCount distinctCount isDistinctEstimated min max mean quantiles { level value }
  notFiniteCount histogram { from to count } top { value count } } } } pageInfo { hasNextPage } } } }`;

interface Tables {
  datasetVersion: { tables: { nodes: { state: string }[] } };
}

describe('the tables of a version', () => {
  it('have their profiles soon after it was registered', async () => {
    const found = await vi.waitUntil(
      async () => {
        const { datasetVersion } = await world.query<Tables>(TABLES, { id: version.id });
        return datasetVersion.tables.nodes.every(({ state }) => state === 'DONE') ? datasetVersion : false;
      },
      { timeout: 60_000, interval: 50 },
    );
    expect(found).toMatchObject({
      tables: {
        nodes: [
          {
            path: 'a b/x.csv',
            format: 'CSV',
            sizeBytes: '54',
            problem: null,
            profile: {
              rowCount: '3',
              columnCount: 3,
              columns: [
                { name: 'id', kind: 'NUMBER' },
                {
                  name: 'species',
                  kind: 'TEXT',
                  top: [
                    { value: 'Gentoo', count: '2' },
                    { value: 'Adelie', count: '1' },
                  ],
                },
                {
                  name: 'mass',
                  nullCount: '1',
                  min: '3750',
                  max: '5000',
                  mean: 4375,
                  quantiles: expect.arrayContaining([{ level: 0.5, value: 4375 }]) as unknown,
                },
              ],
            },
          },
        ],
        pageInfo: { hasNextPage: false },
      },
    });
  });

  it('are found one by one, and asked for again', async () => {
    const query = `query ($id: ID!) { datasetVersion(id: $id) { x: table(path: "a b/x.csv") { format } y: table(path: "picture.png") { format } z: table(path: "z.csv") { format } } }`;
    expect(await world.query(query, { id: version.id })).toEqual({ datasetVersion: { x: { format: 'CSV' }, y: null, z: null } });
    expect(await world.command('profileDatasetVersion', { version: version.id })).toMatchObject({ id: version.id });
  });

  it('are compared between versions', async () => {
    const query = `query ($from: ID!, $to: ID!, $path: String!) { tableDiff(from: $from, to: $to, path: $path) {
      path fromPath isSame columns { name } key rowsBefore rowsAfter addedRows removedRows changedRows changedColumns { name rowCount } sampleColumns sample { change before after } } }`;
    const ask = { from: version.id, to: later.id, path: 'a b/x.csv' };
    expect(await world.query(query, ask)).toEqual({
      tableDiff: {
        path: 'a b/x.csv',
        fromPath: 'a b/x.csv',
        isSame: false,
        columns: [],
        key: ['id'],
        rowsBefore: '3',
        rowsAfter: '3',
        addedRows: '0',
        removedRows: '0',
        changedRows: '1',
        changedColumns: [{ name: 'mass', rowCount: '1' }],
        sampleColumns: ['id', 'mass', 'species'],
        sample: [{ change: 'CHANGED', before: ['1', '3750', 'Adelie'], after: ['1', '3800', 'Adelie'] }],
      },
    });
    expect(await world.query(query, { ...ask, to: version.id })).toMatchObject({
      tableDiff: { isSame: true, columns: [], sample: [] },
    });
    const { errors } = await world.graphql(query, { ...ask, path: 'nowhere.csv' });
    expect(errors[0]?.extensions).toMatchObject({ reason: 'FILE_NOT_FOUND' });
  });
});

const PREVIEW = `query ($id: ID!, $path: String!) { datasetVersion(id: $id) { preview(path: $path, rows: 1) {
  path kind mediaType sizeBytes columns { name type } columnCount rows hasMoreRows text width height address problem { code } } } }`;

async function preview(path: string) {
  const { datasetVersion } = await world.query<{ datasetVersion: { preview: { address: string | null } } }>(PREVIEW, {
    id: version.id,
    path,
  });
  return datasetVersion.preview;
}

describe('the preview of a file', () => {
  it('is of a table its first rows', async () => {
    expect(await preview('a b/x.csv')).toMatchObject({ kind: 'TABLE', columnCount: 3, rows: [['1', 'Adelie', '3750']], hasMoreRows: true });
  });

  it('is of a picture an address that serves it as one, which nothing in it can run', async () => {
    const shown = await preview('picture.png');
    expect(shown).toMatchObject({
      kind: 'IMAGE',
      mediaType: 'image/png',
      address: '/api/v1/datasets/shown/versions/1/pictures/picture.png',
    });
    const { status, bytes, headers } = await world.download(shown.address ?? '');
    expect({ status, isSame: bytes.equals(readFileSync(join(DATA, 'ffox.png'))) }).toEqual({ status: 200, isSame: true });
    expect(Object.fromEntries(headers)).toMatchObject({
      'content-type': 'image/png',
      'content-disposition': expect.stringMatching(/^inline; /) as string,
      'content-security-policy': "default-src 'none'; sandbox",
      'x-content-type-options': 'nosniff',
    });
  });

  it('is of an SVG its text, and no address serves it as a picture', async () => {
    expect(await preview('drawing.svg')).toMatchObject({ kind: 'TEXT', mediaType: 'text/plain', address: null });
    const { status, text } = await world.send('GET', '/api/v1/datasets/shown/versions/1/pictures/drawing.svg');
    expect({ status, code: (JSON.parse(text) as { error: { code: string } }).error.code }).toEqual({ status: 400, code: 'NOT_A_PICTURE' });
  });

  it('is nobody’s of another workspace', async () => {
    const { access } = world.services;
    await access.ensureWorkspace('theirs');
    const theirs = { caller: await access.localCaller('theirs') };
    const { secret: token } = await access.tokens.create(theirs, { name: 'their admin', scope: 'ADMIN', principal: 'stranger' });
    expect(await world.query(PREVIEW, { id: version.id, path: 'a b/x.csv' }, { token })).toEqual({ datasetVersion: null });
    expect((await world.send('GET', '/api/v1/datasets/shown/versions/1/pictures/picture.png', undefined, { token })).status).toBe(404);
  });
});
