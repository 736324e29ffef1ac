// A worker of profiles as a process of its own, for tests that kill it: <database> <objects> <scratch>.

import { createContent } from '@throughline/content';
import { openDatabase } from '@throughline/database';
import { createFilesystemObjectStore } from '@throughline/object-store';

import { createDataVersioning } from './data-versioning.ts';

const [url = '', root = '', scratchDir = ''] = process.argv.slice(2);
const database = openDatabase({ url });
const content = createContent({ database, objects: await createFilesystemObjectStore({ root }) });
const data = createDataVersioning({ database, content, scratchDir, profileLimits: { leaseMs: 600 } });
await data.profiles.run({ signal: new AbortController().signal });
