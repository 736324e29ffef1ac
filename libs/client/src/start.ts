// The ways to a run: a new one, one that is gone on with, and one around a piece of work.

import { userInfo } from 'node:os';

import { ActiveRun, discard } from './active-run.ts';
import { checkName, checkPairs, checkRunId, LIMITS } from './checks.ts';
import { createFolder } from './folder.ts';
import { findCommit } from './git.ts';
import { newRunId } from './ids.ts';
import { JournalWriter } from './journal.ts';
import { Sender } from './sender.ts';
import { Server } from './server.ts';
import type { RunStart } from './server.ts';
import { readConnection, readExperiment, readMode } from './settings.ts';
import type { Connection } from './settings.ts';
import { sync } from './sync.ts';
import type { Mode, Run, RunOptions, StartOptions } from './types.ts';

/** How long `online` waits for a server that does not answer. */
const ONLINE_PATIENCE_MS = 10_000;

/**
 * Starts a run. Resolves once the server has it; in the mode `auto` also where no server answers, with a warning, and always in the mode `offline`.
 * @throws ThroughlineError INVALID_INPUT; UNREACHABLE in the mode `online`; NO_FOLDER; the server's code where it refuses the run. Nothing is left behind then.
 */
export async function startRun(options: StartOptions = {}): Promise<Run> {
  const context = readContext(options);
  const isOwn = options.parent === undefined || options.experiment !== undefined;
  return start(context, { ...options, experiment: isOwn ? readExperiment(options.experiment) : undefined }, null);
}

/**
 * Goes on with a run: from another process, or after a crash, in which case what its journal in this directory still holds is sent first. Several
 * processes may log to one run at a time.
 * @throws ThroughlineError as startRun does, and the server's code where it has no such run.
 */
export async function resumeRun(id: string, options: RunOptions = {}): Promise<Run> {
  const context = readContext(options);
  const runId = checkRunId(id);
  if (context.mode !== 'offline') await sync({ ...context.connection, runs: [runId] });
  return open(context, { kind: 'resume', runId, startedAtMs: Date.now() }, null);
}

/** Runs some work in a run of its own: FINISHED where it resolves, FAILED where it throws. Answers what it answers. */
export async function withRun<Result>(options: StartOptions, work: (run: Run) => Promise<Result>): Promise<Result> {
  const run = await startRun(options);
  let result: Result;
  try {
    result = await work(run);
  } catch (error) {
    // The first error is the one to tell.
    await run.finish('FAILED').catch(() => undefined);
    throw error;
  }
  await run.finish();
  return result;
}

interface Context {
  connection: Connection;
  mode: Mode;
  onTrouble: (error: Error) => void;
}

function readContext(options: RunOptions): Context {
  return { connection: readConnection(options), mode: readMode(options), onTrouble: options.onError ?? warn };
}

function warn(error: Error): void {
  process.emitWarning(error.message, { type: 'ThroughlineWarning', code: Reflect.get(error, 'code') as string });
}

async function start(context: Context, options: StartOptions, parentSender: Sender | null): Promise<Run> {
  const { experiment, name, params = {}, tags = {}, parent } = options;
  // Before anything is begun.
  checkPairs(params, 'param');
  const about: RunStart = {
    runId: newRunId(),
    ...(experiment === undefined ? {} : { experiment: checkName(experiment, 'The name of an experiment', LIMITS.name) }),
    ...(name === undefined ? {} : { name: checkName(name, 'The name of a run', LIMITS.name) }),
    ...(parent === undefined ? {} : { parent: checkRunId(parent) }),
    startedAtMs: Date.now(),
    tags: [...Object.entries(await ownTags()), ...checkPairs(tags, 'tag')],
  };
  const run = await open(context, { kind: 'start', ...about }, parentSender);
  run.params(params);
  return run;
}

/** What is known without being told, under MLflow's names. */
async function ownTags(): Promise<Record<string, string>> {
  const script = process.argv[1];
  const commit = await findCommit(process.cwd());
  return {
    ...user(),
    'mlflow.source.type': 'LOCAL',
    ...(script === undefined ? {} : { 'mlflow.source.name': script.slice(-LIMITS.tagValue) }),
    ...(commit === null ? {} : { 'mlflow.source.git.commit': commit }),
  };
}

function user(): Record<string, string> {
  try {
    return { 'mlflow.user': userInfo().username };
  } catch {
    return {}; // A user id without a name, as containers have.
  }
}

async function open(context: Context, about: Parameters<typeof createFolder>[1], parent: Sender | null): Promise<Run> {
  const { connection, mode, onTrouble } = context;
  const folder = await createFolder(connection.dir, about);
  const writer = new JournalWriter(folder.path);
  const link = mode === 'offline' ? null : connect(context, folder, parent);
  let nextStep = 0;
  if (link !== null) {
    try {
      const standing = await link.sender.settle(0, mode === 'online' ? ONLINE_PATIENCE_MS : 0);
      if (standing === 'blocked' || (standing === 'unreachable' && mode === 'online')) throw link.sender.failure ?? new Error(standing);
      if (standing === 'sent' && about.kind === 'resume') nextStep = ((await link.server.getRun(about.runId)).lastStep ?? -1) + 1;
    } catch (error) {
      await discard({ folder, writer, link });
      throw error;
    }
  }
  const startChild = (options: Pick<StartOptions, 'name' | 'params' | 'tags'>) =>
    start(context, { ...options, parent: about.runId }, link?.sender ?? null);
  return new ActiveRun({ folder, dir: connection.dir, url: connection.url, mode, writer, link, nextStep, onTrouble, startChild });
}

function connect({ connection, onTrouble }: Context, folder: Awaited<ReturnType<typeof createFolder>>, parent: Sender | null) {
  const server = new Server(connection);
  const sender = new Sender({
    server,
    folder: folder.path,
    header: folder.header,
    from: 0,
    isLive: true,
    onTrouble,
    isParentPending: () => parent !== null && !parent.isStarted,
  });
  return { server, sender };
}
