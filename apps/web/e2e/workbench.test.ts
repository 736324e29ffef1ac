// Goal: the tools of every day work by mouse and by keyboard, and whatever people share is in the address.

import { readFile } from 'node:fs/promises';

import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import type { Api, TestServer, WatchedPage } from './support.ts';
import { apiOf, launch, logRun, openPage, picture, startServer } from './support.ts';

const RUNS = 130;

let server: TestServer;
let browser: Browser;
let api: Api;
let watched: WatchedPage;
let page: Page;
let experiment = '';
let firstRun = '';

beforeAll(async () => {
  server = await startServer();
  browser = await launch();
  api = apiOf(server);
  const made = await api.change('createExperiment', 'Experiment', 'id experimentId', [
    ['input', 'CreateExperimentInput!', { name: 'many runs' }],
  ]);
  experiment = made['experimentId'] ?? '';
  for (let index = 0; index < RUNS; index += 1) {
    const { runId } = await logRun(api, made['id'] ?? '', `run-${String(index).padStart(3, '0')}`, 0.7 + index / 500, 3);
    if (index === 0) firstRun = runId;
  }
  watched = await openPage(browser, server);
  page = watched.page;
});

afterAll(async () => {
  await browser.close();
  await server.stop();
});

const names = () => page.locator('table.runs tbody td.name').allTextContents();
const waitForFirst = (name: string) => page.locator('table.runs tbody tr:first-child').getByText(name).waitFor();

