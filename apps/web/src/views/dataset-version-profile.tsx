'use client';

// The tables of a version and, of the one that is chosen, its columns. Profiles are made in the background: while one is on its way the
// page asks again by itself; one that failed says why, and can be asked for again.

import { useAct, useData, usePages } from '../api/hooks.ts';
import { graphql } from '../gql/gql.ts';
import type { ProfileState, TableProfileQuery, VersionTablesQuery } from '../gql/graphql.ts';
import { counted, formatCount } from '../logic/format.ts';
import { ColumnProfiles } from '../parts/column-profiles.tsx';
import { Notes } from '../parts/table-notes.tsx';
import { Badge } from '../ui/badge.tsx';
import { TableIcon, WarningIcon } from '../ui/icons.tsx';
import { Empty, Loaded, Skeleton } from '../ui/states.tsx';
import { More } from '../ui/table.tsx';
import { Bytes, Time } from '../ui/text.tsx';
import { useUrl } from '../ui/use-url.ts';

const VersionTablesDocument = graphql(`
  query VersionTables($id: ID!, $after: String) {
    datasetVersion(id: $id) {
      id
      tables(first: 100, after: $after) {
        nodes {
          path
          state
          profile {
            rowCount
          }
        }
        pageInfo {
          hasNextPage
          endCursor
        }
      }
    }
  }
`);

const TableProfileDocument = graphql(`
  query TableProfile($id: ID!, $path: String!) {
    datasetVersion(id: $id) {
      id
      table(path: $path) {
        path
        format
        sizeBytes
        state
        problem {
          code
          message
        }
        profiledAt
        profile {
          rowCount
          columnCount
          notes
          columns {
            name
            type
            kind
            nullCount
            distinctCount
            isDistinctEstimated
            min
            max
            mean
            standardDeviation
            notFiniteCount
            quantiles {
              level
              value
            }
            histogram {
              from
              to
              count
            }
            top {
              value
              count
            }
          }
        }
      }
    }
  }
`);

const ProfileDocument = graphql(`
  mutation ProfileVersion($version: ID!) {
    profileDatasetVersion(version: $version) {
      __typename
      ... on DatasetVersion {
        id
      }
      ...Refusal
    }
  }
`);

const POLL_MS = 2_000;
const isOnItsWay = (state: ProfileState) => state === 'PENDING' || state === 'RUNNING';

type Listed = NonNullable<VersionTablesQuery['datasetVersion']>['tables']['nodes'][number];
type Shown = NonNullable<NonNullable<TableProfileQuery['datasetVersion']>['table']>;

const tablesOf = (pages: readonly VersionTablesQuery[]) => pages.flatMap((page) => page.datasetVersion?.tables.nodes ?? []);

export function DatasetVersionProfile({ id, label }: { id: string; label: string }) {
  const url = useUrl();
  const query = usePages(VersionTablesDocument, { id, after: null }, (data) => data.datasetVersion?.tables, {
    pollMs: (pages) => tablesOf(pages).some(({ state }) => isOnItsWay(state)) && POLL_MS,
  });
  return (
    <Loaded
      query={query}
      skeleton={
        <div className="page">
          <Skeleton rows={8} />
        </div>
      }
    >
      {({ pages }) => {
        const tables = tablesOf(pages);
        const [first] = tables;
        if (first === undefined) {
          return (
            <div className="page">
              <Empty title="No tables among its files">
                <p>
                  Files that end in .csv, .tsv, .parquet, .json, .jsonl, .arrow or .feather are read as tables, and their columns summed up
                  here.
                </p>
              </Empty>
            </div>
          );
        }
        const chosen = url.get('table') ?? first.path;
        if (tables.length === 1 && chosen === first.path) {
          return (
            <div className="page">
              <TableProfile id={id} path={chosen} label={label} />
            </div>
          );
        }
        return (
          <div className="files">
            <nav className="tree" aria-label="Tables">
              {tables.map((table) => (
                <TableRow
                  key={table.path}
                  table={table}
                  isChosen={table.path === chosen}
                  onChoose={() => url.set({ table: table.path, columns: null })}
                />
              ))}
              {query.hasNextPage ? <More query={query} shown={tables.length} noun="tables" /> : null}
            </nav>
            <div className="preview">
              <TableProfile key={chosen} id={id} path={chosen} label={label} />
            </div>
          </div>
        );
      }}
    </Loaded>
  );
}

