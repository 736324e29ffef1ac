'use client';

import { useData } from '../api/hooks.ts';
import { graphql } from '../gql/gql.ts';
import { lineageHref } from '../logic/links.ts';
import { Badge } from '../ui/badge.tsx';
import { WarningIcon } from '../ui/icons.tsx';
import { Link } from '../ui/link.tsx';

const WithdrawnDocument = graphql(`
  query Withdrawn($id: ID!) {
    thread(id: $id) {
      gaps {
        node
        kind
        message
      }
    }
  }
`);

/** Reasons that are told in full above a page. */
const MOST_REASONS = 3;

interface Gap {
  node: string;
  kind: string;
  message: string;
}

/** Above a page: that something of what this stands on was withdrawn, and why. A version that is withdrawn itself says so on its own. */
export function WithdrawnBar({ gaps, here }: { gaps: readonly Gap[]; here: string }) {
  const withdrawn = gaps.filter(({ kind, node }) => kind === 'RETRACTED_DATA' && node !== here);
  const [first] = withdrawn;
  if (first === undefined) return null;
  return (
    <div className="bar retracted" role="note" aria-label="Stands on withdrawn data">
      <b>Stands on withdrawn data.</b>
      {withdrawn.slice(0, MOST_REASONS).map(({ node, message }) => (
        <span key={node}>{message}</span>
      ))}
      {withdrawn.length > MOST_REASONS ? <span className="quiet">and {withdrawn.length - MOST_REASONS} more</span> : null}
      <span className="spacer" />
      <Link href={lineageHref(first.node, 'DOWNSTREAM')}>What else stands on it</Link>
    </div>
  );
}

/** Above a decision about something: that it stands on withdrawn data, however far back, and why that was withdrawn. */
export function WithdrawnWarning({ id, decision }: { id: string; decision: string }) {
  const { data } = useData(WithdrawnDocument, { id });
  const withdrawn = data?.thread.gaps.filter(({ kind }) => kind === 'RETRACTED_DATA') ?? [];
  if (withdrawn.length === 0) return null;
  return (
    <div className="withdrawn-warning" role="alert">
      <WarningIcon />
      <div>
        <p>
          <b>It stands on withdrawn data.</b> {decision}
        </p>
        <ul>
          {withdrawn.map(({ node, message }) => (
            <li key={node}>{message}</li>
          ))}
        </ul>
      </div>
    </div>
  );
}

/** The same in a row of a list; nothing where nothing was withdrawn. */
export function WithdrawnMark({ data }: { data: readonly { label: string; reason: string }[] | null | undefined }) {
  return data == null || data.length === 0 ? null : (
    <Badge tone="retracted" title={data.map(({ label, reason }) => `${label} was withdrawn: ${reason}`).join('\n')}>
      withdrawn data
    </Badge>
  );
}
