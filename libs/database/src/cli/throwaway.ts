// Keeps a throwaway PostgreSQL for the program that started this one, as long as the channel between the two is open: for one run
// of many suites, which so share the cluster and its template, or for a benchmark, which wants it durable and on a real disk.

import { parseArgs } from 'node:util';

import { startThrowawayPostgres } from '../testing-setup.ts';

const { values } = parseArgs({ options: { durable: { type: 'boolean', default: false }, under: { type: 'string' } } });
const { url, remove } = await startThrowawayPostgres({
  durable: values.durable,
  ...(values.under === undefined ? {} : { under: values.under }),
});

let ending = false;
function end(): void {
  if (ending) return;
  ending = true;
  remove().then(
    () => process.exit(0),
    (error: unknown) => {
      console.error(error);
      process.exit(1);
    },
  );
}

// The script ends it by closing the channel, or is killed, which closes it too.
process.on('disconnect', end);
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, end);
if (process.send === undefined) {
  console.error('This program is started by another one, over a channel.');
  end();
} else {
  process.send({ type: 'ready', url });
}
