// npm run generate: makes everything that is generated anew: the database client, the composed schema, the dashboard's typed documents.

import { join } from 'node:path';

import { bin, ensureGenerated, ensureInstalled, node24, ROOT, toolEnvironment } from './lib/install.mjs';
import { mustRun, say, step } from './lib/terminal.mjs';

await ensureInstalled();
await ensureGenerated({ anew: true });
const env = toolEnvironment();
await step('Composing the API out of its subgraphs', () => mustRun(node24(), ['apps/api/src/cli/compose.ts'], { cwd: ROOT, env }));
await step("Generating the dashboard's typed documents", () =>
  mustRun(bin('graphql-codegen'), ['--config', 'codegen.ts'], { cwd: join(ROOT, 'apps/web'), env }),
);
say('Everything generated is fresh. Commit what changed.');
