// What every command of `throughline` is, and how its line is read: options by name, mistakes with the word that was meant, and an exit code
// that a script can rely on: 0 it is done and well, 1 it failed or found something wrong, 2 the line cannot be read.

import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import type { ParseArgsOptionsConfig } from 'node:util';

import type { DomainError, Terminal } from '@throughline/kernel';
import { invalid, nearest } from '@throughline/kernel';

import { readConfig, readMlflowCredentials, readStandpoint } from '../config.ts';
import type { Config } from '../config.ts';
import type { RestCredentials } from '../import/rest-client.ts';

export interface Invocation {
  terminal: Terminal;
  /** Read when it is asked for, so that help works with a wrong one. */
  config: () => Config;
  /** For another MLflow server. */
  mlflowCredentials: () => RestCredentials;
  /** A path as the user meant it: from where they stand. */
  path: (text: string) => string;
  operands: readonly string[];
  flag: (name: string) => boolean;
  /** Null where it was not given. */
  text: (name: string) => string | null;
}

export interface Command {
  help: string;
  options: ParseArgsOptionsConfig;
  /** What stands without a name, each as the help calls it. */
  operands: readonly string[];
  /** Answers the exit code. */
  run: (invocation: Invocation) => Promise<number>;
}

const COMMON = { json: { type: 'boolean', default: false }, help: { type: 'boolean', short: 'h', default: false } } as const;

/** A command line that cannot be read. */
export function usage(message: string, command: string | null): DomainError {
  return invalid('USAGE', message, { hint: `npx throughline ${command === null ? '' : `${command} `}--help says more.` });
}

/** Reads the rest of a line by the command's own options. Throws `invalid` USAGE. */
export function readLine(
  name: string,
  command: Command,
  args: readonly string[],
  terminal: Terminal,
): { help: boolean; json: boolean; invocation: Invocation } {
  const options: ParseArgsOptionsConfig = { ...command.options, ...COMMON };
  const { values, positionals } = parse(name, options, args);
  const missing = command.operands[positionals.length];
  const isHelp = values['help'] === true;
  if (!isHelp && missing !== undefined) throw usage(`${missing} is missing.`, name);
  const stray = positionals[command.operands.length];
  if (!isHelp && stray !== undefined) throw usage(`There is a word too much: '${stray}'.`, name);
  const text = (option: string) => {
    const value = values[option];
    return typeof value === 'string' ? value : null;
  };
  return {
    help: isHelp,
    json: values['json'] === true,
    invocation: {
      terminal,
      config: () => readConfig(process.env),
      mlflowCredentials: () => readMlflowCredentials(process.env),
      path: (given) => resolve(readStandpoint(process.env), given),
      operands: positionals,
      flag: (option) => values[option] === true,
      text,
    },
  };
}

function parse(name: string, options: ParseArgsOptionsConfig, args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true });
  } catch (error) {
    const unknown =
      error instanceof Error && Reflect.get(error, 'code') === 'ERR_PARSE_ARGS_UNKNOWN_OPTION'
        ? /'(-{1,2}[^']+)'/.exec(error.message)?.[1]
        : undefined;
    if (unknown === undefined) throw usage(error instanceof Error ? error.message : String(error), name);
    const meant = nearest(unknown.replace(/^-+/, ''), Object.keys(options));
    throw usage(`There is no option ${unknown}.${meant === null ? '' : ` Did you mean --${meant}?`}`, name);
  }
}

const UNITS = { d: 86_400_000, h: 3_600_000, m: 60_000, s: 1_000 } as const;

/** A length of time as MLflow's command line writes it: 30d, 12h, 1d12h30m. Throws `invalid` USAGE. */
export function durationOf(text: string, option: string, command: string): number {
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)([dhms])/g)];
  if (parts.length === 0 || parts.map(([part]) => part).join('') !== text) {
    throw usage(`--${option} takes a length of time such as 30d, 12h or 1d12h, not '${text.slice(0, 40)}'.`, command);
  }
  return Math.round(parts.reduce((sum, [, count, unit]) => sum + Number(count) * UNITS[unit as keyof typeof UNITS], 0));
}

/** A list with commas between; undefined where the option was not given. */
export function listOf(text: string | null): string[] | undefined {
  return text
    ?.split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '');
}
