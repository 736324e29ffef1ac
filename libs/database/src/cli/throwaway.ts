// Keeps a throwaway PostgreSQL for the script that started this program, as long as the channel between the two is open: for one run
// of many suites, which so share the cluster and its template.

import { startThrowawayPostgres } from '../testing-setup.ts';

const { url, remove } = await startThrowawayPostgres();

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
  console.error('This program is started by scripts/test.mjs, over a channel.');
  end();
} else {
  process.send({ type: 'ready', url });
}
