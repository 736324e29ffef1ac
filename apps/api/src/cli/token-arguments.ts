// What may stand behind `throughline token`, checked before any database is reached.

import { parseArgs } from 'node:util';

import type { DomainError, Scope } from '@throughline/kernel';
import { idOf, invalid, isUuid } from '@throughline/kernel';

export const HELP = `Makes, lists and revokes tokens, on the server's own machine.

  npx throughline token create --name <name> --scope <read|write|admin> [options]
  npx throughline token list
  npx throughline token revoke <id>

  --name <name>           what to call the token
  --scope <scope>         read; write: log, register, promote and deploy as well; admin: manage tokens as well
  --principal <name>      who it stands for, as histories show it; local unless given
  --run <run>             for one run, by its id: what is read with the token counts as observed for that run
  --expires-days <days>   after how many days it ends, 1 to 3650; never unless given
  --workspace <name>      the workspace that it is for, made where there is none; default unless given
  --json                  answers JSON
  --help                  this text

Examples:
  npx throughline token create --name ci --scope write --principal github --expires-days 90
  npx throughline token create --name admin --scope admin
  export MLFLOW_TRACKING_TOKEN=$(npx throughline token create --name laptop --scope write --json | jq -r .secret)

The database is the one of DATABASE_URL, else the embedded one in THROUGHLINE_DATA_DIR; the server may run or not.
`;

const OPTIONS = {
  name: { type: 'string' },
  scope: { type: 'string' },
  principal: { type: 'string' },
  run: { type: 'string' },
  'expires-days': { type: 'string' },
  workspace: { type: 'string', default: 'default' },
  json: { type: 'boolean', default: false },
  help: { type: 'boolean', short: 'h', default: false },
} as const;

function read(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: OPTIONS, allowPositionals: true });
  } catch (error) {
    throw usage(error instanceof Error ? error.message : String(error));
  }
}

export type Values = ReturnType<typeof read>['values'];

function usage(message: string): DomainError {
  return invalid('USAGE', message, { hint: 'npx throughline token --help says more.' });
}

function scopeOf(text: string | undefined): Scope {
  const scope = text?.toUpperCase();
  if (scope === 'READ' || scope === 'WRITE' || scope === 'ADMIN') return scope;
  throw usage(text === undefined ? '--scope is missing: read, write or admin.' : `'${text}' is no scope: read, write or admin.`);
}

function daysOf(text: string | undefined): number | null {
  if (text === undefined) return null;
  if (!/^\d{1,4}$/.test(text)) throw usage(`--expires-days takes a whole number of days, not '${text}'.`);
  return Number(text);
}

/** What a command line asks for. */
export type Wish =
  | { what: 'help' }
  | { what: 'create'; name: string; scope: Scope; days: number | null }
  | { what: 'list' }
  | { what: 'revoke'; id: string };

/** Reads a command line. Throws `invalid` USAGE with what is wrong about it. */
export function readCommandLine(args: readonly string[]): { wish: Wish; values: Values } {
  const { values, positionals } = read(args);
  return { wish: values.help ? { what: 'help' } : wishOf(positionals, values), values };
}

function wishOf(positionals: readonly string[], values: Values): Wish {
  const [what, operand, ...more] = positionals;
  if (more.length > 0 || (what !== 'revoke' && operand !== undefined))
    throw usage(`There is a word too much: '${more[0] ?? operand ?? ''}'.`);
  switch (what) {
    case 'create':
      if (values.name === undefined) throw usage('--name is missing: what to call the token.');
      return { what, name: values.name, scope: scopeOf(values.scope), days: daysOf(values['expires-days']) };
    case 'list':
      return { what };
    case 'revoke':
      if (operand === undefined) throw usage('Which token? Its id is in: npx throughline token list');
      return { what, id: isUuid(operand) ? operand : idOf('token', operand) };
    default:
      throw usage(what === undefined ? 'What is to be done: create, list or revoke?' : `'${what}' is none of create, list and revoke.`);
  }
}