describe('the table of runs', () => {
  it('pages on the server', async () => {
    await page.goto(`/experiments/${experiment}`);
    await page.getByText(`100 of ${RUNS} runs`).waitFor();
    await page.getByRole('button', { name: 'Load more' }).click();
    await page.getByText(`${RUNS} of ${RUNS} runs`).waitFor();
    await picture(page, 'runs');
  });

  it('orders by a metric on the server, and the address keeps the order', async () => {
    await page.getByRole('button', { name: /^val_accuracy/ }).click();
    await waitForFirst('run-129');
    await page.getByRole('button', { name: /^val_accuracy/ }).click();
    await waitForFirst('run-000');
    await page.reload();
    await waitForFirst('run-000');
    expect(await page.getByRole('columnheader', { name: /val_accuracy/ }).getAttribute('aria-sort')).toBe('ascending');
  });

  it('filters in MLflow’s grammar from the keyboard', async () => {
    await page.keyboard.press('/');
    await page.keyboard.type("params.model = 'mlp' and metrics.val_accuracy > 0.45");
    await page.keyboard.press('Enter');
    await page.getByText(/\d+ of \d+ runs/).waitFor();
    await expect.poll(async () => (await names()).every((name) => Number(name.slice(4)) > 99)).toBe(true);
    expect(new URL(page.url()).searchParams.get('filter')).toContain('params.model');
  });

  it('says under the box what is wrong with a filter', async () => {
    await page.goto(`/experiments/${experiment}?filter=${encodeURIComponent('metrics.val_accuracy >')}`);
    await page.locator('#filter-error').waitFor();
    expect(await page.getByLabel('Filter runs').getAttribute('aria-invalid')).toBe('true');
    await picture(page, 'runs-wrong-filter');
  });

  it('moves with j and k, selects with x and compares with c', async () => {
    await page.goto(`/experiments/${experiment}?order=name asc`);
    await waitForFirst('run-000');
    await page.keyboard.press('j');
    await page.keyboard.press('x');
    await page.keyboard.press('j');
    await page.keyboard.press('j');
    await page.keyboard.press('x');
    await page.getByRole('button', { name: 'Compare 2' }).waitFor();
    await page.keyboard.press('c');
    await page.waitForURL('**/compare?runs=*');
    await page.getByRole('heading', { name: 'Compare 2 runs' }).waitFor();
    await page.getByRole('columnheader', { name: /run-002/ }).waitFor();
    await page.getByRole('rowheader', { name: 'val_accuracy' }).waitFor();
    await picture(page, 'compare');
  });

  it('chooses columns, in the address too', async () => {
    await page.goto(`/experiments/${experiment}`);
    await page.getByRole('button', { name: 'Columns' }).click();
    await page.getByRole('checkbox', { name: 'Duration' }).check();
    await page.getByRole('columnheader', { name: 'Duration' }).waitFor();
    expect(page.url()).toContain('duration');
    await page.keyboard.press('Escape');
  });

  it('deletes the selected runs together, and brings them back from the message', async () => {
    const both = `?order=name asc&filter=${encodeURIComponent("attributes.run_name LIKE 'run-01%'")}`;
    await page.goto(`/experiments/${experiment}${both}`);
    await page.getByText('10 of 10 runs').waitFor();
    await page.getByRole('checkbox', { name: 'Select run-011' }).check();
    await page.getByRole('checkbox', { name: 'Select run-013' }).check();
    await page.getByRole('button', { name: 'More actions' }).click();
    await page.getByRole('menuitem', { name: 'Delete 2 runs…' }).click();
    await page.getByRole('alertdialog').getByRole('button', { name: 'Delete 2 runs' }).click();
    await page.getByText('8 of 8 runs').waitFor();
    expect(await names()).not.toContain('run-011');
    await page.getByRole('button', { name: 'Undo' }).click();
    await page.getByText('10 of 10 runs').waitFor();
    expect(await names()).toContain('run-013');
  });

  it('saves all runs that match as CSV, with the columns that are shown', async () => {
    await page.goto(`/experiments/${experiment}?columns=m:val_loss,p:model`);
    await page.getByText(`100 of ${RUNS} runs`).waitFor();
    await page.getByRole('button', { name: 'More actions' }).click();
    const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('menuitem', { name: 'Save as CSV' }).click()]);
    expect(download.suggestedFilename()).toBe('many-runs.csv');
    const lines = (await readFile(await download.path(), 'utf8')).trimEnd().split('\r\n');
    expect(lines).toHaveLength(RUNS + 1);
    expect(lines[0]).toBe('run_id,name,status,user,started,duration_ms,data,metrics.val_loss,params.model');
    expect(lines.at(-1)).toMatch(/^[0-9a-f]{32},run-000,FINISHED,.*,0\.\d+,forest$/);
  });

  it('renames a run and describes it in Markdown', async () => {
    await page.goto(`/runs/${firstRun}`);
    await page.getByRole('button', { name: 'More' }).click();
    await page.getByRole('menuitem', { name: 'Rename or describe…' }).click();
    await page.getByLabel('Name', { exact: true }).fill('the-first');
    await page.getByLabel('About this run').fill('The **first** of many.');
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    await page.locator('.prose strong').getByText('first').waitFor();
    await page.getByRole('heading', { name: 'the-first' }).waitFor();
  });

  it('sets a tag and takes it away, with a way back', async () => {
    await page.goto(`/runs/${firstRun}?tab=details`);
    await page.getByLabel('Tag', { exact: true }).fill('team');
    await page.getByLabel('Value of the tag').fill('retail');
    await page.getByRole('button', { name: 'Set tag' }).click();
    await page.getByRole('button', { name: 'Remove the tag team' }).click();
    await page.getByText('None yet. Add one here').waitFor();
    await page.getByRole('button', { name: 'Undo' }).click();
    await page.getByRole('listitem').filter({ hasText: 'retail' }).waitFor();
  });

  it('finds a row among those that are compared', async () => {
    await page.goto(`/compare?runs=${firstRun}`);
    await page.getByLabel('Rows by name').fill('LOSS');
    await page.getByRole('rowheader', { name: 'val_loss' }).waitFor();
    await page.getByRole('rowheader', { name: 'val_accuracy' }).waitFor({ state: 'detached' });
  });

  it('deletes a run and brings it back from the message', async () => {
    await page.goto(`/runs/${firstRun}`);
    await page.getByRole('button', { name: 'More' }).click();
    await page.getByRole('menuitem', { name: 'Delete run…' }).click();
    await page.getByRole('alertdialog').getByRole('button', { name: 'Delete run' }).click();
    await page.getByText('Deleted', { exact: true }).waitFor();
    await page.getByRole('button', { name: 'Undo' }).click();
    await page.getByText('Deleted', { exact: true }).waitFor({ state: 'detached' });
  });
});

