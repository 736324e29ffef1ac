// npm test: every suite that needs npm alone, on a throwaway PostgreSQL; then the story in a real browser.

import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';

import { findChromium, whyNoChromium } from './lib/chromium.mjs';
import { bin, ensureDashboard, ensureGenerated, ensureInstalled, ROOT, toolEnvironment } from './lib/install.mjs';
import { startThrowawayPostgres } from './lib/services.mjs';
import { fail, run, say, step } from './lib/terminal.mjs';
import { Totals } from './lib/totals.mjs';

const HELP = `npm test [-- --no-browser]

Runs every test that needs npm alone, on a PostgreSQL of its own, and the dashboard's story in a headless Chromium.

  --no-browser   leave the browser out
  --help         this text`;

const args = process.argv.slice(2);
if (args.includes('--help') || args.includes('-h')) {
  say(HELP);
  process.exit(0);
}
const unknown = args.find((arg) => arg !== '--no-browser');
if (unknown !== undefined) fail(`'${unknown}' is not known here.\n\n${HELP}`);
const withBrowser = !args.includes('--no-browser');
const chromium = withBrowser ? findChromium() : null;
// Said before minutes of other tests, not after them.
if (withBrowser && chromium === null) fail(whyNoChromium());

await ensureInstalled().catch((error) => fail(error.message));
await ensureGenerated();
if (withBrowser) await ensureDashboard();

const totals = new Totals();
const projects = projectsWithTests();
for (const { folder } of projects) rmSync(join(folder, 'test-results'), { recursive: true, force: true });

const postgres = await step('Starting a throwaway PostgreSQL', startThrowawayPostgres).catch((error) => fail(error.message));
try {
  const env = toolEnvironment({ THROUGHLINE_TEST_POSTGRES: postgres.url });
  say('Running the tests of every project …');
  const { code } = await run(bin('nx'), ['run-many', '-t', 'test', '--parallel=2', '--output-style=static'], {
    cwd: ROOT,
    env,
    show: true,
  });
  for (const { name, folder } of projects) totals.addVitest(join(folder, 'test-results/vitest.json'), name);
  if (code !== 0 && totals.failed === 0) totals.failure(`nx ended with status ${code}, though no test failed`);
  if (withBrowser) await browserSuite(env);
} finally {
  await postgres.stop();
}
process.exitCode = totals.close();

async function browserSuite(env) {
  say(`\nWalking the story in ${chromium} …`);
  const web = join(ROOT, 'apps/web');
  const report = join(web, 'test-results/browser.json');
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
  const args = ['run', '--config', 'vitest.browser.config.ts', ...reporters];
  const { code } = await run(bin('vitest'), args, { cwd: web, env: { ...env, CHROMIUM_PATH: chromium }, show: true });
  const before = totals.failed;
  totals.addVitest(report, 'the browser suite');
  if (code !== 0 && totals.failed === before) totals.failure(`the browser suite ended with status ${code}, though no test failed`);
}

/** The projects that have a `test` script, and so must report. */
function projectsWithTests() {
  const { workspaces } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
  return workspaces
    .flatMap((pattern) => {
      if (!pattern.endsWith('/*')) return [join(ROOT, pattern)];
      const group = join(ROOT, pattern.slice(0, -2));
      return existsSync(group) ? readdirSync(group).map((name) => join(group, name)) : [];
    })
    .filter((folder) => existsSync(join(folder, 'package.json')))
    .map((folder) => ({ folder, manifest: JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) }))
    .filter(({ manifest }) => manifest.scripts?.test !== undefined)
    .map(({ folder, manifest }) => ({ folder, name: manifest.name }));
}
