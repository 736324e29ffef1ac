// MLflow's search over the registry. Goal: the documented grammar finds what it should, pages neither repeat nor miss, and no text
// that a client may send does anything but answer or be refused with words. Method: examples for the rules, generated text for the rest.

import { DomainError } from '@throughline/kernel';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import type { World } from '../testing.ts';
import { newWorld } from '../testing.ts';
import type { SearchQuery } from './query.ts';

let world: World;

beforeAll(async () => {
  world = await newWorld();
  const { registry, call } = world;
  const tagged: [string, { key: string; value: string }[]][] = [
    ['penguins', [{ key: 'team', value: 'Polar' }]],
    ['Penguins-large', [{ key: 'team', value: 'tropic' }]],
    ['100%_sure', []],
    ['prompt-a', [{ key: 'mlflow.prompt.is_prompt', value: 'true' }]],
  ];
  for (const [name, tags] of tagged) {
    world.pass(1_000);
    await registry.models.create(call, { name, tags });
  }
  const versions: [string, string | undefined, { key: string; value: string }[]][] = [
    ['penguins', 'run-a', [{ key: 'kind', value: 'forest' }]],
    ['penguins', 'run-b', []],
    ['Penguins-large', undefined, [{ key: 'kind', value: 'linear' }]],
    ['prompt-a', undefined, [{ key: 'mlflow.prompt.is_prompt', value: 'true' }]],
  ];
  for (const [name, sourceRunId, tags] of versions) {
    world.pass(1_000);
    await world.register(name, name, { sourceRunId, tags, source: `runs:/${sourceRunId ?? 'none'}/model` });
  }
});
afterAll(() => world.end());

async function models(query: SearchQuery): Promise<string[]> {
  return (await world.registry.models.search(world.call, query)).items.map((model) => model.name);
}

async function versions(query: SearchQuery): Promise<string[]> {
  return (await world.registry.versions.search(world.call, query)).items.map((version) => `${version.modelName}/${version.version}`);
}

describe('searching models', () => {
  it.each<[string, string[]]>([
    ['', ['100%_sure', 'Penguins-large', 'penguins']],
    ["name = 'penguins'", ['penguins']],
    ["name != 'penguins'", ['100%_sure', 'Penguins-large']],
    ["name IN ('penguins', '100%_sure')", ['100%_sure', 'penguins']],
    ["name LIKE 'peng%'", ['penguins']],
    ["name ilike 'PENG%'", ['Penguins-large', 'penguins']],
    ["attribute.name LIKE '%\\'", []],
    ["tags.team = 'Polar'", ['penguins']],
    ["tag.`team` != 'Polar'", ['Penguins-large']],
    ["tags.\"team\" ILIKE 'p%' AND name LIKE '%guin%'", ['penguins']],
    ["tags.absent != 'x'", []],
    ["tags.`mlflow.prompt.is_prompt` = 'true'", ['prompt-a']],
    ["tags.`mlflow.prompt.is_prompt` != 'true'", ['100%_sure', 'Penguins-large', 'penguins']],
    ["tags.`mlflow.prompt.is_prompt` = 'false' AND name LIKE 'p%'", ['penguins']],
  ])('%s', async (filter, expected) => {
    expect(await models({ filter })).toEqual(expected);
  });

  it.each<[string[], string[]]>([
    [['name DESC'], ['penguins', 'Penguins-large', '100%_sure']],
    [['timestamp ASC'], ['100%_sure', 'penguins', 'Penguins-large']],
    [
      ['last_updated_timestamp desc', 'name'],
      ['Penguins-large', 'penguins', '100%_sure'],
    ],
  ])('ordered by %j', async (orderBy, expected) => {
    expect(await models({ orderBy })).toEqual(expected);
  });

  it.each([
    "run_id = 'a'",
    "name > 'a'",
    "tags.team IN ('a')",
    'name = 3',
    'metrics.x > 1',
    "name = 'a' OR name = 'b'",
    'tags.x = 1',
    'tags.x IS NULL',
    "name = 'a",
  ])('refuses %s', async (filter) => {
    await expect(models({ filter })).rejects.toMatchObject({ kind: 'invalid', code: 'INVALID_FILTER' });
  });

  it.each([
    ['version_number'],
    ['name', 'name DESC'],
    ['timestamp', 'last_updated_timestamp'],
    ['tags.x'],
    ['name sideways'],
    ['constructor'],
  ])('refuses to order by %j', async (...orderBy) => {
    await expect(models({ orderBy })).rejects.toMatchObject({ kind: 'invalid', code: 'INVALID_ORDER' });
  });

  it.each([0, -1, 1_001, 1.5])('refuses %j results', async (maxResults) => {
    await expect(models({ maxResults })).rejects.toMatchObject({ code: 'INVALID_MAX_RESULTS' });
  });
});

