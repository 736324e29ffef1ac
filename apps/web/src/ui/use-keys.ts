'use client';

import { useEffect, useRef } from 'react';

/** Keys by their name (`j`, `x`, `/`, `?`, `Enter`), or two in a row (`g e`). */
export type Keys = Readonly<Record<string, (event: KeyboardEvent) => void>>;

const SEQUENCE_MS = 900;

/** Whether what has the focus takes keys itself. */
function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName));
}

/** Listens to single keys on the whole page. Fields, open dialogs and keys with Ctrl, Cmd or Alt are left alone. */
export function useKeys(keys: Keys): void {
  const latest = useRef(keys);
  useEffect(() => {
    latest.current = keys;
  });
  useEffect(() => {
    let first: { key: string; at: number } | null = null;
    const listen = (event: KeyboardEvent) => {
      if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
      const checkbox = event.target instanceof HTMLInputElement && event.target.type === 'checkbox';
      if (isTyping(event.target) && !checkbox) return;
      if (document.querySelector('[role="dialog"], [role="alertdialog"], [role="menu"]') !== null) return;
      const now = performance.now();
      const sequence = first !== null && now - first.at < SEQUENCE_MS ? latest.current[`${first.key} ${event.key}`] : undefined;
      first = { key: event.key, at: now };
      const run = sequence ?? latest.current[event.key];
      if (run === undefined) return;
      event.preventDefault();
      if (sequence !== undefined) first = null;
      run(event);
    };
    window.addEventListener('keydown', listen);
    return () => window.removeEventListener('keydown', listen);
  }, []);
}
