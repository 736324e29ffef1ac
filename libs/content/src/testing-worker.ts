// A verification worker in a process of its own, for a test to kill. It stops dead in its second blob after having told the first.

import { openDatabase } from '@throughline/database';
import { createFilesystemObjectStore } from '@throughline/object-store';

import { createContent } from './content.ts';

const [url = '', root = ''] = process.argv.slice(2);
const objects = await createFilesystemObjectStore({ root });
let opened = 0;
const content = createContent({
  database: openDatabase({ url }),
  objects: {
    ...objects,
    async get(key, range) {
      opened += 1;
      if (opened > 80) {
        console.log('stuck');
        await new Promise(() => undefined);
      }
      return objects.get(key, range);
    },
  },
  limits: { leaseMs: 1_000 },
});
await content.runVerification({ signal: new AbortController().signal });
