'use client';

import { usePages } from '../api/hooks.ts';
import { graphql } from '../gql/gql.ts';
import type { ExperimentsQuery } from '../gql/graphql.ts';
import { experimentHref } from '../logic/links.ts';
import { quoted } from '../logic/url-state.ts';
import { Badge } from '../ui/badge.tsx';
import { Head } from '../ui/head.tsx';
import { Link } from '../ui/link.tsx';
import { Empty, Loaded, useOrigin, useRested } from '../ui/states.tsx';
import type { Column } from '../ui/table.tsx';
import { More, Table } from '../ui/table.tsx';
import { Code, Num, Time } from '../ui/text.tsx';
import { useUrl } from '../ui/use-url.ts';
import { SearchBar } from '../parts/search-bar.tsx';

const ExperimentsDocument = graphql(`
  query Experiments($filter: String, $view: LifecycleView, $after: String) {
    experiments(filter: $filter, view: $view, first: 50, after: $after) {
      totalCount
      pageInfo {
        hasNextPage
        endCursor
      }
      nodes {
        id
        experimentId
        name
        lifecycle
        runCount
        createdAt
        updatedAt
        tags {
          key
          value
        }
      }
    }
  }
`);

type Experiment = ExperimentsQuery['experiments']['nodes'][number];

const COLUMNS: readonly Column<Experiment>[] = [
  {
    id: 'name',
    head: 'Name',
    cell: ({ experimentId, name, lifecycle }) => (
      <>
        <Link href={experimentHref(experimentId)}>{name}</Link> {lifecycle === 'DELETED' ? <Badge tone="bad">Deleted</Badge> : null}
      </>
    ),
  },
  { id: 'id', head: 'Number', cell: ({ experimentId }) => experimentId, kind: 'mono', width: 170 },
  { id: 'runs', head: 'Runs', cell: ({ runCount }) => <Num value={runCount} />, kind: 'number', width: 90 },
  { id: 'changed', head: 'Changed', cell: ({ updatedAt }) => <Time at={updatedAt} />, width: 130 },
  { id: 'made', head: 'Made', cell: ({ createdAt }) => <Time at={createdAt} />, width: 130 },
];

export function ExperimentsView() {
  const url = useUrl();
  const origin = useOrigin();
  const text = useRested((url.get('q') ?? '').trim());
  const pattern = text === '' ? null : quoted(`%${text}%`);
  const deleted = url.get('view') === 'deleted';
  const query = usePages(
    ExperimentsDocument,
    { filter: pattern === null ? null : `name ILIKE ${pattern}`, view: deleted ? ('DELETED' as const) : ('ACTIVE' as const), after: null },
    (data) => data.experiments,
    { keep: true },
  );
  return (
    <>
      <Head title="Experiments" />
      <SearchBar label="Experiments by name">
        <label className="inline-field">
          <input
            type="checkbox"
            checked={deleted}
            onChange={(event) => url.set({ view: event.currentTarget.checked ? 'deleted' : null })}
          />
          Deleted ones
        </label>
      </SearchBar>
      <div className="page">
        <Loaded query={query}>
          {({ pages }) => {
            const rows = pages.flatMap((page) => page.experiments.nodes);
            const total = pages[0]?.experiments.totalCount ?? 0;
            if (rows.length === 0) {
              return text === '' && !deleted ? (
                <Empty title="No experiments yet">
                  <p>An experiment holds the runs that answer one question. Training code makes it by its name:</p>
                  <Code
                    label="Begin an experiment"
                    text={`import mlflow\nmlflow.set_tracking_uri("${origin}")\nmlflow.set_experiment("penguins")\nwith mlflow.start_run():\n    mlflow.log_metric("accuracy", 0.93)`}
                  />
                </Empty>
              ) : (
                <Empty title={deleted ? 'Nothing was deleted' : `No experiment’s name contains ${text}`} />
              );
            }
            return (
              <>
                <Table
                  label="Experiments"
                  columns={COLUMNS}
                  rows={rows}
                  keyOf={({ id }) => id}
                  faded={({ lifecycle }) => lifecycle === 'DELETED'}
                  minWidth={680}
                />
                <More query={query} shown={rows.length} total={total} noun="experiments" />
              </>
            );
          }}
        </Loaded>
      </div>
    </>
  );
}
