'use client';

import { usePages } from '../api/hooks.ts';
import { graphql } from '../gql/gql.ts';
import type { DeploymentsQuery } from '../gql/graphql.ts';
import { deploymentHref, modelVersionHref } from '../logic/links.ts';
import { WithdrawnMark } from '../parts/withdrawn.tsx';
import { Badge } from '../ui/badge.tsx';
import { Head } from '../ui/head.tsx';
import { Link } from '../ui/link.tsx';
import { Empty, Loaded } from '../ui/states.tsx';
import type { Column } from '../ui/table.tsx';
import { More, Table } from '../ui/table.tsx';
import { Hash, Time } from '../ui/text.tsx';
import { useUrl } from '../ui/use-url.ts';
import { VerdictBadge } from './home.tsx';

const DeploymentsDocument = graphql(`
  query Deployments($environment: String, $ended: Boolean!, $after: String) {
    deployments(environment: $environment, ended: $ended, first: 50, after: $after) {
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
        endedAt
        withdrawnData {
          label
          reason
        }
        modelVersion {
          version
          aliases
          model {
            name
          }
        }
      }
    }
  }
`);

type Row = DeploymentsQuery['deployments']['nodes'][number];

function columnsOf(ended: boolean): readonly Column<Row>[] {
  return [
    {
      id: 'place',
      head: 'Where',
      cell: ({ id, environment, target }) => (
        <Link href={deploymentHref(id)}>
          {environment} / {target}
        </Link>
      ),
    },
    {
      id: 'version',
      head: 'Model version',
      cell: ({ modelVersion: { model, version, aliases } }) => (
        <span className="badges">
          <Link className="mono" href={modelVersionHref(model.name, version)}>
            {model.name} / {version}
          </Link>
          {aliases.slice(0, 1).map((alias) => (
            <Badge key={alias} tone="accent">
              {alias}
            </Badge>
          ))}
        </span>
      ),
    },
    { id: 'digest', head: 'Pinned digest', cell: ({ digest }) => <Hash value={digest} />, width: 120 },
    {
      id: 'trace',
      head: 'Trace',
      cell: ({ id, isLive, withdrawnData }) =>
        isLive ? (
          <VerdictBadge id={id} />
        ) : (
          <span className="badges">
            <Link href={deploymentHref(id)}>Trace</Link>
            <WithdrawnMark data={withdrawnData} />
          </span>
        ),
      width: 210,
    },
    { id: 'by', head: 'By', cell: ({ startedBy }) => startedBy, width: 110 },
    { id: 'from', head: 'Since', cell: ({ startedAt }) => <Time at={startedAt} />, width: 110 },
    ...(ended
      ? [
          {
            id: 'to',
            head: 'Until',
            cell: ({ endedAt, isLive }: Row) => (isLive ? <Badge tone="ok">live</Badge> : <Time at={endedAt} />),
            width: 110,
          },
        ]
      : []),
  ];
}

export function DeploymentsView() {
  const url = useUrl();
  const environment = url.get('environment');
  const ended = url.get('ended') === 'yes';
  const query = usePages(
    DeploymentsDocument,
    { environment: environment === '' ? null : environment, ended, after: null },
    (data) => data.deployments,
    {
      keep: true,
    },
  );
  return (
    <>
      <Head title="Deployments" />
      <div className="bar">
        <label className="inline-field">
          Environment
          <input
            className="input"
            placeholder="any"
            value={environment ?? ''}
            onChange={(event) => url.set({ environment: event.currentTarget.value })}
          />
        </label>
        <span className="spacer" />
        <label className="inline-field">
          <input type="checkbox" checked={ended} onChange={(event) => url.set({ ended: event.currentTarget.checked ? 'yes' : null })} />
          Ended ones too
        </label>
      </div>
      <div className="page">
        <Loaded query={query}>
          {({ pages }) => {
            const rows = pages.flatMap((page) => page.deployments.nodes);
            if (rows.length === 0) {
              return (
                <Empty title={environment ? `Nothing is deployed in ${environment}` : 'Nothing is deployed yet'}>
                  <p>
                    A deployment says which model version serves at which target, pinned by its digest. Make one with “Deploy” on a{' '}
                    <Link href="/models">model version’s</Link> page; its trace back to the data appears here.
                  </p>
                </Empty>
              );
            }
            return (
              <>
                <Table
                  label="Deployments"
                  columns={columnsOf(ended)}
                  rows={rows}
                  keyOf={({ id }) => id}
                  faded={({ isLive }) => !isLive}
                  minWidth={820}
                />
                <More query={query} shown={rows.length} total={pages[0]?.deployments.totalCount} noun="deployments" />
              </>
            );
          }}
        </Loaded>
      </div>
    </>
  );
}
