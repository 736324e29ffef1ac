// What actions share: options that were given and no others, and how transfers are told.

import { counted, humanBytes } from '@throughline/kernel';
import type { Terminal } from '@throughline/kernel';

import type { Context, Options } from '../command.ts';
import { usage } from '../command.ts';

/** Without what is null: what nobody gave is left to the core. */
export function given<Values extends Record<string, unknown>>(values: Values): { [Key in keyof Values]?: Exclude<Values[Key], null> } {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== null)) as {
    [Key in keyof Values]?: Exclude<Values[Key], null>;
  };
}

/** A flag, or null where it was not given. */
export function flagged(options: Options, name: string): true | null {
  return options.flag(name) ? true : null;
}

/** Targets, or null for everything. */
export function targetsOf({ operands }: Context): readonly string[] | null {
  return operands.length === 0 ? null : operands;
}

/** What chooses outputs in every verb that moves data. */
export function selectionOf(context: Context) {
  const { options } = context;
  return given({
    targets: targetsOf(context),
    allBranches: flagged(options, 'allBranches'),
    allTags: flagged(options, 'allTags'),
    allCommits: flagged(options, 'allCommits'),
    recursive: flagged(options, 'recursive'),
    withDependencies: flagged(options, 'withDeps'),
    glob: flagged(options, 'glob'),
  });
}

interface Failure {
  readonly path: string;
  readonly message: string;
  readonly hint: string | null;
}

const MAX_FAILURES = 50;

/** What could not be moved, and why. */
export function* failureLines(failures: readonly Failure[], terminal: Terminal): Iterable<string> {
  for (const { path, message } of failures.slice(0, MAX_FAILURES)) yield `${terminal.alarm(path)}: ${message}`;
  if (failures.length > MAX_FAILURES) yield `and ${counted(failures.length - MAX_FAILURES, 'more')}`;
  for (const hint of new Set(failures.map((failure) => failure.hint))) if (hint !== null) yield hint;
}

/** "Pushed 3 objects (1.5 MB)." */
export function movedLine(done: string, count: number, sizeBytes: number, nothing: string): string {
  return count === 0 ? nothing : `${done} ${counted(count, 'object')} (${humanBytes(sizeBytes)}).`;
}

/** `name=value` pairs; null where none was given. Throws `invalid` USAGE. */
export function pairsOf(options: Options, name: string, verb: string): Readonly<Record<string, string>> | null {
  const list = options.list(name);
  if (list === null) return null;
  const pairs = list.map((pair) => {
    const at = pair.indexOf('=');
    if (at < 1) throw usage(`'${pair.slice(0, 40)}' is no option with its value: name=value.`, verb);
    return [pair.slice(0, at), pair.slice(at + 1)] as const;
  });
  return Object.fromEntries(pairs);
}

/** The level of settings that was named; null where none was. DVC calls the repository's own `repo`. */
export function levelOf(options: Options): 'system' | 'global' | 'repo' | 'local' | null {
  if (options.flag('project')) return 'repo';
  return (['global', 'system', 'local'] as const).find((level) => options.flag(level)) ?? null;
}
