// The only reader of the environment: what a caller gives, else what a variable says, else the default.

import { resolve } from 'node:path';

import { invalidInput } from './errors.ts';
import type { ConnectionOptions, Mode, RunOptions } from './types.ts';

export interface Connection {
  /** Ends without a slash. */
  url: string;
  token: string | undefined;
  workspace: string | undefined;
  dir: string;
}

const MODES: readonly string[] = ['auto', 'online', 'offline'] satisfies Mode[];

/** A variable that is set and not empty. */
function variable(name: string): string | undefined {
  const value = process.env[name];
  return value === undefined || value === '' ? undefined : value;
}

/** Throws INVALID_INPUT for an address that is none. */
export function readConnection(options: ConnectionOptions): Connection {
  const token = options.token ?? variable('THROUGHLINE_TOKEN');
  if (token !== undefined && !/^[\x21-\x7e]+$/.test(token)) {
    throw invalidInput('The token has characters that no token has.', 'Look for blanks and line ends in THROUGHLINE_TOKEN.');
  }
  return {
    url: checkUrl(options.url ?? variable('THROUGHLINE_URL') ?? 'http://localhost:4000'),
    token,
    workspace: options.workspace ?? variable('THROUGHLINE_WORKSPACE'),
    dir: resolve(options.dir ?? variable('THROUGHLINE_DIR') ?? '.throughline'),
  };
}

export function readMode(options: RunOptions): Mode {
  const mode = options.mode ?? variable('THROUGHLINE_MODE') ?? 'auto';
  if (isMode(mode)) return mode;
  throw invalidInput(`The mode is '${mode}'; it must be auto, online or offline.`);
}

export function readExperiment(given: string | undefined): string {
  return given ?? variable('THROUGHLINE_EXPERIMENT') ?? 'Default';
}

function isMode(mode: string): mode is Mode {
  return MODES.includes(mode);
}

function checkUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || (url.protocol !== 'http:' && url.protocol !== 'https:')) {
    throw invalidInput(`The server's address is '${text}'; it must begin with http:// or https://.`);
  }
  if (url.username !== '' || url.password !== '') {
    throw invalidInput("The server's address must not carry a password.", 'Give the token in THROUGHLINE_TOKEN.');
  }
  return `${url.origin}${url.pathname.replace(/\/+$/, '')}`;
}
