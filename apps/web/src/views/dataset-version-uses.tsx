'use client';

import { usePages } from '../api/hooks.ts';
import { graphql } from '../gql/gql.ts';
import type { UsedByQuery } from '../gql/graphql.ts';
import { experimentHref, runHref } from '../logic/links.ts';
import { EvidenceMark, StatusBadge } from '../ui/badge.tsx';
import { Link } from '../ui/link.tsx';
import { Empty, Loaded } from '../ui/states.tsx';
import type { Column } from '../ui/table.tsx';
import { More, Table } from '../ui/table.tsx';
import { Time } from '../ui/text.tsx';

const UsedByDocument = graphql(`
  query UsedBy($id: ID!, $after: String) {
    datasetVersion(id: $id) {
      id
      usedBy(first: 50, after: $after) {
        pageInfo {
          hasNextPage
          endCursor
        }
        nodes {
          id
          context
          evidence
          loggedAt
          run {
            runId
            name
            status
            experiment {
              experimentId
              name
            }
          }
        }
      }
    }
  }
`);

type Use = NonNullable<UsedByQuery['datasetVersion']>['usedBy']['nodes'][number];

const USE_COLUMNS: readonly Column<Use>[] = [
  {
    id: 'run',
    head: 'Run',
    cell: ({ run }) => (
      <Link href={runHref(run.runId)} title={run.name}>
        {run.name}
      </Link>
    ),
  },
  { id: 'state', head: 'State', width: 100, cell: ({ run }) => <StatusBadge status={run.status} /> },
  {
    id: 'experiment',
    head: 'Experiment',
    cell: ({ run }) => (
      <Link href={experimentHref(run.experiment.experimentId)} title={run.experiment.name}>
        {run.experiment.name}
      </Link>
    ),
  },
  { id: 'context', head: 'Context', width: 110, cell: ({ context }) => context ?? '–' },
  { id: 'evidence', head: 'Evidence', width: 130, cell: ({ evidence }) => <EvidenceMark evidence={evidence} /> },
  { id: 'when', head: 'Logged', width: 110, cell: ({ loggedAt }) => <Time at={loggedAt} /> },
];

/** The runs that read a version. */
export function DatasetVersionUses({ id, label }: { id: string; label: string }) {
  const query = usePages(UsedByDocument, { id, after: null }, (data) => data.datasetVersion?.usedBy);
  return (
    <div className="page">
      <Loaded query={query}>
        {({ pages }) => {
          const rows = pages.flatMap((page) => page.datasetVersion?.usedBy.nodes ?? []);
          return rows.length === 0 ? (
            <Empty title="No run read it yet">
              <p>A run that logs {label} as an input appears here.</p>
            </Empty>
          ) : (
            <>
              <Table label={`Runs that read ${label}`} columns={USE_COLUMNS} rows={rows} keyOf={(use) => use.id} minWidth={680} />
              {query.hasNextPage ? <More query={query} shown={rows.length} noun="runs" /> : null}
            </>
          );
        }}
      </Loaded>
    </div>
  );
}
