import type { ReactNode } from 'react';

import type { Integrity, RunStatus } from '../gql/graphql.ts';
import { exactTime } from '../logic/format.ts';
import type { Evidence } from '../logic/evidence.ts';
import { EVIDENCE_WORDS } from '../logic/evidence.ts';

export type Tone = 'plain' | 'ok' | 'live' | 'warn' | 'bad' | 'retracted' | 'accent';

export function Badge({
  tone = 'plain',
  dot = false,
  title,
  children,
}: {
  tone?: Tone;
  dot?: boolean;
  title?: string | undefined;
  children: ReactNode;
}) {
  return (
    <span className={`badge ${tone}`} title={title}>
      {dot ? <span className="dot" aria-hidden="true" /> : null}
      {children}
    </span>
  );
}

const STATUS: Readonly<Record<RunStatus, { tone: Tone; word: string }>> = {
  RUNNING: { tone: 'live', word: 'Running' },
  SCHEDULED: { tone: 'plain', word: 'Scheduled' },
  FINISHED: { tone: 'ok', word: 'Finished' },
  FAILED: { tone: 'bad', word: 'Failed' },
  KILLED: { tone: 'warn', word: 'Killed' },
};

export function StatusBadge({ status }: { status: RunStatus }) {
  const { tone, word } = STATUS[status];
  return (
    <Badge tone={tone} dot>
      {word}
    </Badge>
  );
}

const INTEGRITY: Readonly<Record<Integrity, { tone: Tone; word: string; meaning: string }>> = {
  UNCHECKED: { tone: 'plain', word: 'Unchecked', meaning: 'The bytes were not hashed again since they were stored.' },
  INTACT: { tone: 'ok', word: 'Intact', meaning: 'The bytes still hash to what they were stored under.' },
  DAMAGED: { tone: 'bad', word: 'Damaged', meaning: 'The bytes are missing, or hash to something else.' },
};

/** What the last check of stored bytes found. */
export function IntegrityBadge({ integrity, checkedAt }: { integrity: Integrity; checkedAt?: string | null | undefined }) {
  const { tone, word, meaning } = INTEGRITY[integrity];
  return (
    <Badge tone={tone} dot title={checkedAt ? `${meaning} Checked ${exactTime(checkedAt)}.` : meaning}>
      {word}
    </Badge>
  );
}

/** How an edge is known: the word, and the line that graphs draw for it. */
export function EvidenceMark({ evidence }: { evidence: Evidence }) {
  const { word, meaning } = EVIDENCE_WORDS[evidence];
  return (
    <span className="evidence-mark" title={meaning}>
      <EvidenceLine evidence={evidence} />
      {word}
    </span>
  );
}

/** Solid for matched, dashed for observed, dotted for asserted. */
export function EvidenceLine({ evidence }: { evidence: Evidence }) {
  return <span className={`evidence-line ${evidence.toLowerCase()}`} aria-hidden="true" />;
}

/** The colour of a run, as its lines have it. */
export function Swatch({ colour }: { colour: string }) {
  return <span className="swatch" style={{ background: colour }} aria-hidden="true" />;
}
