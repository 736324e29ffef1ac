// What every verb is made of. A verb is described as data (its words, options and examples: enough for help and completion) and loads what it
// does only when it is called, so that the others cost a start nothing.

import type { Surroundings } from '@throughline/data-versioning/core';
import type { DomainError, Terminal } from '@throughline/kernel';
import { invalid } from '@throughline/kernel';
import type { Command } from 'commander';

import type { Settings } from './settings.ts';

/** What can be completed in a word's place. */
export type Completes = 'targets' | 'remotes' | 'files' | 'config-names' | 'remote-options' | readonly string[];

export interface OperandSpec {
  /** As in help: `<targets...>`, `[directory]`. */
  readonly name: string;
  readonly about: string;
  readonly completes?: Completes;
}

export interface OptionSpec {
  /** As in help: `-r, --remote <name>`. */
  readonly flags: string;
  readonly about: string;
  readonly completes?: Completes;
  /** Options that exclude this one, by their long names in camel case. */
  readonly conflicts?: readonly string[];
  /** Takes a whole number of 1 or more. */
  readonly isCount?: boolean;
  /** May be given several times, one value each time: what stands behind its value is an operand again. */
  readonly isRepeated?: boolean;
  /** All that it takes. */
  readonly choices?: readonly string[];
  /** Understood, and not in help. */
  readonly isHidden?: boolean;
}

export interface CommandSpec {
  readonly name: string;
  readonly aliases?: readonly string[];
  /** One line, without a full stop. */
  readonly summary: string;
  /** What else one should know, in whole sentences. */
  readonly details?: string;
  readonly operands?: readonly OperandSpec[];
  readonly options?: readonly OptionSpec[];
  /** Whole lines, with what they do behind a `#` where that is not plain. */
  readonly examples?: readonly string[];
  /** Verbs of several words: `remote add`. */
  readonly commands?: readonly CommandSpec[];
  readonly isHidden?: boolean;
  /** Absent where only the words below it do anything. */
  readonly load?: () => Promise<Action>;
}

/** The whole command line, for the verbs that speak about it: they are told, since it names them itself. */
export interface CommandLine {
  readonly verbs: readonly CommandSpec[];
  /** The tree of all verbs. */
  readonly build: () => Command;
}

/** What was done. */
export interface Answer {
  /** What `--json` prints. */
  readonly value: unknown;
  /** The same for people, line by line; nothing where there is nothing to say. */
  readonly lines?: () => Iterable<string>;
  /** What went wrong on the way, for the standard error. */
  readonly problems?: () => Iterable<string>;
  /** 0 unless told. */
  readonly exitCode?: number;
}

export type Action = (context: Context) => Promise<Answer>;

export interface Context {
  readonly commandLine: CommandLine;
  readonly surroundings: Surroundings;
  readonly settings: Settings;
  readonly terminal: Terminal;
  /** What stands without a name. */
  readonly operands: readonly string[];
  readonly options: Options;
  readonly isJson: boolean;
  readonly isQuiet: boolean;
  /** Asks on the terminal. False where there is nobody to ask. */
  readonly confirm: (question: string) => Promise<boolean>;
  /** Reads a line that must not be seen on the terminal, or the whole of a pipe. */
  readonly readSecret: (question: string) => Promise<string>;
  readonly readInput: () => Promise<string>;
}

/** The options as they were given, by their long names in camel case. */
export interface Options {
  /** Whether it was given; of `--no-x`: whether x was not refused. */
  flag(name: string): boolean;
  /** Null where it was not given. */
  text(name: string): string | null;
  /** Every value of it; null where it was not given. */
  list(name: string): readonly string[] | null;
  /** The number of an option with `isCount`; null where it was not given. */
  count(name: string): number | null;
  /** True, false, or null where neither `--x` nor `--no-x` was given. */
  choice(name: string): boolean | null;
}

/** A command line that cannot be read. */
export function usage(message: string, command?: string): DomainError {
  return invalid('USAGE', message, { hint: `throughline ${command === undefined ? '' : `${command} `}--help says more.` });
}

/** `values` as commander reads them. */
export function createOptions(values: Readonly<Record<string, unknown>>): Options {
  const list = (name: string): readonly string[] | null => {
    const value = values[name];
    if (Array.isArray(value)) return value.map(String);
    return typeof value === 'string' ? [value] : null;
  };
  const text = (name: string) => list(name)?.at(-1) ?? null;
  return {
    flag: (name) => values[name] === true,
    text,
    list,
    count(name) {
      const given = text(name);
      return given === null ? null : Number(given);
    },
    choice(name) {
      const value = values[name];
      return typeof value === 'boolean' ? value : null;
    },
  };
}

const COUNT = /^0*[1-9]\d{0,14}$/;

/** Throws `invalid` USAGE unless it is a whole number of 1 or more. */
export function checkCount(text: string, flags: string, command: string): string {
  if (COUNT.test(text)) return text;
  throw usage(`${/--[\w-]+/.exec(flags)?.[0] ?? flags} takes a whole number of 1 or more, not '${text.slice(0, 40)}'.`, command);
}

/** The option that only some verbs have, written once. */
export const JOBS: OptionSpec = { flags: '-j, --jobs <number>', about: 'how many requests or files at a time', isCount: true };
export const REMOTE: OptionSpec = { flags: '-r, --remote <name>', about: 'the remote; the default one unless given', completes: 'remotes' };
export const RECURSIVE: OptionSpec = { flags: '-R, --recursive', about: 'everything below the folders that are named' };
export const WITH_DEPS: OptionSpec = { flags: '-d, --with-deps', about: 'what the targets were made from as well' };
export const REVISIONS: readonly OptionSpec[] = [
  { flags: '-a, --all-branches', about: "of every branch's tip as well" },
  { flags: '-T, --all-tags', about: 'of every tag as well' },
  { flags: '-A, --all-commits', about: 'of every commit as well' },
];
export const TARGETS: OperandSpec = {
  name: '[targets...]',
  about: 'tracked files or folders, .dvc files, stages; everything unless given',
  completes: 'targets',
};
