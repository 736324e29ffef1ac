// Goal: the page of a run that is under way shows what happens to it, as it happens, and misses nothing where its server is killed. Method:
// points are logged past the page; it is never loaded again, which a mark in its window would not survive.

import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import type { Api, TestServer } from './support.ts';
import { apiOf, launch, openPage, picture, startServer } from './support.ts';

let server: TestServer;
let browser: Browser;
let api: Api;
let page: Page;
let run: Record<string, string>;

beforeAll(async () => {
  server = await startServer();
  browser = await launch();
  api = apiOf(server);
  const made = await api.change('createExperiment', 'Experiment', 'id', [['input', 'CreateExperimentInput!', { name: 'live' }]]);
  run = await api.change('createRun', 'Run', 'id runId', [['input', 'CreateRunInput!', { experiment: made['id'], name: 'at work' }]]);
  ({ page } = await openPage(browser, server));
});

afterAll(async () => {
  await browser.close();
  await server.stop();
});

async function log(...points: readonly (readonly [step: number, value: number | string])[]): Promise<void> {
  await api.change('logBatch', 'Run', 'id', [
    ['run', 'ID!', run['id']],
    ['metrics', '[MetricInput!]', points.map(([step, value]) => ({ key: 'loss', value, step: String(step) }))],
  ]);
}

const chart = () => page.getByRole('img', { name: /^loss over/ });
const isMarked = () => page.evaluate(() => document.body.dataset['mark'] === 'yes');

describe('the page of a run under way', () => {
  it('shows new points without being loaded again', async () => {
    await log([0, 0.9], [1, 0.8]);
    await page.goto(`/runs/${run['runId']}?tab=charts`);
    await page.getByRole('status').getByText('Live', { exact: true }).waitFor();
    await page.evaluate(() => (document.body.dataset['mark'] = 'yes'));
    await log([2, 0.7], [3, 0.65], [4, 0.61]);
    await page.getByRole('img', { name: /to 0\.6100/ }).waitFor();
    await page.getByText('5 points', { exact: true }).waitFor();
    expect(await isMarked()).toBe(true);
  });

  it('marks what is no finite number', async () => {
    await log([5, 'NaN'], [6, 0.55]);
    await page.getByText('7 points · 1 not finite').waitFor();
    await picture(page, 'live');
  });

  it('says so while its server is away, and then shows what was logged meanwhile', async () => {
    await server.kill();
    await page.getByText('Reconnecting').waitFor();
    server = await startServer({ killed: server });
    await log([7, 0.5], [8, 0.45]);
    await page.getByText('9 points').waitFor();
    await page.getByRole('status').getByText('Live', { exact: true }).waitFor();
    await log([9, 0.4]);
    await page.getByText('10 points').waitFor();
    expect(await chart().getAttribute('aria-label')).toContain('to 0.4000');
    expect(await isMarked()).toBe(true);
  });

  it('draws over the time where it is asked to', async () => {
    await page.getByRole('combobox', { name: 'Over' }).selectOption('relative');
    await page.getByRole('img', { name: /^loss over the time since the beginning/ }).waitFor();
    await page.getByRole('combobox', { name: 'Over' }).selectOption('step');
    expect(new URL(page.url()).searchParams.get('x')).toBe(null);
  });

  it('shows that the run has finished', async () => {
    await api.change('updateRun', 'Run', 'id', [
      ['id', 'ID!', run['id']],
      ['input', 'UpdateRunInput!', { status: 'FINISHED' }],
    ]);
    await page.getByText('Finished').waitFor();
    await page.getByText('Live', { exact: true }).waitFor({ state: 'detached' });
    expect(await isMarked()).toBe(true);
  });
});

describe('a long series', () => {
  it('is explored from a hundred thousand points down to the single one', async () => {
    const made = await api.change('createRun', 'Run', 'id runId', [
      ['input', 'CreateRunInput!', { experiment: 'experiment:0', name: 'long' }],
    ]);
    for (let from = 0; from < 100_000; from += 1_000) {
      await api.mlflow('runs/log-batch', {
        run_id: made['runId'],
        // One spike in all of it.
        metrics: Array.from({ length: 1_000 }, (_, i) => ({
          key: 'loss',
          value: from + i === 54_321 ? 50 : Math.sin((from + i) / 9_000),
          timestamp: from + i,
          step: from + i,
        })),
      });
    }
    await page.goto(`/runs/${made['runId']}?tab=charts`);
    await page.getByText(/^\d+ buckets of 100,000 points$/).waitFor();
    await picture(page, 'long');
    await page.goto(`/runs/${made['runId']}?tab=charts&zoom=54316..54326`);
    await page.getByText('11 points', { exact: true }).waitFor();
    await picture(page, 'long-close');
  });
});
