// The subgraph as a router would run it: documents against its own schema, over the real domain.

import { createHash } from 'node:crypto';

import { graphql } from 'graphql';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import type { DataVersioningCommands } from './commands.ts';
import { createDataVersioningSubgraph } from './subgraph.ts';
import { newWorld } from './testing.ts';
import type { World } from './testing.ts';

let world: World;
beforeAll(async () => {
  world = await newWorld();
});
afterAll(() => world.end());

/** What joins domains is not here: these do the domain's own part. */
function commands(): DataVersioningCommands {
  return {
    async registerDatasetVersion(call, { dataset, files, single, message, sighting }) {
      const manifest = await world.content.createManifest(call, { kind: single ? 'FILE' : 'DIR', entries: files });
      const place = sighting === null ? {} : { sighting };
      return (await world.data.versions.register(call, { dataset, manifestId: manifest.id, message, ...place })).version;
    },
    async registerPushedVersion(call, { dataset, object, message }) {
      const [digest] = (await world.content.digestsOfDvc(call, [object])).get(object) ?? [];
      const manifest = digest === undefined ? null : await world.content.findManifest(call, digest);
      if (manifest === null) throw new Error(`${object} was not pushed`);
      return world.data.versions.register(call, { dataset, manifestId: manifest.id, message });
    },
    recordSighting: (call, id, place) => world.data.sightings.record(call, id, place),
    deleteDataset: (call, id) => world.data.datasets.delete(call, id),
  };
}

async function run(source: string, variableValues: Record<string, unknown> = {}): Promise<unknown> {
  const { schema } = createDataVersioningSubgraph(world.data, commands());
  const result = await graphql({ schema, source, variableValues, contextValue: { caller: world.call.caller, requestId: 'test' } });
  if (result.errors !== undefined) throw new Error(result.errors.map(String).join('\n'));
  // GraphQL's objects have no prototype; a copy compares like any other.
  return JSON.parse(JSON.stringify(result.data));
}

const PAGE_OF_EVERYTHING = `query ($search: String) {
  datasets(search: $search) {
    totalCount
    pageInfo { hasNextPage }
    nodes {
      ref name description versionCount deletedAt
      current { ref isCurrent }
      tags { name since version { number } }
      versions(first: 2) { nodes {
        ref number digest dvcMd5 message tags isCurrent fileCount totalBytes integrity checkedAt createdBy
        dataset { name } derivedFrom { ref } derivatives { ref } sightings { repository } retraction { reason } retractionHistory { action }
      } }
    }
  }
}`;

