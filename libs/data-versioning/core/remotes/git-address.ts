// A Git repository's address without what is secret in it, for what leaves this machine: a server is told where data was seen, and never how somebody signs in there.

const SCHEME = /^[a-z][a-z0-9+.-]*:\/\//i;

/** Without user, password, query and fragment; `git@host:path` keeps its form. */
export function withoutCredentials(address: string): string {
  const scheme = SCHEME.exec(address)?.[0];
  if (scheme === undefined) return address.replace(/^[^/@:]*:[^/@]*@/, '');
  const rest = address.slice(scheme.length);
  const slash = rest.indexOf('/');
  const authority = slash === -1 ? rest : rest.slice(0, slash);
  const path = slash === -1 ? '' : rest.slice(slash).replace(/[?#].*$/s, '');
  return `${scheme}${authority.slice(authority.lastIndexOf('@') + 1)}${path}`;
}
