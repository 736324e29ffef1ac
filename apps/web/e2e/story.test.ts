// Goal: a person follows the product's story in a real browser, against the real server: from an empty page to a deployed model
// whose trace is drawn back to its files, to a damaged byte that the trace shows. Method: data that code would log is logged by the
// API; what people do is done by clicks and keys.

import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import type { Api, TestServer, WatchedPage } from './support.ts';
import { apiOf, launch, logRun, openPage, picture, registerData, startServer } from './support.ts';

let server: TestServer;
let browser: Browser;
let api: Api;
let watched: WatchedPage;
let page: Page;

beforeAll(async () => {
  server = await startServer();
  browser = await launch();
  api = apiOf(server);
  watched = await openPage(browser, server);
  page = watched.page;
});

afterAll(async () => {
  await browser.close();
  await server.stop();
});

const TRAIN = 'species,bill_length_mm\nAdelie,39.1\nGentoo,46.5\n';
let runId = '';

async function seed(): Promise<void> {
  const raw = await registerData(api, 'penguins', { 'penguins.csv': `${TRAIN},\n` });
  const clean = await registerData(api, 'penguins', { 'train.csv': TRAIN, 'notes/README.md': '# Cleaned\n' }, [raw.id]);
  const experiment = await api.change('createExperiment', 'Experiment', 'id', [
    ['input', 'CreateExperimentInput!', { name: 'penguins-species' }],
  ]);
  const run = await logRun(api, experiment['id'] ?? '', 'quiet-heron-212', 0.98);
  runId = run.runId;
  await api.change('logInput', 'Run', 'id', [
    ['run', 'ID!', run.id],
    ['input', 'LogInputInput!', { datasetVersion: clean.id, context: 'training', files: clean.files }],
  ]);
  await api.mlflow('runs/log-inputs', {
    run_id: run.runId,
    datasets: [
      {
        tags: [{ key: 'mlflow.data.context', value: 'feature' }],
        dataset: { name: 'weather.csv', digest: '9f31ab02', source_type: 'local', source: '{"uri":"weather.csv"}' },
      },
    ],
  });
  const model = await api.change('createLoggedModel', 'LoggedModel', 'id', [
    ['input', 'CreateLoggedModelInput!', { name: 'classifier', sourceRun: run.id }],
  ]);
  for (const [path, text] of [
    ['MLmodel', 'flavors: {}\n'],
    ['model.onnx', 'not really a network'],
  ] as const) {
    await api.change('putArtifact', 'File', 'path', [
      ['owner', 'ID!', model['id']],
      ['path', 'String!', path],
      ['sha256', 'String!', await api.upload(text)],
    ]);
  }
  await api.change('finalizeLoggedModel', 'LoggedModel', 'id', [
    ['id', 'ID!', model['id']],
    ['status', 'LoggedModelStatus!', 'READY'],
  ]);
  await api.change('putArtifact', 'File', 'path', [
    ['owner', 'ID!', run.id],
    ['path', 'String!', 'plots/confusion.csv'],
    ['sha256', 'String!', await api.upload('predicted,count\nAdelie,"1,200"\n')],
  ]);
}

const settled = (text: string | RegExp) => page.getByText(text).first().waitFor();