describe('searching versions', () => {
  it.each<[string, string[]]>([
    ['', ['Penguins-large/1', 'penguins/2', 'penguins/1']],
    ["name = 'penguins'", ['penguins/2', 'penguins/1']],
    ['version_number >= 2', ['penguins/2']],
    ["version_number >= '2'", ['penguins/2']],
    ['version_number != 1.5 AND version_number < 2', ['Penguins-large/1', 'penguins/1']],
    ["run_id = 'run-a'", ['penguins/1']],
    ["run_id IN ('run-a', 'run-b')", ['penguins/2', 'penguins/1']],
    ["run_id != 'run-a'", ['Penguins-large/1', 'penguins/2']],
    ["name IN ('penguins')", ['penguins/2', 'penguins/1']],
    ["source_path LIKE 'runs:/run-%'", ['penguins/2', 'penguins/1']],
    ["tags.kind = 'forest'", ['penguins/1']],
    ["tags.`mlflow.prompt.is_prompt` = 'true'", ['prompt-a/1']],
  ])('%s', async (filter, expected) => {
    expect(await versions({ filter })).toEqual(expected);
  });

  it.each<[string[], string[]]>([
    [['version_number DESC'], ['penguins/2', 'Penguins-large/1', 'penguins/1']],
    [['creation_timestamp ASC'], ['penguins/1', 'penguins/2', 'Penguins-large/1']],
    [
      ['name ASC', 'version_number ASC'],
      ['Penguins-large/1', 'penguins/1', 'penguins/2'],
    ],
  ])('ordered by %j', async (orderBy, expected) => {
    expect(await versions({ orderBy })).toEqual(expected);
  });

  it('refuses a text for a number, and a list for anything but names and run ids', async () => {
    await expect(versions({ filter: "version_number = 'one'" })).rejects.toMatchObject({ code: 'INVALID_FILTER' });
    await expect(versions({ filter: "source_path IN ('a')" })).rejects.toMatchObject({ code: 'INVALID_FILTER' });
  });
});

describe('pages of a search', () => {
  it('repeat nothing and miss nothing, in any order', async () => {
    for (const orderBy of [[], ['version_number DESC'], ['name ASC', 'version_number ASC'], ['creation_timestamp ASC']]) {
      const whole = await versions({ orderBy });
      const paged: string[] = [];
      let pageToken: string | null = null;
      do {
        const page = await world.registry.versions.search(world.call, { orderBy, maxResults: 1, pageToken });
        paged.push(...page.items.map((version) => `${version.modelName}/${version.version}`));
        pageToken = page.nextPageToken;
      } while (pageToken !== null);
      expect(paged).toEqual(whole);
    }
  });

  it('refuse the token of another query, and what is no token', async () => {
    const { nextPageToken } = await world.registry.models.search(world.call, { maxResults: 1 });
    expect(nextPageToken).not.toBeNull();
    const other = world.registry.models.search(world.call, { maxResults: 1, pageToken: nextPageToken, orderBy: ['name DESC'] });
    await expect(other).rejects.toMatchObject({ code: 'INVALID_PAGE_TOKEN' });
    for (const pageToken of ['x', 'eyJvZmZzZXQiOiAwfQ==', Buffer.from('["a","b"]').toString('base64url')]) {
      await expect(models({ pageToken })).rejects.toMatchObject({ code: 'INVALID_PAGE_TOKEN' });
    }
  });
});

describe('any text', () => {
  const fragments = fc.array(
    fc.oneof(
      fc.constantFrom(
        'name',
        'tags.',
        '`k`',
        '=',
        '!=',
        'LIKE',
        'ILIKE',
        'IN',
        "('a')",
        "'%'",
        "'\\'",
        "''",
        '"',
        ' AND ',
        ' OR ',
        'version_number',
        '1e308',
        '-1',
        ';',
        '--',
      ),
      fc.string({ unit: 'binary', maxLength: 6 }),
    ),
    { maxLength: 8 },
  );

  it('is answered or refused with words, never an error of the database', async () => {
    await fc.assert(
      fc.asyncProperty(fragments, fragments, async (filter, order) => {
        const query = { filter: filter.join(' '), orderBy: order.length === 0 ? [] : [order.join(' ')] };
        for (const noun of [world.registry.models, world.registry.versions]) {
          const outcome: unknown = await noun.search(world.call, query).catch((error: unknown) => error);
          if (outcome instanceof Error) expect(outcome).toBeInstanceOf(DomainError);
          if (outcome instanceof DomainError) expect(outcome.kind).toBe('invalid');
        }
      }),
      { numRuns: 120 },
    );
  });

  it('in a value is compared as it is: a model is found by its exact name, whatever that is', async () => {
    const names = fc
      .string({ unit: 'binary', minLength: 1, maxLength: 20 })
      .filter((name) => !/[/:\p{Cc}]/u.test(name) && name.isWellFormed() && !/^\.{1,2}$/.test(name));
    await fc.assert(
      fc.asyncProperty(names, async (name) => {
        await world.registry.models.ensure(world.call, name);
        expect(await models({ filter: `name = '${name.replaceAll("'", "''")}'` })).toEqual([name]);
      }),
      { numRuns: 40 },
    );
  });
});
