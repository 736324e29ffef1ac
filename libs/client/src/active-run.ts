// A run under way: what callers hold. Everything is recorded in the journal first, whatever the mode; a sender brings the journal to the server. So
// there is one way through, and what a mode decides is only what `flush` waits for.

import {
  checkDatasetRef,
  checkKey,
  checkMetric,
  checkName,
  checkPairs,
  checkSha256,
  checkStep,
  checkText,
  checkTime,
  LIMITS,
} from './checks.ts';
import { invalidInput, refusedError, ThroughlineError } from './errors.ts';
import { unwatch, watch } from './exit.ts';
import type { OpenRun } from './exit.ts';
import { archiveFolder, removeFolder, writeProgress } from './folder.ts';
import type { RunFolder } from './folder.ts';
import type { JournalWriter } from './journal.ts';
import { releaseLock } from './lock.ts';
import { Recorder } from './recorder.ts';
import type { Sender } from './sender.ts';
import type { Server } from './server.ts';
import { artifactPath, stage } from './staging.ts';
import type {
  ArtifactSource,
  DatasetOptions,
  Durable,
  EndStatus,
  InputDescription,
  LogOptions,
  Mode,
  Refusal,
  Run,
  Scalar,
  StartOptions,
} from './types.ts';

/** How long `online` goes on with a server that does not answer. */
const ONLINE_PATIENCE_MS = 60_000;
/** Keys that are known to be right, with their JSON; more than that are checked each time. */
const MAX_KNOWN_KEYS = 20_000;

export interface RunParts {
  folder: RunFolder;
  dir: string;
  url: string;
  mode: Mode;
  writer: JournalWriter;
  /** Null where nothing is ever sent. */
  link: { sender: Sender; server: Server } | null;
  /** The first step to give to points without one. */
  nextStep: number;
  onTrouble: (error: Error) => void;
  startChild: (options: Pick<StartOptions, 'name' | 'params' | 'tags'>) => Promise<Run>;
}

/** Gives up a run that could not be started: nothing of it is anywhere. */
export async function discard({ folder, writer, link }: Pick<RunParts, 'folder' | 'writer' | 'link'>): Promise<void> {
  await link?.sender.close();
  link?.server.close();
  await writer.close();
  await removeFolder(folder.path);
}

export class ActiveRun implements Run, OpenRun {
  readonly id: string;
  readonly url: string;
  readonly folder: string;
  readonly #parts: RunParts;
  readonly #recorder: Recorder;
  readonly #keys = new Map<string, string>();
  readonly #params = new Map<string, string>();
  #nextStep: number;
  #fileCount = 0;
  /** Files that are being copied. */
  readonly #staging = new Set<Promise<unknown>>();
  #end: EndStatus | null = null;
  #finishing: Promise<Durable> | null = null;
  #refusals: Refusal[] = [];
  #hadRefusals = false;
  #isClosed = false;

  constructor(parts: RunParts) {
    this.#parts = parts;
    this.id = parts.folder.header.runId;
    this.url = `${parts.url}/runs/${encodeURIComponent(this.id)}`;
    this.folder = parts.folder.path;
    this.#nextStep = parts.nextStep;
    this.#recorder = new Recorder(parts.writer, (end) => parts.link?.sender.send(end), parts.onTrouble);
    watch(this);
  }

