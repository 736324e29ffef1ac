#!/usr/bin/env node
// npx throughline <command>: runs under the machine's own Node (20 or newer) and hands over to the Node 24 that comes along. The command
// works in the repository's folder, as the server does, so that both mean the same data; paths are taken from where the user stands.

import { answerSignals, sayOnStderr } from '../../../scripts/lib/terminal.mjs';

sayOnStderr();
// The command ends what it does by itself, and this with it.
answerSignals();
process.env.THROUGHLINE_INVOKED_FROM = process.env.INIT_CWD ?? process.cwd();
process.argv.splice(2, 0, 'apps/api/src/cli/throughline.ts');
await import('../../../scripts/run.mjs');
