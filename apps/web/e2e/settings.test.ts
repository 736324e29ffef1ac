// Goal: what administrators do in the settings works by mouse: a webhook is made, tested and told; what was deleted comes back, or goes for good
// after it was counted. Method: a receiver on this machine that says what it got.

import { once } from 'node:events';
import { createServer } from 'node:http';
import type { Server } from 'node:http';

import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import type { Api, TestServer } from './support.ts';
import { apiOf, launch, logRun, openPage, picture, startServer } from './support.ts';

let server: TestServer;
let browser: Browser;
let api: Api;
let page: Page;
let receiver: Server;
let address = '';
/** What the receiver was told, by its event. */
const told: string[] = [];
let answer = 200;

beforeAll(async () => {
  receiver = createServer((request, response) => {
    told.push(String(request.headers['x-mlflow-signature'] ?? 'not signed'));
    request.resume();
    response.writeHead(answer).end('heard');
  });
  receiver.listen(0, '127.0.0.1');
  await once(receiver, 'listening');
  const bound = receiver.address();
  address = `http://127.0.0.1:${typeof bound === 'object' && bound !== null ? bound.port : 0}/hook`;
  server = await startServer({ env: { THROUGHLINE_WEBHOOK_ALLOW_PRIVATE: '1' } });
  browser = await launch();
  api = apiOf(server);
  ({ page } = await openPage(browser, server));
});

afterAll(async () => {
  await browser.close();
  await server.stop();
  receiver.close();
});

describe('webhooks', () => {
  it('are made with the events that were picked', async () => {
    await page.goto('/settings?tab=webhooks');
    await page.getByRole('button', { name: 'Make a webhook' }).click();
    await page.getByLabel('Name').fill('ci');
    await page.getByLabel('Address').fill(address);
    await page.getByLabel('Secret').fill('between us');
    await page.getByLabel('Model made').check();
    await picture(page, 'webhook-make');
    await page.getByRole('button', { name: 'Make webhook' }).click();
    const card = page.getByRole('article', { name: 'ci' });
    await card.getByText('signed', { exact: true }).waitFor();
    await card.getByText(/version registered, alias given, model made/).waitFor();
    expect(await page.content()).not.toContain('between us');
  });

  it('are tested, and the answer is told', async () => {
    await page.getByRole('button', { name: 'Test', exact: true }).click();
    await page.getByText('The receiver answered the test with 200.').waitFor();
    expect(told).toEqual([expect.stringMatching(/^v1,/)]);
  });

  it('list what they were told, and tell it again', async () => {
    answer = 400;
    await api.mlflow('registered-models/create', { name: 'penguins' });
    await page.getByRole('button', { name: 'Recent deliveries' }).click();
    await expect
      .poll(
        async () => {
          await page.reload();
          await page.getByRole('button', { name: 'Recent deliveries' }).click();
          await page.getByRole('table', { name: 'Deliveries' }).waitFor();
          return page.getByText('given up').count();
        },
        { timeout: 20_000 },
      )
      .toBe(1);
    answer = 200;
    await page.getByRole('button', { name: 'Send again' }).click();
    await page.getByRole('table', { name: 'Deliveries' }).getByText('delivered').waitFor();
    await picture(page, 'webhooks');
  });

  it('are disabled, and that is undone', async () => {
    await page.getByRole('button', { name: 'Disable' }).click();
    await page.getByText('disabled', { exact: true }).waitFor();
    await page.getByRole('button', { name: 'Undo' }).click();
    await page.getByText('active', { exact: true }).waitFor();
  });
});

describe('the trash', () => {
  let experiment = '';
  const deleteRun = async (id: string) => api.change('deleteRun', 'Run', 'id', [['id', 'ID!', id]]);

  it('gives a run back, and an experiment with its runs', async () => {
    const made = await api.change('createExperiment', 'Experiment', 'id experimentId', [
      ['input', 'CreateExperimentInput!', { name: 'old' }],
    ]);
    experiment = made['id'] ?? '';
    const run = await logRun(api, experiment, 'one of many', 0.8);
    await deleteRun(run.id);
    await page.goto('/settings?tab=trash');
    await picture(page, 'trash');
    await page.getByRole('button', { name: 'Restore one of many' }).click();
    await page.getByText('The trash is empty').waitFor();
    await api.change('deleteExperiment', 'Experiment', 'id', [['id', 'ID!', experiment]]);
    await page.reload();
    await page.getByRole('button', { name: 'Restore old' }).click();
    await page.getByText('The trash is empty').waitFor();
    await page.goto(`/experiments/${made['experimentId']}`);
    await page.getByText('one of many').first().waitFor();
  });

  it('says what would go and what would stay, before anything goes for good', async () => {
    const goes = await logRun(api, experiment, 'goes', 0.8);
    const stays = await logRun(api, experiment, 'stays', 0.8);
    const child = await api.change('createRun', 'Run', 'id', [
      ['input', 'CreateRunInput!', { experiment, parent: stays.id, name: 'part' }],
    ]);
    await deleteRun(goes.id);
    await deleteRun(stays.id);
    await page.goto('/settings?tab=trash');
    const count = page.getByRole('button', { name: 'Count what would go' });
    await count.click();
    await page.getByText('1 would go of 2, 1 stay').waitFor();
    await page.getByText('a run that stays is part of it').waitFor();
    await picture(page, 'purge');
    const there = async (): Promise<unknown[]> => {
      const { gone, kept, part } = (await api.query(
        `query ($gone: ID!, $kept: ID!, $part: ID!) { gone: run(id: $gone) { id } kept: run(id: $kept) { id } part: run(id: $part) { id } }`,
        { gone: goes.id, kept: stays.id, part: child['id'] },
      )) as Record<string, unknown>;
      return [gone, kept, part];
    };
    expect(await there()).toEqual([{ id: goes.id }, { id: stays.id }, { id: child['id'] }]);
    // A purge means what was deleted a whole second before it was counted, and perhaps this was not yet.
    await expect
      .poll(
        async () => {
          await page.getByRole('button', { name: 'Purge…' }).click();
          await page.getByRole('button', { name: 'Purge', exact: true }).click();
          await page.getByText('Done.').waitFor();
          await count.click();
          await page.getByText('Counted. Nothing was changed.').waitFor();
          return there();
        },
        { timeout: 30_000 },
      )
      .toEqual([null, { id: stays.id }, { id: child['id'] }]);
  });
});
