'use client';

import type { ReactNode } from 'react';
import { useRef } from 'react';

import { useKeys } from '../ui/use-keys.ts';
import { useUrl } from '../ui/use-url.ts';

/** A list's filter by name: `/` focuses it, and what is typed lives in the address as `q`. */
export function SearchBar({ label, children }: { label: string; children?: ReactNode }) {
  const url = useUrl();
  const input = useRef<HTMLInputElement>(null);
  useKeys({ '/': () => input.current?.focus() });
  return (
    <div className="bar">
      <div className="filter">
        <kbd>/</kbd>
        <input
          ref={input}
          type="search"
          aria-label={label}
          placeholder={label}
          value={url.get('q') ?? ''}
          onChange={(event) => url.set({ q: event.currentTarget.value })}
          onKeyDown={(event) => {
            if (event.key === 'Escape') event.currentTarget.blur();
          }}
        />
      </div>
      {children}
    </div>
  );
}
