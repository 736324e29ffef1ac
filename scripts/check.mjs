// npm run check: types, lint, boundaries, format, dead code, migrations, and that everything generated is fresh.

import { join } from 'node:path';

import { bin, ensureGenerated, ensureInstalled, node24, ROOT, toolEnvironment } from './lib/install.mjs';
import { fail, run, say, step } from './lib/terminal.mjs';

await ensureInstalled().catch((error) => fail(error.message));
await ensureGenerated();

const WEB = join(ROOT, 'apps/web');
const CHECKS = [
  {
    name: 'Types and lint, boundaries among them',
    command: [bin('nx'), 'run-many', '-t', 'typecheck', 'lint', '--parallel=2', '--output-style=static'],
    mend: 'mend what the lines above name; `npx nx lint <project> --fix` mends some of it',
  },
  { name: 'Lint of the scripts and configurations', command: [bin('eslint'), 'scripts', '*.ts', '*.js'], mend: 'npx eslint --fix scripts' },
  { name: 'Format', command: [bin('prettier'), '--check', '--log-level', 'warn', '.'], mend: 'npm run format' },
  { name: 'Dead code', command: [bin('knip'), '--no-progress'], mend: 'remove what knip names, or use it' },
  {
    name: 'Migrations make what the models say',
    command: [node24(), 'libs/database/src/cli/migration.ts', 'check'],
    mend: 'node libs/database/src/cli/migration.ts new <name>',
  },
  { name: 'The composed schema is fresh', command: [node24(), 'apps/api/src/cli/compose.ts', '--check'], mend: 'npm run generate' },
  {
    name: "The dashboard's typed documents are fresh",
    command: [bin('graphql-codegen'), '--config', 'codegen.ts', '--check'],
    cwd: WEB,
    mend: 'npm run generate',
  },
];

const failed = [];
for (const check of CHECKS) {
  const [command, ...args] = check.command;
  const { code, output } = await step(check.name, () => run(command, args, { cwd: check.cwd ?? ROOT, env: toolEnvironment() }));
  if (code === 0) continue;
  failed.push(check);
  say(output.trimEnd());
  say(`  FAILED (status ${code})`);
}
if (failed.length > 0) {
  const list = failed.map(({ name, mend }) => `  ${name}\n    to mend it: ${mend}`).join('\n');
  fail(`${failed.length} of ${CHECKS.length} checks failed:\n${list}`);
}
say(`All ${CHECKS.length} checks passed.`);
