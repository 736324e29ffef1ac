// Goal: the runs of an experiment are grouped by what they have in common, with sound aggregates, and everything about it is in the address.

import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import type { TestServer } from './support.ts';
import { apiOf, launch, openPage, picture, startServer } from './support.ts';

let server: TestServer;
let browser: Browser;
let page: Page;
let address = '';

beforeAll(async () => {
  server = await startServer();
  browser = await launch();
  const api = apiOf(server);
  const made = await api.change('createExperiment', 'Experiment', 'id experimentId', [
    ['input', 'CreateExperimentInput!', { name: 'grouped' }],
  ]);
  address = `/experiments/${made['experimentId']}`;
  const runs: readonly (readonly [name: string, model: string | null, accuracy: number])[] = [
    ['a1', 'mlp', 0.8],
    ['a2', 'mlp', 0.9],
    ['a3', 'mlp', 1],
    ['b1', 'forest', 0.5],
    ['c1', null, 0.4],
  ];
  for (const [name, model, accuracy] of runs) {
    const run = await api.change('createRun', 'Run', 'id', [['input', 'CreateRunInput!', { experiment: made['id'], name }]]);
    await api.change('logBatch', 'Run', 'id', [
      ['run', 'ID!', run['id']],
      ['metrics', '[MetricInput!]', [{ key: 'accuracy', value: accuracy, step: '0' }]],
      ['params', '[ParamInput!]', model === null ? [] : [{ key: 'model', value: model }]],
    ]);
  }
  ({ page } = await openPage(browser, server));
});

afterAll(async () => {
  await browser.close();
  await server.stop();
});

const cells = async () =>
  (await page.locator('table.groups tbody tr').allTextContents()).map((text) => text.replaceAll(/\s+/g, ' ').trim());

describe('grouping', () => {
  it('is chosen from the params, and the address keeps it', async () => {
    await page.goto(address);
    await page.getByRole('button', { name: 'Group', exact: true }).click();
    await page.getByLabel('Group by').getByLabel('model').check();
    await page.keyboard.press('Escape');
    await page.getByRole('table', { name: 'Groups of runs' }).waitFor();
    expect(new URL(page.url()).searchParams.get('group')).toBe(encodeURIComponent('p:model'));
    await page.reload();
    await page.getByRole('table', { name: 'Groups of runs' }).waitFor();
  });

  it('counts each group’s runs, and tells mean, deviation and extremes', async () => {
    expect(await cells()).toEqual([
      expect.stringMatching(/^▸ mlp ?3 ?0\.9000 ± 0\.1000 ?0\.8000 ?1$/),
      expect.stringMatching(/^▸ forest ?1 ?0\.5000 ?0\.5000 ?0\.5000$/),
      expect.stringMatching(/^▸ not set ?1 ?0\.4000 ?0\.4000 ?0\.4000$/),
    ]);
  });

  it('opens a group to its best runs, and links the best one', async () => {
    await page.getByRole('button', { name: 'Runs with model mlp' }).click();
    await page.getByRole('link', { name: 'a3' }).waitFor();
    await page.getByRole('button', { name: 'Runs with model not set' }).click();
    await page.getByRole('link', { name: 'c1' }).waitFor();
    expect(await page.locator('tr.group-run a').allTextContents()).toEqual(['a3', 'a2', 'a1', 'c1']);
    await picture(page, 'groups');
  });

  it('leads from a group to its runs in the table', async () => {
    await page.getByRole('button', { name: 'Show in the table' }).first().click();
    await page.getByText('3 of 3 runs').waitFor();
    expect(new URL(page.url()).searchParams.get('filter')).toBe("params.`model` = 'mlp'");
  });
});

describe.each([
  ['light', 1280, false],
  ['dark', 768, true],
] as const)('in %s at %i', (theme, width, dark) => {
  it('groups, webhooks and the trash stay within the window', async () => {
    const { page: other } = await openPage(browser, server, { width, dark });
    for (const [name, path] of [
      ['groups', `${address}?group=p:model&open=${encodeURIComponent(encodeURIComponent('["mlp"]'))}`],
      ['webhooks', '/settings?tab=webhooks'],
      ['trash', '/settings?tab=trash'],
    ] as const) {
      await other.goto(path);
      await other.locator('.page').first().waitFor();
      await other.waitForLoadState('networkidle');
      await picture(other, `${name}-${theme}-${width}`);
      expect([name, await other.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth)]).toEqual([name, true]);
    }
    await other.close();
  });
});
