'use client';

import { useData } from '../api/hooks.ts';
import { graphql } from '../gql/gql.ts';
import { Badge } from '../ui/badge.tsx';
import { WarningIcon } from '../ui/icons.tsx';

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
export function WithdrawnMark({ reasons }: { reasons: readonly string[] }) {
  return reasons.length === 0 ? null : (
    <Badge tone="retracted" title={reasons.join('; ')}>
      withdrawn data
    </Badge>
  );
}
