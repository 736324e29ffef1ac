'use client';

import { usePathname, useSearchParams } from 'next/navigation';
import { useCallback, useMemo } from 'react';

import { patchQuery } from '../logic/url-state.ts';

export interface UrlState {
  get: (key: string) => string | null;
  /** Changes parameters in place; with `push`, as a step that Back undoes. Does not ask the server for the page again. */
  set: (patch: Readonly<Record<string, string | null>>, options?: { push?: boolean }) => void;
  /** The address that such a change would lead to. */
  href: (patch: Readonly<Record<string, string | null>>) => string;
}

/** The shareable state of a page: its query string. */
export function useUrl(): UrlState {
  const params = useSearchParams();
  const pathname = usePathname();
  const query = params.toString();
  const href = useCallback(
    (patch: Readonly<Record<string, string | null>>) => {
      const next = patchQuery(query, patch);
      return next === '' ? pathname : `${pathname}?${next}`;
    },
    [pathname, query],
  );
  const set = useCallback<UrlState['set']>((patch, { push = false } = {}) => {
    // Read at the time of the change: two changes in one tick both count.
    const next = patchQuery(window.location.search, patch);
    const url = next === '' ? window.location.pathname : `${window.location.pathname}?${next}`;
    if (push) window.history.pushState(null, '', url);
    else window.history.replaceState(null, '', url);
  }, []);
  return useMemo(() => ({ get: (key: string) => params.get(key), set, href }), [params, set, href]);
}
