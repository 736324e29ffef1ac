'use client';

// The shareable state of a page: its query string. Next.js hands a changed address on in a transition, some moments later; fields
// and checkboxes that show it must not wait for that, or they lose what is typed. So a change holds at once, in a store of our own,
// until the router has caught up or has gone elsewhere.

import { usePathname, useSearchParams } from 'next/navigation';
import { useCallback, useEffect, useMemo, useSyncExternalStore } from 'react';

import { patchQuery } from '../logic/url-state.ts';

type Patch = Readonly<Record<string, string | null>>;

export interface UrlState {
  get: (key: string) => string | null;
  /** Changes parameters in place; with `push`, as a step that Back undoes. Does not ask the server for the page again. */
  set: (patch: Patch, options?: { push?: boolean }) => void;
  /** The address that such a change would lead to. */
  href: (patch: Patch) => string;
}

interface Ahead {
  pathname: string;
  search: string;
}

let ahead: Ahead | null = null;
const listeners = new Set<() => void>();

function publish(next: Ahead | null): void {
  if (ahead === next) return;
  ahead = next;
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Whether two query strings say the same, however they are escaped. */
function isSame(a: string, b: string): boolean {
  return new URLSearchParams(a).toString() === new URLSearchParams(b).toString();
}

export function useUrl(): UrlState {
  const params = useSearchParams();
  const pathname = usePathname();
  const early = useSyncExternalStore(
    subscribe,
    () => ahead,
    () => null,
  );
  const known = params.toString();
  const query = early !== null && early.pathname === pathname ? early.search : known;

  useEffect(() => {
    if (early === null) return;
    const caughtUp = isSame(early.search, known);
    const wentElsewhere = early.pathname !== window.location.pathname || !isSame(early.search, window.location.search);
    if (caughtUp || wentElsewhere) publish(null);
  }, [early, known, pathname]);

  const href = useCallback(
    (patch: Patch) => {
      const next = patchQuery(query, patch);
      return next === '' ? pathname : `${pathname}?${next}`;
    },
    [pathname, query],
  );
  const set = useCallback<UrlState['set']>((patch, { push = false } = {}) => {
    // Read at the time of the change: two changes in one tick both count.
    const { pathname: here, search } = window.location;
    const next = patchQuery(search, patch);
    const url = next === '' ? here : `${here}?${next}`;
    if (push) window.history.pushState(null, '', url);
    else window.history.replaceState(null, '', url);
    publish({ pathname: here, search: next });
  }, []);
  return useMemo(() => {
    const current = new URLSearchParams(query);
    return { get: (key: string) => current.get(key), set, href };
  }, [query, set, href]);
}
