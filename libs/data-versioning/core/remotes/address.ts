// Addresses of remotes: what scheme they name, and how they are shown. What people see, and what goes into messages and files, never has a user,
// a password or a query in it: signatures and tokens travel in all three.

import { isAbsolute, relative, sep } from 'node:path';

/** What an address begins with. A letter and a colon alone are a Windows drive. */
const SCHEME = /^([a-z][a-z0-9+.-]+):\/\//i;

/** `https` of `https://host/path`; `file` and plain paths alike are `''`. */
export function schemeOf(url: string): string {
  const scheme = SCHEME.exec(url)?.[1]?.toLowerCase() ?? '';
  return scheme === 'file' ? '' : scheme;
}

/** Whether it names a file of this machine, rather than a place on the network. */
export function isLocal(url: string): boolean {
  return schemeOf(url) === '';
}

/** The path of a `file://` address or of a path; null for what is no local one. */
export function localPathOf(url: string): string | null {
  if (!isLocal(url)) return null;
  if (!/^file:\/\//i.test(url)) return url;
  const path = decodeURIComponent(new URL(url).pathname);
  return isAbsolute(path) ? path : `/${path}`;
}

/** The address without what is secret in it. What cannot be read as an address is shown up to its first "?" or "#", and without what stands before an "@". */
export function shownUrl(url: string): string {
  if (isLocal(url)) return url;
  const end = url.search(/[?#]/);
  const plain = end === -1 ? url : url.slice(0, end);
  return plain.replace(/^([a-z][a-z0-9+.-]+:\/\/)[^/]*@/i, '$1');
}

/** User and password that stand in an address, decoded, and the address without them. */
export function splitCredentials(url: string): { url: string; user: string | null; password: string | null } {
  const match = /^([a-z][a-z0-9+.-]+:\/\/)([^/@:]*)(?::([^/@]*))?@(.*)$/is.exec(url);
  if (match === null) return { url, user: null, password: null };
  const decode = (text: string | undefined) => (text === undefined || text === '' ? null : safeDecode(text));
  return { url: `${match[1] ?? ''}${match[4] ?? ''}`, user: decode(match[2]), password: decode(match[3]) };
}

function safeDecode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** Puts a path behind an address as DVC does it: by letters, whatever the address ends with. */
export function below(url: string, path: string): string {
  if (path === '') return url;
  return url.endsWith('/') ? `${url}${path}` : `${url}/${path}`;
}

/** Whether a host is this machine itself, which needs no encryption on the way. */
export function isLoopback(hostname: string): boolean {
  const host = hostname.replace(/^\[|\]$/g, '').toLowerCase();
  return host === 'localhost' || host.endsWith('.localhost') || host === '::1' || /^127(?:\.\d{1,3}){3}$/.test(host);
}

/** Whether a host can only be meant from here: this machine, by whatever it calls itself, or the services that clouds put beside each machine. As `URL` writes hosts. */
export function isNearby(hostname: string): boolean {
  const host = hostname.replace(/^\[|\]$/g, '').toLowerCase();
  return (
    isLoopback(host) ||
    /^(?:0\.0\.0\.0|::|::ffff:(?:7f[0-9a-f]{2}|a9fe|0):[0-9a-f]{1,4}|169\.254(?:\.\d{1,3}){2}|fe[89ab][0-9a-f]:.*)$/.test(host)
  );
}

/** Whether an absolute path is a folder's own or lies inside of it. */
export function isInsideFolder(path: string, folder: string): boolean {
  const way = relative(folder, path);
  return way === '' || (way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way));
}
