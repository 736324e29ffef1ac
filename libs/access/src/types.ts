import type { Scope } from '@throughline/kernel';

/** The boundary of names and of access to bytes. */
export interface Workspace {
  id: string;
  name: string;
}

/** A secret that stands for a principal, without the secret. */
export interface Token {
  id: string;
  name: string;
  /** The first characters of the secret. */
  hint: string;
  /** Who it stands for. */
  principal: string;
  scope: Scope;
  /** The run (its UUID) that it was made for; null for every other token. */
  runId: string | null;
  createdAt: Date;
  /** Null where it does not end by itself. */
  expiresAt: Date | null;
  /** To the minute. */
  lastUsedAt: Date | null;
  revokedAt: Date | null;
}
