// throughline gc: purges what was deleted and collects what nothing needs, beside a running server or without one. The job is a row in the
// database: one that was killed goes on when this is run again.

import type { Call } from '@throughline/database';
import type { Terminal } from '@throughline/kernel';
import { counted, humanBytes, invariant } from '@throughline/kernel';
import type { PurgeCount, PurgeInput, PurgeJob } from '@throughline/tracking';

import type { WaitReason } from '../commands/purge.ts';
import { openObjects } from '../objects.ts';
import { createServices } from '../server.ts';
import type { Services } from '../services.ts';
import { durationOf, listOf } from './command.ts';
import type { Command, Invocation } from './command.ts';
import { connect } from './connect.ts';

const HELP = `Removes for good what was deleted: runs, logged models, experiments; and then the stored files that nothing needs any more.
It cannot be undone. What something still stands on is kept, and said why: a run that a model version, a dataset version or a logged model in
use came from. Stored files go once nobody has brought or asked for them for a day.

  npx throughline gc [options]

  --dry-run                   counts what would be removed, and removes nothing
  --older-than <time>         only what was deleted so long ago: 30d, 12h, 1d12h
  --run-ids <ids>             only these runs, with commas between
  --logged-model-ids <ids>    only these logged models
  --experiment-ids <ids>      only these experiments, with all that is in them
  --workspace <name>          whose; default unless given
  --json                      answers JSON
  --help                      this text

Examples:
  npx throughline gc --dry-run --older-than 30d
  npx throughline gc --older-than 30d
  npx throughline gc --experiment-ids 12,15

One that was killed goes on when this is run again, or when the server starts; the JSON then tells of it in 'resumed'. While a backup is made it
waits with the stored files.
`;

const REASONS = {
  MODEL_VERSION: 'a model version came from it',
  LOGGED_MODEL: 'a logged model that stays came from it',
  DATASET_VERSION: 'it made a dataset version',
  CHILD_RUN: 'a run that stays is part of it',
  STARTED_FROM: 'a run that stays started from it',
  HOLDS_KEPT: 'it holds something that was kept; its name is free',
  DEFAULT_EXPERIMENT: 'it is the first experiment',
  RESTORED: 'it was brought back meanwhile',
} as const satisfies Record<keyof PurgeJob['counts']['kept'], string>;

const WAITS = {
  WORKER: 'A purge is under way, or was killed a moment ago: waiting for it.',
  BACKUP: 'A backup is being made, and needs the stored files: waiting for its end.',
} as const satisfies Record<WaitReason, string>;

export const gcCommand: Command = {
  help: HELP,
  operands: [],
  options: {
    'dry-run': { type: 'boolean', default: false },
    'older-than': { type: 'string' },
    'run-ids': { type: 'string' },
    'logged-model-ids': { type: 'string' },
    'experiment-ids': { type: 'string' },
    workspace: { type: 'string', default: 'default' },
  },
  async run(invocation) {
    const { terminal, flag, text } = invocation;
    const olderThan = text('older-than');
    const input: PurgeInput = {
      dryRun: flag('dry-run'),
      olderThanMs: olderThan === null ? 0 : durationOf(olderThan, 'older-than', 'gc'),
      runIds: listOf(text('run-ids')),
      loggedModelIds: listOf(text('logged-model-ids')),
      experimentIds: listOf(text('experiment-ids')),
    };
    const config = invocation.config();
    const connection = await connect(config, terminal.note);
    try {
      const services = createServices(connection.database, await openObjects(config.objects), config, (message) => terminal.note(message));
      return await collectGarbage(services, invocation, input);
    } finally {
      await connection.close();
    }
  },
};

async function collectGarbage(
  { access, tracking, commands }: Services,
  { terminal, text, flag }: Invocation,
  input: PurgeInput,
): Promise<number> {
  const call: Call = { caller: await access.localCaller(text('workspace') ?? 'default') };
  const left = await tracking.purge.findUnfinished();
  let resumed: PurgeJob | null = null;
  if (left !== null && left.dryRun === input.dryRun) {
    resumed = await watched(terminal, commands);
    if (resumed !== null) terminal.note(`Went on with what was begun at ${left.createdAt.toISOString()}: ${summaryOf(resumed)}`);
    // Ended by whoever runs this.
    if (resumed?.state === 'RUNNING') return 1;
  }
  const { id } = await tracking.purge.start(call, input);
  // A server that just started may have been faster; then it is its job's end that is told.
  const job = (await watched(terminal, commands)) ?? (await tracking.purge.find(call, id));
  invariant(job !== null, 'a job that was queued stays');
  const answer = { ...presented(job), resumed: resumed === null ? null : presented(resumed) };
  terminal.say(flag('json') ? JSON.stringify(answer, null, 2) : summaryOf(job));
  return job.state === 'DONE' ? 0 : 1;
}

/** Works on the unfinished job, and shows how far it is. */
async function watched(terminal: Terminal, commands: Services['commands']): Promise<PurgeJob | null> {
  const bar = terminal.progress('Removing', 'things');
  const onProgress = ({ counts: { runs, loggedModels, experiments } }: PurgeJob) => {
    const all = [runs, loggedModels, experiments];
    const total = all.reduce((sum, count) => sum + count.found, 0);
    const done = all.reduce((sum, count) => sum + count.removed + count.kept, 0);
    if (total > 0) bar.at(done, total);
  };
  const told = new Set<WaitReason>();
  const onWait = (why: WaitReason) => {
    if (!told.has(why)) terminal.note(WAITS[why]);
    told.add(why);
  };
  const stop = new AbortController();
  const end = () => stop.abort();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, end);
  try {
    return await commands.resumePurge({ signal: stop.signal, onProgress, onWait });
  } finally {
    bar.end();
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.off(signal, end);
  }
}

function presented({ id, state, dryRun, before, counts, error, createdAt, finishedAt }: PurgeJob) {
  const { collected, ...rest } = counts;
  return { id, state, dryRun, before, ...rest, collected, error, createdAt, finishedAt };
}

function summaryOf({ dryRun, state, counts, error }: PurgeJob): string {
  const { runs, loggedModels, experiments, kept, collected } = counts;
  const removed = (count: PurgeCount, word: string) => counted(count.removed, word);
  const lines = [
    `${dryRun ? 'Would remove' : 'Removed'} ${removed(runs, 'run')}, ${removed(loggedModels, 'logged model')} and ${removed(experiments, 'experiment')}.`,
  ];
  for (const [reason, count] of Object.entries(kept)) {
    lines.push(`Kept ${count.toLocaleString('en')}: ${REASONS[reason as keyof typeof REASONS]}.`);
  }
  if (collected !== null) {
    const { blobs, manifests, fileSets, uploads, objects, bytes } = collected;
    lines.push(
      `${dryRun ? 'Would remove' : 'Removed'} ${counted(blobs, 'stored file')}, ${counted(manifests, 'manifest')}, ${counted(fileSets, 'file set')}, ` +
        `${counted(uploads, 'abandoned upload')} and ${counted(objects, 'stray object')}: ${humanBytes(bytes)}.`,
    );
  }
  if (state === 'FAILED') lines.push(`It could not go on: ${error ?? ''}`);
  else if (state !== 'DONE') lines.push('It was ended on the way; run it again to go on.');
  return lines.join('\n');
}
