// One repository has many addresses: with a user, a password or a token in them, in scp's short form, with .git behind or not. A sighting
// keeps one form, so that two clones of one repository are seen as one, and keeps no secret: whatever may hold one (user, password,
// query, fragment) is dropped, not hidden.
//   git@GitHub.com:acme/data.git -> ssh://github.com/acme/data      https://me:token@host/acme/data.git/ -> https://host/acme/data

import { invalidCommit, invalidRepository } from './errors.ts';

/** Repository, path and commit make one index key, and PostgreSQL refuses keys over about 2,700 bytes. */
export const MAX_REPOSITORY_BYTES = 1024;

const DEFAULT_PORTS: Readonly<Record<string, string>> = { http: '80', https: '443', ssh: '22', git: '9418', file: '' };
const SCHEME = /^([a-z][a-z0-9+.-]*):\/\/(.*)$/is;
/** scp's form: a colon behind the host, and no slash before it. One letter alone would be a drive of Windows. */
const SCP = /^(?:[^/@]*@)?([^/@:[\]]{2,}|\[[0-9a-f:.]+\]):(.*)$/is;
const HOST = /^(?:[a-z0-9_](?:[a-z0-9._-]*[a-z0-9_])?\.?|\[[0-9a-f:.]+\])$/;
const BAD_CHARACTER = /[\p{Cc}\p{Z}\\]/u;

/**
 * The one form of a repository's address: `<scheme>://<host>[:<port>]/<path>`, or `file:///<path>` for a local one. Throws
 * `invalid` INVALID_REPOSITORY for what is no address, without repeating it.
 */
export function normalizeRepository(text: string): string {
  const address = text.trim();
  const bad = (why: string) => invalidRepository(address, why);
  if (address === '') throw bad('is empty');
  if (!address.isWellFormed() || BAD_CHARACTER.test(address)) throw bad('has a blank, a backslash or a control character');
  const { scheme, authority, path } = takeApart(address, bad);
  const host = normalHost(scheme, authority, bad);
  const normal = `${scheme}://${host}/${normalPath(path, bad)}`;
  if (Buffer.byteLength(normal) > MAX_REPOSITORY_BYTES) throw bad(`is longer than ${MAX_REPOSITORY_BYTES} bytes`);
  return normal;
}

/** Whether two normal addresses lead to one repository: a clone over ssh and one over https do, whatever their ports. */
export function isSameRepository(one: string, other: string): boolean {
  return one === other || placeOf(one) === placeOf(other);
}

/** Host and path, in one case: those who host repositories do not tell cases apart. A local one is its whole address. */
function placeOf(normal: string): string {
  const match = /^(?!file:)[a-z]+:\/\/(.*?)(?::\d+)?(\/.*)$/s.exec(normal);
  return match === null ? normal : `${match[1] ?? ''}${match[2] ?? ''}`.toLowerCase();
}

/** Names for what a path is in a repository, the shortest first: by itself, and with what the repository is called, more and more of it. */
export function namesAt(path: string, normal: string): string[] {
  const [, ...parts] = placeOf(normal)
    .replace(/^file:\/\/\//, '/')
    .split('/');
  return [path, ...parts.map((_, index) => [...parts.slice(parts.length - 1 - index), path].join('/'))];
}

type Bad = (why: string) => Error;

function takeApart(address: string, bad: Bad): { scheme: string; authority: string; path: string } {
  const url = SCHEME.exec(address);
  if (url !== null) {
    const scheme = (url[1] ?? '').toLowerCase().replace(/^git\+/, '');
    if (DEFAULT_PORTS[scheme] === undefined) throw bad('is neither http, https, ssh, git nor file');
    const rest = url[2] ?? '';
    // A password may hold ? and #, unescaped by mistake; the last @ before the first slash ends it all the same.
    const slash = rest.indexOf('/');
    const authority = slash === -1 ? rest : rest.slice(0, slash);
    return { scheme, authority: authority.slice(authority.lastIndexOf('@') + 1), path: slash === -1 ? '' : rest.slice(slash + 1) };
  }
  if (address.startsWith('/')) return { scheme: 'file', authority: '', path: address.slice(1) };
  const scp = SCP.exec(address);
  if (scp === null) throw bad('is not an address that others could find');
  return { scheme: 'ssh', authority: scp[1] ?? '', path: scp[2] ?? '' };
}

function normalHost(scheme: string, authority: string, bad: Bad): string {
  if (scheme === 'file') {
    if (authority !== '' && authority.toLowerCase() !== 'localhost') throw bad('names a file of another machine');
    return '';
  }
  const match = /^(.*?)(?::(\d{0,5}))?$/s.exec(authority);
  const host = (match?.[1] ?? '').toLowerCase();
  const port = (match?.[2] ?? '').replace(/^0+(?=\d)/, '');
  if (!HOST.test(host)) throw bad('has no host, or one that cannot be');
  if (Number(port) > 65_535) throw bad('has a port that cannot be');
  const bare = host.endsWith('.') ? host.slice(0, -1) : host;
  return port === '' || port === DEFAULT_PORTS[scheme] ? bare : `${bare}:${port}`;
}

/** Without query and fragment, doubled slashes, steps between folders, and `.git` at the end. */
function normalPath(path: string, bad: Bad): string {
  const segments: string[] = [];
  for (const segment of (path.split(/[?#]/, 1)[0] ?? '').split('/')) {
    if (segment === '..') segments.pop();
    else if (segment !== '' && segment !== '.') segments.push(segment);
  }
  for (let last = segments.pop(); last !== undefined; last = segments.pop()) {
    const name = last.replace(/(?:\.git)+$/i, '');
    if (name === '' || name === '.' || name === '..') continue;
    segments.push(name);
    return segments.join('/');
  }
  throw bad('has no path behind the host');
}

/** The full id of a commit in lower case. Throws `invalid` INVALID_COMMIT for a short or other one. */
export function normalizeCommit(text: string): string {
  const commit = text.trim().toLowerCase();
  if (!/^(?:[0-9a-f]{40}|[0-9a-f]{64})$/.test(commit)) throw invalidCommit(text.toWellFormed());
  return commit;
}
