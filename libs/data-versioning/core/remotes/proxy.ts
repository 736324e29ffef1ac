// Proxies: which address goes through which, by the rules that Python's programs follow, and the connections that they make. Addresses of this machine never do.

import http from 'node:http';
import https from 'node:https';
import { Duplex } from 'node:stream';
import tls from 'node:tls';
import { DomainError, invalid } from '@throughline/kernel';
import type { Proxies } from '../types.ts';
import { isLoopback } from './address.ts';

/** The proxy for an address; null where it is asked directly. @throws DomainError `PROXY_INVALID`. */
export function proxyFor(url: URL, proxies: Proxies | undefined): URL | null {
  const given = url.protocol === 'https:' ? proxies?.https : proxies?.http;
  if (given === undefined || given === null || isLoopback(url.hostname) || isExcepted(url, proxies?.except ?? '')) return null;
  const address = given.includes('://') ? given : `http://${given}`;
  const proxy = URL.canParse(address) ? new URL(address) : null;
  if (proxy === null || !/^https?:$/.test(proxy.protocol)) {
    throw invalid('PROXY_INVALID', `The proxy for ${url.protocol}// addresses must look like http://host:port.`, {
      hint: 'See HTTP_PROXY and HTTPS_PROXY in the environment.',
    });
  }
  return proxy;
}

/** As urllib reads no_proxy: names, each standing for what lies below it as well, with or without a port; `*` is all. */
function isExcepted({ hostname, host }: URL, except: string): boolean {
  return except.split(',').some((one) => {
    const name = one.trim().replace(/^\.+/, '').toLowerCase();
    if (name === '') return false;
    return name === '*' || [hostname, host].some((own) => own.toLowerCase() === name || own.toLowerCase().endsWith(`.${name}`));
  });
}

/** What a request over plain HTTP is sent to: the proxy, which is told the whole address. */
export function throughProxy(url: URL, proxy: URL): Omit<http.RequestOptions, 'headers'> & { readonly headers: Record<string, string> } {
  return {
    protocol: proxy.protocol,
    hostname: proxy.hostname,
    port: portOf(proxy),
    path: url.href,
    headers: { host: url.host, ...credentialsOf(proxy) },
  };
}

function portOf(proxy: URL): string {
  return proxy.port === '' ? (proxy.protocol === 'https:' ? '443' : '80') : proxy.port;
}

function credentialsOf({ username, password }: URL): Record<string, string> {
  if (username === '') return {};
  const text = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return { 'proxy-authorization': `Basic ${Buffer.from(text).toString('base64')}` };
}

/** Connections to servers of HTTPS through a proxy, which passes on what it cannot read. */
export class TunnelAgent extends https.Agent {
  readonly #proxy: URL;
  readonly #timeoutMs: number;

  constructor(proxy: URL, { timeoutMs, ...options }: https.AgentOptions & { readonly timeoutMs: number }) {
    super(options);
    this.#proxy = proxy;
    this.#timeoutMs = timeoutMs;
  }

  /** Called by Node for each new connection. */
  override createConnection(options: https.RequestOptions, connected?: (error: Error | null, stream: Duplex) => void): undefined {
    const failed = (error: Error) => connected?.(error, new Duplex());
    const target = `${options.host ?? ''}:${options.port ?? 443}`;
    const asking = (this.#proxy.protocol === 'https:' ? https : http).request({
      method: 'CONNECT',
      hostname: this.#proxy.hostname,
      port: portOf(this.#proxy),
      path: target,
      headers: { host: target, ...credentialsOf(this.#proxy) },
      agent: false,
      timeout: this.#timeoutMs,
    });
    asking.once('timeout', () => asking.destroy(this.#failure(`says nothing within ${this.#timeoutMs / 1000} s`)));
    asking.once('error', (cause) =>
      failed(cause instanceof DomainError ? cause : this.#failure(`cannot be reached: ${cause.message}`, cause)),
    );
    asking.once('connect', ({ statusCode }, socket) => {
      asking.setTimeout(0);
      if (statusCode !== 200) {
        socket.destroy();
        failed(this.#failure(`answers HTTP ${statusCode ?? 0} to a connection to ${target}`));
        return;
      }
      const { rejectUnauthorized, ca } = this.options;
      const servername = options.servername ?? '';
      connected?.(
        null,
        tls.connect({
          socket,
          servername,
          ...(rejectUnauthorized === undefined ? {} : { rejectUnauthorized }),
          ...(ca === undefined ? {} : { ca }),
        }),
      );
    });
    asking.end();
  }

  #failure(reason: string, cause?: Error): DomainError {
    return new DomainError({
      kind: 'unavailable',
      code: 'PROXY_FAILED',
      message: `The proxy ${this.#proxy.protocol}//${this.#proxy.host} ${reason}.`,
      hint: 'See HTTPS_PROXY and NO_PROXY in the environment.',
      ...(cause === undefined ? {} : { cause }),
    });
  }
}
