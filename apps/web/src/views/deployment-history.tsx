'use client';

import { usePages } from '../api/hooks.ts';
import { graphql } from '../gql/gql.ts';
import { deploymentHref, modelVersionHref } from '../logic/links.ts';
import { Badge } from '../ui/badge.tsx';
import { Section } from '../ui/head.tsx';
import { Link } from '../ui/link.tsx';
import { Loaded } from '../ui/states.tsx';
import type { Column } from '../ui/table.tsx';
import { More, Table } from '../ui/table.tsx';
import { Hash, Time } from '../ui/text.tsx';

const HistoryDocument = graphql(`
  query DeploymentHistory($environment: String!, $after: String) {
    deployments(environment: $environment, ended: true, first: 200, after: $after) {
      totalCount
      pageInfo {
        hasNextPage
        endCursor
      }
      nodes {
        id
        environment
        target
        digest
        isLive
        startedAt
        startedBy
        reason
        endedAt
        endedBy
        modelVersion {
          version
          model {
            name
          }
        }
      }
    }
  }
`);

interface Row {
  id: string;
  digest: string;
  isLive: boolean;
  startedAt: string;
  startedBy: string;
  reason: string;
  endedAt?: string | null;
  endedBy?: string | null;
  modelVersion: { version: number; model: { name: string } };
}

/** Everything that was ever live at a target, newest first. */
export function DeploymentHistory({ environment, target, current }: { environment: string; target: string; current: string | null }) {
  const query = usePages(HistoryDocument, { environment, after: null }, (data) => data.deployments);
  const columns: readonly Column<Row>[] = [
    {
      id: 'model',
      head: 'Model version',
      cell: ({ modelVersion: { model, version } }) => (
        <Link href={modelVersionHref(model.name, version)}>{`${model.name} / ${version}`}</Link>
      ),
      width: 180,
      kind: 'mono',
    },
    {
      id: 'state',
      head: 'State',
      cell: ({ isLive }) => (
        <Badge tone={isLive ? 'ok' : 'plain'} dot>
          {isLive ? 'Live' : 'Ended'}
        </Badge>
      ),
      width: 90,
    },
    { id: 'from', head: 'From', cell: ({ startedAt }) => <Time at={startedAt} />, width: 110 },
    { id: 'to', head: 'Until', cell: ({ endedAt }) => <Time at={endedAt} />, width: 110 },
    {
      id: 'by',
      head: 'By',
      cell: ({ startedBy, endedBy }) => (endedBy && endedBy !== startedBy ? `${startedBy}, ended by ${endedBy}` : startedBy),
      width: 130,
    },
    { id: 'digest', head: 'Digest', cell: ({ digest }) => <Hash value={digest} />, width: 110 },
    { id: 'reason', head: 'Why', cell: ({ reason }) => <span title={reason}>{reason}</span> },
    {
      id: 'trace',
      head: '',
      cell: ({ id }) => (id === current ? <span className="quiet">this one</span> : <Link href={deploymentHref(id)}>Trace</Link>),
      width: 72,
    },
  ];
  return (
    <Section title="History of this target">
      <Loaded query={query}>
        {({ pages }) => {
          const rows = pages.flatMap((page) => page.deployments.nodes).filter((row) => row.target === target);
          return (
            <>
              <Table
                label={`Deployments at ${environment} / ${target}`}
                columns={columns}
                rows={rows}
                keyOf={({ id }) => id}
                faded={({ isLive }) => !isLive}
                minWidth={860}
              />
              {query.hasNextPage ? <More query={query} shown={rows.length} noun="deployments at this target so far" /> : null}
            </>
          );
        }}
      </Loaded>
    </Section>
  );
}
