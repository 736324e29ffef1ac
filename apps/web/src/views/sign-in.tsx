'use client';

import { useState } from 'react';
import type { SubmitEvent } from 'react';

import { Field, fieldOf } from '../ui/dialog.tsx';
import { Mark } from '../ui/icons.tsx';
import { useUrl } from '../ui/use-url.ts';

/** Only an address of this origin: a link must not be able to send whoever signs in elsewhere. */
function safeNext(next: string | null): string {
  return next !== null && /^\/(?![/\\])/.test(next) ? next : '/';
}

/** A token, pasted, becomes a cookie that scripts cannot read. */
export function SignInView() {
  const url = useUrl();
  const [problem, setProblem] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const send = async (event: SubmitEvent<HTMLFormElement>) => {
    event.preventDefault();
    const token = fieldOf(new FormData(event.currentTarget), 'token');
    setBusy(true);
    setProblem(null);
    try {
      const response = await fetch('/api/v1/session', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        credentials: 'same-origin',
        body: JSON.stringify({ token }),
      });
      if (response.ok) {
        window.location.assign(safeNext(url.get('next')));
        return;
      }
      setProblem(
        response.status >= 500
          ? 'The server cannot check tokens right now. Try again in a moment.'
          : 'The token is unknown, has ended, or was revoked.',
      );
    } catch {
      setProblem('The server does not answer. See whether it still runs, then try again.');
    }
    setBusy(false);
  };
  return (
    <main className="alone">
      <title>Sign in · Throughline</title>
      <form className="sign-in" onSubmit={(event) => void send(event)}>
        <Mark />
        <h1>Sign in to Throughline</h1>
        <Field
          label="Token"
          hint="An admin makes one under Settings, or on the server: npx throughline token create --name you --scope write"
        >
          <input name="token" type="password" required autoComplete="current-password" placeholder="tl_…" autoFocus />
        </Field>
        {problem === null ? null : (
          <p className="failure-line" role="alert">
            {problem}
          </p>
        )}
        <button type="submit" className="button primary" disabled={busy}>
          {busy ? 'Signing in…' : 'Sign in'}
        </button>
      </form>
    </main>
  );
}
