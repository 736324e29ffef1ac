// throughline token create | list | revoke: tokens without a running server. The first one has to come from somewhere: on any
// address but loopback the server does not start without one.

import { createAccess } from '@throughline/access';
import type { Access, Token } from '@throughline/access';
import { createContent } from '@throughline/content';
import type { Call, Database } from '@throughline/database';
import { nodeId, parseNodeId, parseRef } from '@throughline/kernel';
import { createTracking } from '@throughline/tracking';

import { readConfig } from '../config.ts';
import { findRunForToken } from '../commands/runs.ts';
import type { Config } from '../config.ts';
import { openObjects } from '../objects.ts';
import { connect } from './connect.ts';
import { HELP, readCommandLine } from './token-arguments.ts';
import type { Values, Wish } from './token-arguments.ts';

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

function note(text: string): void {
  process.stderr.write(`${text}\n`);
}

/** The UUID of the run that a node id, a reference or MLflow's run id names. */
async function runIdOf(database: Database, call: Call, config: Config, text: string): Promise<string> {
  const store = await openObjects(config.objects);
  const tracking = createTracking({ database, content: createContent({ database, objects: store }) });
  const ref = parseNodeId(text) !== null || parseRef(text) !== null ? text : `run:${encodeURIComponent(text)}`;
  return findRunForToken(tracking, call, ref);
}

function presented(token: Token) {
  const { id, runId, ...rest } = token;
  return { id: nodeId('token', id), ...rest, run: runId === null ? null : nodeId('run', runId) };
}

async function listAll(access: Access, call: Call): Promise<Token[]> {
  const tokens: Token[] = [];
  for (let after: string | null = null; ;) {
    const page = await access.tokens.list(call, { first: 1000, after });
    tokens.push(...page.items);
    const last = page.items.at(-1);
    if (!page.hasNextPage || last === undefined) return tokens;
    after = page.cursorOf(last);
  }
}

function stateOf(token: Token, now: Date): string {
  if (token.revokedAt !== null) return 'revoked';
  if (token.expiresAt === null) return 'works';
  return token.expiresAt > now ? `until ${token.expiresAt.toISOString().slice(0, 10)}` : 'expired';
}

function table(tokens: readonly Token[]): string {
  const now = new Date();
  const day = (time: Date | null) => time?.toISOString().slice(0, 16).replace('T', ' ') ?? 'never';
  const rows = tokens.map((token) => [
    nodeId('token', token.id),
    `${token.hint}…`,
    token.scope.toLowerCase(),
    token.name,
    token.principal,
    stateOf(token, now),
    day(token.lastUsedAt),
  ]);
  const all = [['id', 'secret', 'scope', 'name', 'stands for', 'state', 'last used'], ...rows];
  const widths = all[0]?.map((_, column) => Math.max(...all.map((row) => row[column]?.length ?? 0))) ?? [];
  return all
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

function json(value: unknown): string {
  return JSON.stringify(value, null, 2);
}

function welcome(token: Token, workspace: string, secret: string): string {
  return [
    `Made the token '${token.name}' for ${token.principal}, with the scope ${token.scope.toLowerCase()}, in the workspace ${workspace}:`,
    '',
    `  ${secret}`,
    '',
    'It is shown this once. To point an MLflow client here with it:',
    '',
    `  export MLFLOW_TRACKING_TOKEN=${secret}`,
  ].join('\n');
}

async function run(wish: Exclude<Wish, { what: 'help' }>, values: Values, config: Config): Promise<void> {
  const connection = await connect(config, note);
  try {
    const access = createAccess({ database: connection.database });
    const { workspace } = values;
    // Only a new token is a reason to make a workspace; elsewhere an unknown name is a mistake.
    if (wish.what === 'create') await access.ensureWorkspace(workspace);
    const call: Call = { caller: await access.localCaller(workspace) };
    switch (wish.what) {
      case 'create': {
        const runId = values.run === undefined ? null : await runIdOf(connection.database, call, config, values.run);
        const { name, scope, days } = wish;
        const { token, secret } = await access.tokens.create(call, {
          name,
          scope,
          principal: values.principal,
          expiresInDays: days,
          runId,
        });
        say(values.json ? json({ ...presented(token), workspace, secret }) : welcome(token, workspace, secret));
        break;
      }
      case 'list': {
        const tokens = await listAll(access, call);
        const text = tokens.length === 0 ? `There are no tokens in the workspace ${workspace} yet.` : table(tokens);
        say(values.json ? json(tokens.map(presented)) : text);
        break;
      }
      case 'revoke': {
        const token = await access.tokens.revoke(call, wish.id);
        const text = `Revoked the token '${token.name}' of ${token.principal}. A running server knows within ten seconds.`;
        say(values.json ? json(presented(token)) : text);
        break;
      }
    }
  } finally {
    await connection.close();
  }
}

/** Runs what a command line asks for; answers the exit code. */
export async function runToken(args: readonly string[]): Promise<number> {
  const { wish, values } = readCommandLine(args);
  if (wish.what === 'help') say(HELP);
  else await run(wish, values, readConfig(process.env));
  return 0;
}