describe('the story of a model', () => {
  it('begins on an empty page that says how to begin, with this server’s address', async () => {
    await page.goto('/');
    await settled('three ways to begin');
    expect(await page.getByLabel('Point MLflow here').textContent()).toContain(server.url);
    await picture(page, 'home-empty');
  });

  it('shows a run with its curve, its params and the data it read, a gap included', async () => {
    await seed();
    await page.goto(`/runs/${runId}`);
    await page.getByRole('heading', { name: 'quiet-heron-212' }).waitFor();
    await page.getByRole('img', { name: /^val_accuracy over steps/ }).waitFor();
    await page.getByRole('button', { name: 'unresolved · link it' }).waitFor();
    const thread = page.getByRole('region', { name: 'Thread from data to deployment' });
    await thread.getByText('penguins@2').waitFor();
    expect(await thread.getByText('No model version').count()).toBe(1);
    await picture(page, 'run');
  });

  it('previews an artifact, and the address alone opens it again', async () => {
    await page.goto(`/runs/${runId}?tab=artifacts&file=plots/confusion.csv`);
    await page.getByRole('cell', { name: '1,200' }).waitFor();
    await picture(page, 'artifacts');
  });

  it('registers what the run made', async () => {
    await page.goto(`/runs/${runId}`);
    await page.getByRole('button', { name: 'Register model' }).click();
    await page.getByRole('combobox', { name: 'Model', exact: true }).fill('penguins');
    await page.getByRole('button', { name: 'Register', exact: true }).click();
    await page.waitForURL('**/models/penguins/1');
    await page.getByRole('heading', { name: 'penguins / 1' }).waitFor();
  });

  it('promotes the version after showing what changes', async () => {
    await page.getByRole('button', { name: 'Promote' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByText('nobody holds it').waitFor();
    await dialog.getByLabel('Why').fill('the first that is good enough');
    await picture(page, 'promote');
    await dialog.getByRole('button', { name: 'Promote to champion' }).click();
    await settled('champion is version 1 now.');
  });

  it('refuses a promotion that another one overtook, and says who was faster', async () => {
    await page.goto('/models/penguins/1');
    await page.getByRole('button', { name: 'Promote' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Alias').fill('challenger');
    await dialog.getByText('nobody holds it').waitFor();
    await api.change('promote', 'ModelVersion', 'id', [['input', 'PromoteInput!', { version: 'model:penguins/1', alias: 'challenger' }]]);
    await dialog.getByRole('button', { name: 'Promote to challenger' }).click();
    await dialog.getByRole('alert').waitFor();
    expect(await dialog.getByRole('alert').textContent()).toContain('challenger');
    await page.keyboard.press('Escape');
  });

  it('deploys it by its digest and opens the trace back to the files', async () => {
    await page.goto('/models/penguins/1');
    await page.getByRole('button', { name: 'Deploy', exact: true }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Target').fill('api');
    await dialog.getByRole('button', { name: 'Deploy', exact: true }).click();
    await page.waitForURL('**/deployments/deployment_*');
    const graph = page.getByRole('group', { name: 'Trace from the deployment to its data' });
    await graph.getByRole('link', { name: /penguins@2/ }).waitFor();
    await graph.getByRole('link', { name: /penguins@1/ }).waitFor();
    await graph.getByRole('link', { name: /quiet-heron-212/ }).waitFor();
    await graph.getByRole('button', { name: /weather.csv/ }).waitFor();
    await page.getByRole('status', { name: 'Verdict' }).getByText('Not verified').waitFor();
    await page.getByRole('cell', { name: 'penguins@2/train.csv' }).waitFor();
    await picture(page, 'trace');
  });

  it('closes the gap from the graph', async () => {
    await page
      .getByRole('group', { name: /^Trace/ })
      .getByRole('button', { name: /weather.csv/ })
      .click();
    const dialog = page.getByRole('dialog');
    await dialog.getByText('penguins@1').click();
    await dialog.getByRole('button', { name: 'Link', exact: true }).click();
    await settled('weather.csv is linked.');
    await page.getByRole('heading', { name: /What is missing/ }).waitFor({ state: 'detached' });
  });

  it('hashes everything again and finds it intact', async () => {
    await page.getByRole('button', { name: 'Verify again' }).click();
    await settled(/hashed again, all as they were stored/);
    await page
      .getByRole('status', { name: 'Verdict' })
      .getByText(/files intact/)
      .waitFor();
    await picture(page, 'trace-verified');
  });

  it('shows a flipped byte as damage', async () => {
    await flipByte(join(server.dataDir, 'objects'), Buffer.from(TRAIN));
    await page.getByRole('button', { name: 'Verify again' }).click();
    await page.getByRole('status', { name: 'Verdict' }).getByText('1 file damaged').waitFor();
    await page
      .getByRole('row', { name: /penguins@2\/train.csv/ })
      .getByText('Damaged')
      .waitFor();
    await picture(page, 'trace-damaged');
  });

  it('withdraws a dataset version, which shows on the trace, and takes it back', async () => {
    await page.goto('/datasets/penguins/2');
    await page.getByRole('button', { name: 'More' }).click();
    await page.getByRole('menuitem', { name: 'Withdraw…' }).click();
    await page.getByLabel('Why').fill('two islands were swapped');
    await page.getByRole('button', { name: 'Withdraw', exact: true }).click();
    await page.getByRole('note').getByText('two islands were swapped').waitFor();
    await page.getByRole('button', { name: 'Undo' }).click();
    await page.getByRole('note').waitFor({ state: 'detached' });
  });

  it('shows what changed between two versions of the data', async () => {
    await page.goto('/datasets/penguins/diff?from=1&to=2');
    await page.getByRole('row', { name: /removed.*penguins.csv/ }).waitFor();
    await page.getByRole('row', { name: /added.*train.csv/ }).waitFor();
  });

  it('rolls nothing back where nothing came before, and ends a deployment with a reason', async () => {
    await page.goto('/deployments/production/api');
    await page.getByRole('button', { name: 'Change' }).click();
    await page.getByRole('menuitem', { name: 'End this deployment…' }).click();
    await page.getByLabel('Why').fill('end of the season');
    await page.getByRole('button', { name: 'End deployment' }).click();
    await settled('Nothing is live at production / api now.');
    await page.goto('/deployments/production/api');
    await page.getByRole('note').getByText('Nothing is live at production / api now.').waitFor();
    await page.getByRole('link', { name: 'History' }).click();
    await page.getByRole('cell', { name: 'Ended', exact: true }).waitFor();
  });

  it('never spoke to another server, nor to itself in errors', () => {
    expect(watched.complaints).toEqual([]);
  });
});

/** Flips the first byte of the stored object with this content. */
async function flipByte(folder: string, content: Buffer): Promise<void> {
  for (const name of await readdir(folder, { recursive: true })) {
    const path = join(folder, name);
    if (!(await stat(path)).isFile()) continue;
    const bytes = await readFile(path);
    if (!bytes.equals(content)) continue;
    bytes.writeUInt8(bytes.readUInt8(0) ^ 1, 0);
    await writeFile(path, bytes);
    return;
  }
  throw new Error('No stored object has this content.');
}
