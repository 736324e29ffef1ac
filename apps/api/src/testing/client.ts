// A client for tests: GraphQL, MLflow's REST and files over HTTP, with or without a token. Commands are written by their name and
// arguments alone; the document around them is made from the committed schema.

import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';

import type { GraphQLObjectType } from 'graphql';
import { buildSchema, getNamedType, isUnionType } from 'graphql';

export interface RequestOptions {
  token?: string;
  headers?: Record<string, string>;
}

export interface GraphqlError {
  message: string;
  path?: (string | number)[];
  extensions: Record<string, unknown>;
}

export interface Answer<Data = Record<string, unknown>> {
  status: number;
  data: Data | null;
  errors: GraphqlError[];
  /** The body as it came, for what must not be in it. */
  text: string;
}

export interface Problem {
  __typename: 'Problem';
  kind: string;
  code: string;
  message: string;
  hint: string | null;
  details: Record<string, unknown> | null;
}

/** What a command answers: the thing changed, with what was asked of it, or why not. */
export type Result<Thing extends object = { id: string }> = (Thing & { __typename: string }) | Problem;

/** What a request carries. */
export type Body = string | Uint8Array<ArrayBuffer>;

export interface Sent {
  status: number;
  headers: Headers;
  text: string;
}

export interface Client {
  /** Where the server is, without a slash at its end. */
  readonly url: string;
  graphql<Data>(query: string, variables?: Record<string, unknown>, options?: RequestOptions): Promise<Answer<Data>>;
  /** As `graphql`, where nothing but data will do. */
  query<Data>(query: string, variables?: Record<string, unknown>, options?: RequestOptions): Promise<Data>;
  /** Runs one command by its name, and tells the whole answer. */
  answer(name: string, args: Record<string, unknown>, selection?: string, options?: RequestOptions): Promise<Answer<{ result: Result }>>;
  /** As `answer`, where errors will not do; a Problem is an answer. */
  attempt<Thing extends object = { id: string }>(
    name: string,
    args: Record<string, unknown>,
    selection?: string,
    options?: RequestOptions,
  ): Promise<Result<Thing>>;
  /** As `attempt`, where nothing but success will do. */
  command<Thing extends object = { id: string }>(
    name: string,
    args: Record<string, unknown>,
    selection?: string,
    options?: RequestOptions,
  ): Promise<Thing>;
  send(method: string, path: string, body?: Body, options?: RequestOptions): Promise<Sent>;
  /** An RPC of MLflow's protocol by POST, where nothing but success will do. */
  mlflow<Data>(rpc: string, body: object, options?: RequestOptions): Promise<Data>;
  /** Uploads bytes; answers their SHA-256. */
  upload(bytes: Uint8Array, options?: RequestOptions): Promise<string>;
  /** Downloads a path to its end. Rejects where the transfer is cut. */
  download(path: string, options?: RequestOptions): Promise<{ status: number; bytes: Buffer; headers: Headers }>;
}

const PROBLEM = '... on Problem { kind code message hint details }';

/** What a command's document is made from. */
const commands = buildSchema(readFileSync(new URL('../graphql/schema.graphql', import.meta.url), 'utf8')).getMutationType();

function documentOf(mutations: GraphQLObjectType, name: string, args: Record<string, unknown>, selection: string): string {
  const field = mutations.getFields()[name];
  if (field === undefined) throw new Error(`There is no command ${name}.`);
  const given = field.args.filter((arg) => arg.name in args);
  const stray = Object.keys(args).find((key) => given.every((arg) => arg.name !== key));
  if (stray !== undefined) throw new Error(`The command ${name} has no argument ${stray}.`);
  const result = getNamedType(field.type);
  const thing = isUnionType(result) ? result.getTypes().find((type) => type.name !== 'Problem')?.name : undefined;
  const body = thing === undefined ? selection : `__typename ... on ${thing} { ${selection} } ${PROBLEM}`;
  const variables = given.map((arg) => `$${arg.name}: ${String(arg.type)}`).join(', ');
  return `mutation (${variables}) { result: ${name}(${given.map((arg) => `${arg.name}: $${arg.name}`).join(', ')}) { ${body} } }`;
}

