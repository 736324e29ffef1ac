// One client of a tracking server: one connection, kept alive, that sends JSON and insists on status 200.

import { Client } from 'undici';

/** As long as the slowest honest answer of a large store may take. */
const ANSWER_LIMIT_MS = 300_000;

export class Connection {
  readonly #client: Client;

  constructor(origin: string) {
    this.#client = new Client(origin, { pipelining: 1, headersTimeout: ANSWER_LIMIT_MS, bodyTimeout: ANSWER_LIMIT_MS });
  }

  /** Sends JSON that is ready; answers the body as it came. Throws, with the beginning of the body, on any status but 200. */
  async postBytes(path: string, body: string | Buffer): Promise<Buffer> {
    return this.#send('POST', path, body);
  }

  async post(path: string, body: object): Promise<unknown> {
    return JSON.parse((await this.#send('POST', path, JSON.stringify(body))).toString('utf8'));
  }

  async get(path: string): Promise<unknown> {
    return JSON.parse((await this.#send('GET', path, null)).toString('utf8'));
  }

  close(): Promise<void> {
    return this.#client.close();
  }

  async #send(method: 'GET' | 'POST', path: string, body: string | Buffer | null): Promise<Buffer> {
    const headers = body === null ? {} : { 'content-type': 'application/json' };
    const answer = await this.#client.request({ method, path, headers, body });
    const bytes = Buffer.from(await answer.body.arrayBuffer());
    if (answer.statusCode !== 200) {
      throw new Error(`${method} ${path} answered ${answer.statusCode}: ${bytes.toString('utf8', 0, 500)}`);
    }
    return bytes;
  }
}

/** Opens as many connections as there are clients, and closes them after the work. */
export async function withConnections<Result>(
  origin: string,
  clients: number,
  work: (connections: readonly Connection[]) => Promise<Result>,
): Promise<Result> {
  const connections = Array.from({ length: clients }, () => new Connection(origin));
  try {
    return await work(connections);
  } finally {
    await Promise.all(connections.map((connection) => connection.close()));
  }
}

/** The connection of a client; there is one for each. */
export function connectionOf(connections: readonly Connection[], client: number): Connection {
  const connection = connections[client];
  if (connection === undefined) throw new RangeError(`there is no client ${client}`);
  return connection;
}