const MARKS: Readonly<Record<Exclude<ProfileState, 'DONE'>, { word: string; tone: 'plain' | 'live' | 'bad' }>> = {
  PENDING: { word: 'waiting', tone: 'plain' },
  RUNNING: { word: 'running', tone: 'live' },
  FAILED: { word: 'failed', tone: 'bad' },
  SKIPPED: { word: 'left out', tone: 'plain' },
};

function TableRow({ table, isChosen, onChoose }: { table: Listed; isChosen: boolean; onChoose: () => void }) {
  const { path, state, profile } = table;
  return (
    <button type="button" className="tree-row" aria-current={isChosen ? 'true' : undefined} onClick={onChoose}>
      <TableIcon />
      <span title={path}>{path}</span>
      {state === 'DONE' ? (
        <small className="mono">{profile ? counted(profile.rowCount, 'row') : null}</small>
      ) : (
        <Badge tone={MARKS[state].tone}>{MARKS[state].word}</Badge>
      )}
    </button>
  );
}

function TableProfile({ id, path, label }: { id: string; path: string; label: string }) {
  const query = useData(
    TableProfileDocument,
    { id, path },
    {
      pollMs: (data) => {
        const state = data?.datasetVersion?.table?.state;
        return state !== undefined && isOnItsWay(state) && POLL_MS;
      },
    },
  );
  return (
    <Loaded query={query} skeleton={<Skeleton rows={8} />}>
      {({ datasetVersion }) => {
        const table = datasetVersion?.table;
        if (!table) return <Empty title={`No table at ${path}`} />;
        return (
          <>
            <div className="preview-head">
              <b className="mono" title={path}>
                {path}
              </b>
              <span className="quiet">
                {table.profile ? (
                  <>
                    {counted(table.profile.rowCount, 'row')}, {counted(table.profile.columnCount, 'column')} ·{' '}
                  </>
                ) : null}
                {table.format.toLowerCase()} · <Bytes value={table.sizeBytes} />
                {table.profiledAt ? (
                  <>
                    {' '}
                    · profiled <Time at={table.profiledAt} />
                  </>
                ) : null}
              </span>
            </div>
            <State id={id} table={table} label={label} />
          </>
        );
      }}
    </Loaded>
  );
}

function State({ id, table, label }: { id: string; table: Shown; label: string }) {
  const again = useAct(ProfileDocument, { done: () => ({ text: 'Asked for. This page shows it as soon as it is there.' }) });
  const { profile, state, problem } = table;
  switch (state) {
    case 'PENDING':
    case 'RUNNING':
      return (
        <>
          <p className="note" role="status">
            <Badge tone={MARKS[state].tone} dot>
              {state === 'RUNNING' ? 'Being profiled' : 'Waiting for its turn'}
            </Badge>{' '}
            {problem ? `${problem.message} It is tried again by itself.` : 'Its columns appear here by themselves.'}
          </p>
          <Skeleton rows={6} label="Waiting for the profile" />
        </>
      );
    case 'FAILED':
    case 'SKIPPED':
      return (
        <div className={state === 'FAILED' ? 'failure' : 'failure mild'} role="status">
          <WarningIcon />
          <div>
            <h2>{state === 'FAILED' ? 'This table could not be read' : 'This table is left out'}</h2>
            <p>{problem?.message}</p>
            <p className="quiet">Its bytes are stored as they came, and can be downloaded.</p>
            {state === 'FAILED' ? (
              <button type="button" className="button" disabled={again.isPending} onClick={() => again.mutate({ version: id })}>
                {again.isPending ? 'Asking…' : 'Try again'}
              </button>
            ) : null}
          </div>
        </div>
      );
    case 'DONE':
      if (!profile) return null;
      return (
        <>
          <Notes notes={profile.notes} />
          <ColumnProfiles profile={profile} label={`${label}, ${table.path}`} />
          {profile.columnCount > profile.columns.length ? (
            <p className="note">
              The first {formatCount(profile.columns.length)} of {formatCount(profile.columnCount)} columns are profiled.
            </p>
          ) : null}
        </>
      );
  }
}
