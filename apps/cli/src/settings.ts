// The only reader of the environment in the command: everything else is told what it says.

import { homedir } from 'node:os';
import { join, resolve } from 'node:path';

import type { Proxies } from '@throughline/data-versioning/core';
import type { Colours } from '@throughline/kernel';
import { coloursOf, invalid } from '@throughline/kernel';

/** A token, and the server that alone may see it; null: one of this machine. */
export interface GivenToken {
  readonly token: string;
  readonly origin: string | null;
  /** The variable that it came from. */
  readonly variable: string;
}

export interface Settings {
  readonly homeFolder: string;
  /** Where the command keeps what belongs to this user: tokens. */
  readonly ownConfigFolder: string;
  /** DVC's own levels: where its config files lie. */
  readonly globalConfigFolder: string;
  readonly systemConfigFolder: string;
  /** In the order in which they are tried. */
  readonly tokens: readonly GivenToken[];
  readonly proxies: Proxies;
  /** The run that this command works for; null where there is none. */
  readonly run: string | null;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** Reads the environment. Throws `invalid` SETTINGS for what cannot be meant. */
export function readSettings(environment: Environment = process.env): Settings {
  const variable = (name: string) => {
    const value = environment[name];
    return value === undefined || value === '' ? null : value;
  };
  const homeFolder = variable('HOME') ?? homedir();
  const configFolder = userConfigFolder(variable, homeFolder);
  return {
    homeFolder,
    ownConfigFolder: join(configFolder, 'throughline'),
    globalConfigFolder: dvcFolder('DVC_GLOBAL_CONFIG_DIR', variable) ?? join(configFolder, 'dvc'),
    systemConfigFolder: dvcFolder('DVC_SYSTEM_CONFIG_DIR', variable) ?? join(systemConfigFolder(variable), 'dvc'),
    tokens: [
      tokenOf('THROUGHLINE_TOKEN', 'THROUGHLINE_URL', variable),
      // Never without an address: the token of some other MLflow server is nobody else's to see.
      variable('MLFLOW_TRACKING_URI') === null ? null : tokenOf('MLFLOW_TRACKING_TOKEN', 'MLFLOW_TRACKING_URI', variable),
    ].filter((given) => given !== null),
    proxies: proxiesOf(variable),
    run: variable('THROUGHLINE_RUN_ID') ?? variable('MLFLOW_RUN_ID'),
  };
}

/** What the environment says of colours: for telling what is wrong with the rest of it, too. */
export function readColours(environment: Environment = process.env): Colours {
  return coloursOf(environment);
}

/** Where the command keeps what it can make again, of this user alone. */
export function compiledFolder(environment: Environment = process.env): string {
  const home = environment['HOME'] || homedir();
  const cache = environment['XDG_CACHE_HOME'] || join(home, '.cache');
  if (process.platform === 'darwin') return join(home, 'Library/Caches/throughline/compiled');
  if (process.platform === 'win32') return join(environment['LOCALAPPDATA'] || join(home, 'AppData/Local'), 'throughline/compiled');
  return join(cache, 'throughline/compiled');
}

/** As Python's programs look for them: lower case first. */
function proxiesOf(variable: Read): Proxies {
  const either = (name: string) => variable(name) ?? variable(name.toUpperCase());
  return { http: either('http_proxy'), https: either('https_proxy'), except: either('no_proxy') };
}

type Read = (name: string) => string | null;

/** Where programs of this system keep a user's settings, as DVC finds its own. */
function userConfigFolder(variable: Read, homeFolder: string): string {
  if (process.platform === 'darwin') return join(homeFolder, 'Library/Application Support');
  if (process.platform === 'win32') return join(variable('LOCALAPPDATA') ?? join(homeFolder, 'AppData/Local'), 'iterative');
  return variable('XDG_CONFIG_HOME') ?? join(homeFolder, '.config');
}

function systemConfigFolder(variable: Read): string {
  if (process.platform === 'darwin') return '/Library/Application Support';
  if (process.platform === 'win32') return join(variable('PROGRAMDATA') ?? 'C:\\ProgramData', 'iterative');
  return variable('XDG_CONFIG_DIRS')?.split(':')[0] ?? '/etc/xdg';
}

function dvcFolder(name: string, variable: Read): string | null {
  const folder = variable(name);
  return folder === null ? null : resolve(folder);
}

function tokenOf(name: string, address: string, variable: Read): GivenToken | null {
  const token = variable(name);
  if (token === null) return null;
  if (!/^[\x21-\x7e]+$/.test(token)) {
    throw invalid('SETTINGS', `${name} has characters that no token has.`, { hint: 'Look for blanks and line ends in it.' });
  }
  const server = variable(address);
  if (server === null) return { token, origin: null, variable: name };
  const url = URL.canParse(server) ? new URL(server) : null;
  // An MLflow client may as well be pointed at a file, which sees no token.
  if (url === null || !/^https?:$/.test(url.protocol)) return address === 'MLFLOW_TRACKING_URI' ? null : refuse(address, server);
  return { token, origin: url.origin, variable: name };
}

function refuse(name: string, value: string): never {
  throw invalid('SETTINGS', `${name} is '${value}'; it must begin with http:// or https://.`);
}
