'use client';

// Short messages at the lower edge: what was done, and a way back where there is one. A store outside React, since mutations end
// after the component that began them may be gone.

import { useSyncExternalStore } from 'react';

import { CloseIcon } from './icons.tsx';

interface ToastAction {
  label: string;
  run: () => Promise<unknown>;
}

interface Toast {
  id: number;
  text: string;
  hint?: string;
  tone?: 'bad';
  action?: ToastAction;
}

const LIFE_MS = 8_000;
const NONE: readonly Toast[] = [];
let toasts: readonly Toast[] = NONE;
let nextId = 1;
const listeners = new Set<() => void>();

function publish(next: readonly Toast[]): void {
  toasts = next;
  for (const listener of listeners) listener();
}

function dismiss(id: number): void {
  publish(toasts.filter((each) => each.id !== id));
}

/** Shows a message for eight seconds; a failure stays until it is dismissed. */
export function toast(message: Omit<Toast, 'id'>): void {
  const id = nextId;
  nextId += 1;
  publish([...toasts.filter((each) => each.text !== message.text).slice(-2), { ...message, id }]);
  if (message.tone !== 'bad') setTimeout(() => dismiss(id), LIFE_MS);
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function Toasts() {
  const shown = useSyncExternalStore(
    subscribe,
    () => toasts,
    () => NONE,
  );
  return (
    <div className="toasts" role="status" aria-live="polite">
      {shown.map(({ id, text, hint, tone, action }) => (
        <div key={id} className={tone === 'bad' ? 'toast bad' : 'toast'}>
          <div>
            <span>{text}</span>
            {hint === undefined ? null : <small>{hint}</small>}
          </div>
          {action === undefined ? null : (
            <button
              type="button"
              className="button small"
              onClick={() => {
                dismiss(id);
                action.run().catch((error: unknown) => {
                  toast({ text: error instanceof Error ? error.message : 'That did not work.', tone: 'bad' });
                });
              }}
            >
              {action.label}
            </button>
          )}
          <button type="button" className="icon-button" aria-label="Dismiss" onClick={() => dismiss(id)}>
            <CloseIcon />
          </button>
        </div>
      ))}
    </div>
  );
}