  log(metrics: Readonly<Record<string, number>>, options: LogOptions = {}): void {
    this.#checkOpen();
    const keys = Object.keys(metrics);
    const step = options.step === undefined ? this.#nextStep : checkStep(options.step);
    const time = options.timestamp === undefined ? Date.now() : checkTime(options.timestamp);
    // All is checked before anything is taken.
    for (const key of keys) {
      checkMetric(key, metrics[key]);
      if (!this.#keys.has(key)) this.#learn(key);
    }
    const behind = `,${step},${time}]`;
    for (const key of keys) {
      const value = metrics[key] ?? Number.NaN;
      const name = this.#keys.get(key) ?? JSON.stringify(key);
      this.#recorder.addPoint(Number.isFinite(value) ? `[${name},${value}${behind}` : `[${name},"${value}"${behind}`);
    }
    if (step >= this.#nextStep) this.#nextStep = step + 1;
    this.#recorder.added();
  }

  params(params: Readonly<Record<string, Scalar>>): void {
    this.#checkOpen();
    const pairs = checkPairs(params, 'param');
    for (const [key, value] of pairs) {
      const before = this.#params.get(key);
      if (before === undefined || before === value) continue;
      throw new ThroughlineError({
        code: 'PARAM_CHANGED',
        message: `The param ${JSON.stringify(key)} is ${JSON.stringify(before)} and cannot become ${JSON.stringify(value)}.`,
        hint: 'What changes during a run is a metric or a tag.',
      });
    }
    const fresh = pairs.filter(([key]) => !this.#params.has(key));
    for (const [key, value] of fresh) this.#params.set(key, value);
    this.#recordPairs('params', fresh, LIMITS.batchParams);
  }

  tags(tags: Readonly<Record<string, Scalar>>): void {
    this.#checkOpen();
    this.#recordPairs('tags', checkPairs(tags, 'tag'), LIMITS.batchTags);
  }

  setName(name: string): void {
    this.#checkOpen();
    this.#recorder.add({ type: 'name', name: checkName(name, 'The name of a run', LIMITS.name) });
    this.#recorder.added();
  }

  async logArtifact(source: ArtifactSource, path?: string): Promise<void> {
    this.#checkOpen();
    const target = artifactPath(source, path);
    this.#fileCount += 1;
    const staging = stage(source, { folder: this.folder, file: String(this.#fileCount), path: target });
    this.#staging.add(staging);
    try {
      const record = await staging;
      this.#recorder.add(record);
      this.#recorder.added();
    } finally {
      this.#staging.delete(staging);
    }
  }

  useDataset(ref: string, { context, files }: DatasetOptions = {}): void {
    this.#checkOpen();
    this.#recorder.add({
      type: 'dataset',
      ref: checkDatasetRef(ref),
      ...(context === undefined ? {} : { context: checkName(context, 'The context of a dataset', LIMITS.inputContext) }),
      ...(files === undefined ? {} : { files: Object.entries(files).map(([path, hash]) => [path, checkSha256(hash, path)] as const) }),
    });
    this.#recorder.added();
  }

  logInput({ name, digest, source, sourceType = 'local', schema, profile, context }: InputDescription): void {
    this.#checkOpen();
    this.#recorder.add({
      type: 'input',
      name: checkName(name, 'The name of an input', LIMITS.name),
      digest: checkName(digest, 'The digest of an input', LIMITS.inputDigest),
      source: checkName(source, 'The source of an input', LIMITS.inputSource),
      sourceType: checkName(sourceType, 'The kind of source of an input', LIMITS.inputDigest),
      ...(schema === undefined ? {} : { schema: checkText(schema, 'The schema of an input', LIMITS.inputSchema) }),
      ...(profile === undefined ? {} : { profile: checkText(profile, 'The profile of an input', LIMITS.inputProfile) }),
      ...(context === undefined ? {} : { context: checkName(context, 'The context of an input', LIMITS.inputContext) }),
    });
    this.#recorder.added();
  }

  startChild(options: Pick<StartOptions, 'name' | 'params' | 'tags'> = {}): Promise<Run> {
    this.#checkOpen();
    return this.#parts.startChild(options);
  }

  async flush(): Promise<Durable> {
    await Promise.allSettled(this.#staging);
    this.#recorder.write();
    const durable = await this.#settle('settle');
    this.#throwRefusals();
    return durable;
  }

  finish(status: EndStatus = 'FINISHED'): Promise<Durable> {
    if (!['FINISHED', 'FAILED', 'KILLED'].includes(status)) {
      throw invalidInput(`A run ends as FINISHED, FAILED or KILLED; not as '${status as string}'.`);
    }
    this.#finishing ??= this.#finish(status);
    return this.#finishing;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // Where finishing went wrong, whoever finished was told.
    if (this.#finishing !== null) await this.#finishing.catch(() => undefined);
    else await this.finish('FAILED');
  }

  abandon(status: EndStatus): string | null {
    this.#recordEnd(status);
    this.#recorder.write();
    const { mode } = this.#parts;
    if (mode === 'offline') return null;
    return `the run ${this.id} was not finished; the server may lack the last of it, which is kept in ${this.folder}. ${SYNC_HINT}`;
  }

  async #finish(status: EndStatus): Promise<Durable> {
    // A copy that fails has told whoever asked for it.
    await Promise.allSettled(this.#staging);
    this.#recordEnd(status);
    try {
      this.#recorder.write();
      const durable = await this.#settle('settleAnew');
      await this.#close(durable);
      this.#throwRefusals();
      return durable;
    } catch (error) {
      await this.#close('journal');
      throw error;
    } finally {
      unwatch(this);
    }
  }

  /** Ends what runs in the background, and leaves the folder to a later sync unless the server has all of it. */
  async #close(durable: Durable): Promise<void> {
    const { link, writer, dir, mode } = this.#parts;
    if (this.#isClosed) return;
    this.#isClosed = true;
    await link?.sender.close();
    link?.server.close();
    await writer.close();
    if (durable === 'journal') {
      releaseLock(this.folder);
      if (mode === 'auto') this.#parts.onTrouble(unsent(this.id, this.folder));
    } else if (this.#hadRefusals) {
      writeProgress(this.folder, writer.end);
      await archiveFolder(dir, this.folder);
    } else {
      await removeFolder(this.folder);
    }
  }

  /** Waits until what was written is safe, wherever the mode wants it to be. */
  async #settle(how: 'settle' | 'settleAnew'): Promise<Durable> {
    const { link, mode, writer } = this.#parts;
    if (link === null) {
      await writer.sync();
      return 'journal';
    }
    const { sender } = link;
    const standing = mode === 'online' ? await sender.settle(writer.end, ONLINE_PATIENCE_MS) : await sender[how](writer.end);
    this.#collectRefusals(sender);
    if (standing === 'sent') return 'server';
    await writer.sync();
    if (standing === 'blocked' || mode === 'online') throw sender.failure ?? unsent(this.id, this.folder);
    return 'journal';
  }

  #collectRefusals(sender: Sender): void {
    this.#refusals.push(...sender.takeRefusals());
    if (this.#refusals.length > 0) this.#hadRefusals = true;
  }

  #throwRefusals(): void {
    const refusals = this.#refusals.splice(0);
    if (refusals.length > 0) throw refusedError(refusals);
  }

  #recordEnd(status: EndStatus): void {
    if (this.#end !== null) return;
    this.#end = status;
    this.#recorder.add({ type: 'end', status, endedAtMs: Date.now() });
  }

  #recordPairs(type: 'params' | 'tags', pairs: readonly (readonly [string, string])[], limit: number): void {
    for (let start = 0; start < pairs.length; start += limit) this.#recorder.add({ type, pairs: pairs.slice(start, start + limit) });
    this.#recorder.added();
  }

  /** Checks a key once, and keeps its JSON. */
  #learn(key: string): void {
    checkKey(key, 'metric');
    if (this.#keys.size < MAX_KNOWN_KEYS) this.#keys.set(key, JSON.stringify(key));
  }

  #checkOpen(): void {
    if (this.#end !== null || this.#finishing !== null) {
      throw new ThroughlineError({ code: 'RUN_FINISHED', message: `The run ${this.id} is finished.`, hint: 'resumeRun goes on with it.' });
    }
    this.#recorder.checkRoom();
  }
}

const SYNC_HINT = 'Send it with: npx throughline-client sync';

function unsent(runId: string, folder: string): ThroughlineError {
  return new ThroughlineError({
    code: 'UNSENT',
    message: `The server cannot be reached; what it lacks of the run ${runId} is kept in ${folder}.`,
    hint: SYNC_HINT,
  });
}