function isProblem(result: object): result is Problem {
  return Reflect.get(result, '__typename') === 'Problem';
}

function headersOf({ token, headers = {} }: RequestOptions): Record<string, string> {
  return { ...(token === undefined ? {} : { authorization: `Bearer ${token}` }), ...headers };
}

/** A client of the server at this address. */
export function createClient(url: string): Client {
  async function send(method: string, path: string, body?: Body, options: RequestOptions = {}): Promise<Sent> {
    const response = await fetch(`${url}${path}`, { method, headers: headersOf(options), ...(body === undefined ? {} : { body }) });
    return { status: response.status, headers: response.headers, text: await response.text() };
  }

  async function graphql<Data>(
    query: string,
    variables: Record<string, unknown> = {},
    options: RequestOptions = {},
  ): Promise<Answer<Data>> {
    const headers = { 'content-type': 'application/json', ...options.headers };
    const { status, text } = await send('POST', '/graphql', JSON.stringify({ query, variables }), { ...options, headers });
    const { data = null, errors = [] } = JSON.parse(text) as { data?: Data | null; errors?: GraphqlError[] };
    return { status, data, errors, text };
  }

  async function query<Data>(text: string, variables: Record<string, unknown> = {}, options: RequestOptions = {}): Promise<Data> {
    const answer = await graphql<Data>(text, variables, options);
    if (answer.errors.length > 0 || answer.data === null) throw new Error(`${text}\n${JSON.stringify(variables)}\n${answer.text}`);
    return answer.data;
  }

  async function answer<Thing extends object = { id: string }>(
    name: string,
    args: Record<string, unknown>,
    selection = 'id',
    options: RequestOptions = {},
  ): Promise<Answer<{ result: Result<Thing> }>> {
    if (commands == null) throw new Error('The schema has no commands.');
    return graphql(documentOf(commands, name, args, selection), args, options);
  }

  async function attempt<Thing extends object>(
    name: string,
    args: Record<string, unknown>,
    selection?: string,
    options?: RequestOptions,
  ): Promise<Result<Thing>> {
    const { data, errors, text } = await answer<Thing>(name, args, selection, options);
    if (errors.length > 0 || data === null) throw new Error(`${name} ${JSON.stringify(args)}\n${text}`);
    return data.result;
  }

  return {
    url,
    send,
    graphql,
    query,
    answer,
    attempt,

    async command<Thing extends object>(name: string, args: Record<string, unknown>, selection = 'id', options: RequestOptions = {}) {
      const result = await attempt<Thing>(name, args, selection, options);
      if (isProblem(result)) throw new Error(`${name} was refused: ${result.code} ${result.message}`);
      return result;
    },

    async mlflow<Data>(rpc: string, body: object, options: RequestOptions = {}) {
      const headers = { 'content-type': 'application/json', ...options.headers };
      const { status, text } = await send('POST', `/api/2.0/mlflow/${rpc}`, JSON.stringify(body), { ...options, headers });
      if (status !== 200) throw new Error(`${rpc}: ${status} ${text}`);
      return JSON.parse(text) as Data;
    },

    async upload(bytes, options = {}) {
      const sha256 = createHash('sha256').update(bytes).digest('hex');
      const { status, text } = await send('PUT', `/api/v1/files/${sha256}`, Buffer.from(bytes), options);
      if (status !== 201) throw new Error(`The upload was refused: ${status} ${text}`);
      return sha256;
    },

    async download(path, options = {}) {
      const response = await fetch(`${url}${path}`, { headers: headersOf(options) });
      return { status: response.status, headers: response.headers, bytes: Buffer.from(await response.arrayBuffer()) };
    },
  };
}