describe('finding one’s way', () => {
  it('finds a run by its name with Ctrl K', async () => {
    await page.goto('/');
    await page.getByRole('heading', { name: 'Home' }).waitFor();
    await page.getByText('Recent runs').waitFor();
    await page.keyboard.press('Control+k');
    await page.getByPlaceholder(/A name, a reference/).fill('run-077');
    await page.getByRole('option', { name: /run-077/ }).waitFor();
    await picture(page, 'palette');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'run-077' }).waitFor();
  });

  it('goes from place to place with two keys, and lists the keys', async () => {
    await page.keyboard.press('g');
    await page.keyboard.press('m');
    await page.waitForURL('**/models');
    await page.getByText('No models yet').waitFor();
    await page.keyboard.press('?');
    await page.getByRole('dialog', { name: 'Keys' }).waitFor();
    await page.keyboard.press('Escape');
  });

  it('opens the addresses that MLflow’s client prints', async () => {
    await page.goto(`/#/experiments/${experiment}/runs/${firstRun}`);
    await page.waitForURL(`**/runs/${firstRun}`);
    await page.goto(`/#/experiments/${experiment}`);
    await page.waitForURL(`**/experiments/${experiment}`);
  });

  it('says so where there is nothing', async () => {
    await page.goto('/runs/0123456789abcdef0123456789abcdef');
    await page.getByText('No run is called 0123456789abcdef0123456789abcdef').waitFor();
  });

  it('remembers the theme before anything is drawn', async () => {
    await page.goto('/models');
    await page.getByRole('button', { name: 'Theme' }).click();
    await page.getByRole('menuitemradio', { name: 'Dark' }).click();
    await page.reload({ waitUntil: 'commit' });
    await expect.poll(() => page.evaluate(() => document.documentElement.dataset['theme'])).toBe('dark');
    await page.getByText('No models yet').waitFor();
    await picture(page, 'models-dark');
    await page.evaluate(() => localStorage.clear());
  });

  it('serves the GraphQL explorer at the API’s own address, with its editor bundled', async () => {
    await page.goto('/graphql');
    await page.locator('.graphiql-query-editor .view-lines').waitFor({ timeout: 40_000 });
    await page.getByRole('button', { name: /Execute query/ }).click();
    await page.locator('.result-window').getByText('deployments').waitFor();
    await picture(page, 'graphiql');
  });

  it('never spoke to another server, nor to itself in errors', () => {
    expect(watched.complaints).toEqual([]);
  });
});

describe('tokens', () => {
  it('shows a new token’s secret once, signs in with it, and refuses it once it is revoked', async () => {
    await page.goto('/settings?tab=tokens');
    await page.getByRole('button', { name: 'Make a token' }).click();
    await page.getByRole('textbox', { name: /^Name/ }).fill('for a test');
    await page.getByRole('textbox', { name: /^Stands for/ }).fill('mara');
    await page.getByRole('button', { name: 'Make token' }).click();
    const secret = (await page.getByLabel('The token', { exact: true }).textContent()) ?? '';
    expect(secret).toMatch(/^tl_/);
    await page.getByRole('button', { name: 'I copied it' }).click();

    await page.goto('/sign-in?next=/settings');
    await page.getByLabel('Token', { exact: true }).fill(`${secret}x`);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('alert').filter({ hasText: 'unknown' }).waitFor();
    await page.getByLabel('Token', { exact: true }).fill(secret);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.waitForURL('**/settings');
    await page.getByText('mara in default').waitFor();
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.waitForURL('**/sign-in');
  });
});

describe('when the server is gone', () => {
  it('says so, and what it means for the data', async () => {
    await page.route('**/graphql', (route) => route.abort());
    await page.goto('/datasets');
    await page.getByText('The server does not answer', { exact: true }).waitFor();
    await page.unroute('**/graphql');
    await page.getByRole('button', { name: 'Try again' }).click();
    await page.getByText('No datasets yet').waitFor();
  });
});