describe('the subgraph', () => {
  it('registers a version of uploaded files and shows it with its files, folders and names', async () => {
    await world.files({ x: 'registered' });
    const sha256 = createHash('sha256').update('registered').digest('hex');
    const made = await run(
      `mutation ($input: RegisterDatasetVersionInput!) { registerDatasetVersion(input: $input) { __typename
         ... on DatasetVersion { ref number tags isCurrent fileCount totalBytes message
           files { totalCount nodes { path sizeBytes sha256 integrity downloadUrl } }
           under: files(under: "data/") { totalCount nodes { path } }
           entries { nodes { path name isFolder sizeBytes file { path } } }
           sightings { repository path }
           dataset { ref versionCount history { nodes { pointer version { ref } previous { ref } actor } } } } } }`,
      {
        input: {
          dataset: 'my data',
          files: [
            { path: 'data/a b.csv', sha256 },
            { path: 'readme', sha256 },
          ],
          message: 'first',
          sighting: { repository: 'git@github.com:acme/data.git', path: 'data', commit: 'a'.repeat(40) },
        },
      },
    );
    const file = {
      path: 'data/a b.csv',
      sizeBytes: '10',
      sha256,
      integrity: 'UNCHECKED',
      downloadUrl: '/api/v1/datasets/my%20data/versions/1/files/data/a%20b.csv',
    };
    expect(made).toEqual({
      registerDatasetVersion: {
        __typename: 'DatasetVersion',
        ref: 'data:my%20data@1',
        number: 1,
        tags: ['current'],
        isCurrent: true,
        fileCount: 2,
        totalBytes: '20',
        message: 'first',
        files: {
          totalCount: 2,
          nodes: [file, { ...file, path: 'readme', downloadUrl: '/api/v1/datasets/my%20data/versions/1/files/readme' }],
        },
        under: { totalCount: 1, nodes: [{ path: 'data/a b.csv' }] },
        entries: {
          nodes: [
            { path: 'data', name: 'data', isFolder: true, sizeBytes: null, file: null },
            { path: 'readme', name: 'readme', isFolder: false, sizeBytes: '10', file: { path: 'readme' } },
          ],
        },
        sightings: [{ repository: 'ssh://github.com/acme/data', path: 'data' }],
        dataset: {
          ref: 'data:my%20data',
          versionCount: 1,
          history: { nodes: [{ pointer: 'current', version: { ref: 'data:my%20data@1' }, previous: null, actor: 'ada' }] },
        },
      },
    });
  });

  it('costs as many statements for twenty datasets as for one', async () => {
    for (let index = 0; index < 20; index += 1) {
      const raw = (await world.register(`many-${index}`, { a: `${index} raw` })).version;
      const sighting = { repository: 'https://h/r', path: 'a', commit: 'b'.repeat(40) };
      const clean = (await world.register(`many-${index}`, { a: `${index} clean` }, { derivedFrom: [raw.id], sighting })).version;
      await world.data.pointers.tag(world.call, raw.id, 'raw');
      if (index % 2 === 0) await world.data.retractions.retract(world.call, clean.id, 'half');
    }
    const count = async (search: string) => {
      world.statements.length = 0;
      await run(PAGE_OF_EVERYTHING, { search });
      return world.statements.length;
    };
    // Two branches of the query that ask one loader share a batch or not, by which of two answers comes first: hence a bound, not a number.
    expect(await count('many-13')).toBeLessThanOrEqual(16);
    expect(await count('many-')).toBeLessThanOrEqual(16);
  });

  it('shows the difference of two versions with the files on both sides', async () => {
    await world.register('diffed', { a: '1', b: '22' });
    await world.register('diffed', { a: '1', c: '333' });
    const diff = await run(`{ datasetDiff(from: "data:diffed@1", to: "data:diffed@2", first: 1) {
      from { number } to { number } addedCount removedCount changedCount unchangedCount bytesDelta
      differences { path change before { path downloadUrl } after { path } } pageInfo { hasNextPage } } }`);
    expect(diff).toEqual({
      datasetDiff: {
        from: { number: 1 },
        to: { number: 2 },
        addedCount: 1,
        removedCount: 1,
        changedCount: 0,
        unchangedCount: 1,
        bytesDelta: '1',
        differences: [
          {
            path: 'b',
            change: 'REMOVED',
            before: { path: 'b', downloadUrl: '/api/v1/datasets/diffed/versions/1/files/b' },
            after: null,
          },
        ],
        pageInfo: { hasNextPage: true },
      },
    });
  });

  it('answers a refusal as a typed problem', async () => {
    const answer = await run(`mutation { retractDatasetVersion(version: "data:nowhere@1", reason: "x") {
      __typename ... on Problem { kind code } } }`);
    expect(answer).toEqual({ retractDatasetVersion: { __typename: 'Problem', kind: 'NOT_FOUND', code: 'DATASET_VERSION_NOT_FOUND' } });
  });

  it('moves tags, the current version and retractions, each mutation answering the thing as it is then', async () => {
    await world.register('moved', { a: 'moved 1' });
    await world.register('moved', { a: 'moved 2' });
    const answer = await run(`mutation {
      tag: tagDatasetVersion(version: "data:moved@1", tag: "holdout") { ... on DatasetVersion { tags } }
      back: setCurrentVersion(version: "data:moved@holdout") { ... on Dataset { current { number tags } } }
      untag: untagDataset(dataset: "data:moved", tag: "holdout") { ... on Dataset { tags { name } } }
      retract: retractDatasetVersion(version: "data:moved@2", reason: "bad") { ... on DatasetVersion { retraction { reason actor } } }
      reinstate: reinstateDatasetVersion(version: "data:moved@2", reason: "good") { ... on DatasetVersion { retraction { reason } retractionHistory { reason } } }
      describe: updateDataset(id: "data:moved", description: "hello") { ... on Dataset { description } }
      delete: deleteDataset(id: "data:moved") { ... on Dataset { name deletedAt } }
    }`);
    expect(answer).toMatchObject({
      tag: { tags: ['holdout'] },
      back: { current: { number: 1, tags: ['current', 'holdout'] } },
      untag: { tags: [] },
      retract: { retraction: { reason: 'bad', actor: 'ada' } },
      reinstate: { retraction: null, retractionHistory: [{ reason: 'good' }, { reason: 'bad' }] },
      describe: { description: 'hello' },
      delete: { name: 'moved', deletedAt: expect.any(String) as string },
    });
  });

  it('loads the versions that other subgraphs refer to in one statement, tombstones included', async () => {
    const versions = await Promise.all(['e1', 'e2', 'e3'].map(async (name) => (await world.register(name, { a: name })).version));
    const [first] = versions;
    if (first !== undefined) await world.data.datasets.delete(world.call, first.datasetId);
    const representations = versions.map(({ id }) => ({ __typename: 'DatasetVersion', id: `datasetVersion_${id}` }));
    world.statements.length = 0;
    const answer = await run(
      'query ($representations: [_Any!]!) { _entities(representations: $representations) { ... on DatasetVersion { ref } } }',
      {
        representations,
      },
    );
    expect(answer).toEqual({ _entities: [{ ref: 'data:e1@1' }, { ref: 'data:e2@1' }, { ref: 'data:e3@1' }] });
    expect(world.statements).toHaveLength(1);
  });

  it('shows the README that was written, and the file of the current version where none was, or it was taken away', async () => {
    await world.register('documented', { 'README.md': '# From the file', 'a.csv': 'a' });
    const asked = 'readme { text revision author version { ref } } readmeHistory(first: 5) { nodes { text revision } }';
    const read = () => run(`{ dataset(id: "data:documented") { ${asked} } }`);
    const writeOver = (text: string, revision: number) =>
      run(
        `mutation ($text: String!, $revision: Int!) { updateDatasetReadme(dataset: "data:documented", text: $text, revision: $revision) {
           ... on Dataset { ${asked} } ... on Problem { code } } }`,
        { text, revision },
      );
    const file = { text: '# From the file', author: 'ada', version: { ref: 'data:documented@1' } };
    expect(await read()).toEqual({ dataset: { readme: { ...file, revision: 0 }, readmeHistory: { nodes: [] } } });
    expect(await writeOver('# Written', 0)).toMatchObject({
      updateDatasetReadme: { readme: { text: '# Written', revision: 1, version: null } },
    });
    expect(await writeOver('# Too late', 0)).toEqual({ updateDatasetReadme: { code: 'README_CHANGED' } });
    expect(await writeOver('', 1)).toMatchObject({ updateDatasetReadme: { readme: { ...file, revision: 2 } } });
  });
});
