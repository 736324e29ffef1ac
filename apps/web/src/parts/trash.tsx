'use client';

import { useAct, usePages } from '../api/hooks.ts';
import { graphql } from '../gql/gql.ts';
import type { TrashedExperimentsQuery, TrashedRunsQuery } from '../gql/graphql.ts';
import { counted } from '../logic/format.ts';
import { experimentHref, runHref } from '../logic/links.ts';
import { Section } from '../ui/head.tsx';
import { Link } from '../ui/link.tsx';
import { Empty, Loaded } from '../ui/states.tsx';
import type { Column } from '../ui/table.tsx';
import { More, Table } from '../ui/table.tsx';
import { Num, Time } from '../ui/text.tsx';
import { PurgeButton } from './purge.tsx';

const ExperimentsDocument = graphql(`
  query TrashedExperiments($after: String) {
    experiments(view: DELETED, first: 50, after: $after) {
      totalCount
      pageInfo {
        hasNextPage
        endCursor
      }
      nodes {
        id
        experimentId
        name
        updatedAt
      }
    }
  }
`);

const RunsDocument = graphql(`
  query TrashedRuns($after: String) {
    runs(view: DELETED, first: 50, after: $after) {
      totalCount
      pageInfo {
        hasNextPage
        endCursor
      }
      nodes {
        id
        runId
        name
        startedAt
        pointCount
        experiment {
          experimentId
          name
          lifecycle
        }
      }
    }
  }
`);

const RestoreExperimentDocument = graphql(`
  mutation RestoreTrashedExperiment($id: ID!) {
    restoreExperiment(id: $id) {
      __typename
      ... on Experiment {
        name
      }
      ...Refusal
    }
  }
`);

const RestoreRunDocument = graphql(`
  mutation RestoreTrashedRun($id: ID!) {
    restoreRun(id: $id) {
      __typename
      ... on Run {
        name
      }
      ...Refusal
    }
  }
`);

type Experiment = TrashedExperimentsQuery['experiments']['nodes'][number];
type Run = TrashedRunsQuery['runs']['nodes'][number];

/** What was deleted and can be brought back; administrators can remove it for good. */
export function Trash({ mayPurge }: { mayPurge: boolean }) {
  const experiments = usePages(ExperimentsDocument, { after: null }, (data) => data.experiments);
  const runs = usePages(RunsDocument, { after: null }, (data) => data.runs);
  const total = (experiments.data?.pages[0]?.experiments.totalCount ?? 0) + (runs.data?.pages[0]?.runs.totalCount ?? 0);
  const names = new Map(
    [
      ...(experiments.data?.pages.flatMap((page) => page.experiments.nodes) ?? []),
      ...(runs.data?.pages.flatMap((page) => page.runs.nodes) ?? []),
    ].map(({ id, name }): [string, string] => [id, name]),
  );
  return (
    <>
      <p className="note">
        What was deleted is out of lists and of MLflow’s clients, and keeps its metrics, files and lineage until somebody removes it for
        good.
      </p>
      <Loaded query={experiments}>
        {({ pages }) => <Experiments nodes={pages.flatMap((page) => page.experiments.nodes)} query={experiments} />}
      </Loaded>
      <Loaded query={runs}>
        {({ pages }) => <Runs nodes={pages.flatMap((page) => page.runs.nodes)} total={pages[0]?.runs.totalCount} query={runs} />}
      </Loaded>
      {experiments.data !== undefined && runs.data !== undefined && total === 0 ? (
        <Empty title="The trash is empty">
          <p>Experiments and runs that are deleted wait here, and can be brought back.</p>
        </Empty>
      ) : null}
      {mayPurge && total > 0 ? (
        <Section title="Remove for good">
          <p className="note">
            Runs, logged models and experiments in the trash go with their metrics, and then the files that nothing else needs. What a
            registered model or a dataset stands on stays. Counting first changes nothing.
          </p>
          <PurgeButton names={names} />
        </Section>
      ) : null}
    </>
  );
}

interface Growing {
  hasNextPage: boolean;
  isFetchingNextPage: boolean;
  fetchNextPage: () => unknown;
}

function Experiments({ nodes, query }: { nodes: readonly Experiment[]; query: Growing }) {
  const restore = useAct(RestoreExperimentDocument, {
    done: ({ restoreExperiment: made }) => (made.__typename === 'Experiment' ? { text: `${made.name} is back, with its runs.` } : null),
  });
  if (nodes.length === 0) return null;
  const columns: readonly Column<Experiment>[] = [
    { id: 'name', head: 'Experiment', cell: ({ experimentId, name }) => <Link href={experimentHref(experimentId)}>{name}</Link> },
    { id: 'number', head: 'Number', kind: 'mono', width: 170, cell: ({ experimentId }) => experimentId },
    { id: 'changed', head: 'Changed', width: 130, cell: ({ updatedAt }) => <Time at={updatedAt} /> },
    {
      id: 'restore',
      head: '',
      width: 96,
      cell: ({ id, name }) => <Restore name={name} busy={restore.isPending} onRestore={() => restore.mutate({ id })} />,
    },
  ];
  return (
    <Section title="Experiments" aside={counted(nodes.length, 'experiment')}>
      <Table label="Deleted experiments" columns={columns} rows={nodes} keyOf={({ id }) => id} minWidth={560} />
      {query.hasNextPage ? <More query={query} shown={nodes.length} noun="experiments" /> : null}
    </Section>
  );
}

function Runs({ nodes, total, query }: { nodes: readonly Run[]; total: number | undefined; query: Growing }) {
  const restore = useAct(RestoreRunDocument, {
    done: ({ restoreRun: made }) => (made.__typename === 'Run' ? { text: `${made.name} is back.` } : null),
  });
  if (nodes.length === 0) return null;
  const columns: readonly Column<Run>[] = [
    { id: 'name', head: 'Run', cell: ({ runId, name }) => <Link href={runHref(runId)}>{name}</Link> },
    {
      id: 'experiment',
      head: 'Experiment',
      cell: ({ experiment }) => <Link href={experimentHref(experiment.experimentId)}>{experiment.name}</Link>,
    },
    { id: 'points', head: 'Points', kind: 'number', width: 110, cell: ({ pointCount }) => <Num value={Number(pointCount)} /> },
    { id: 'started', head: 'Started', width: 130, cell: ({ startedAt }) => <Time at={startedAt} /> },
    {
      id: 'restore',
      head: '',
      width: 96,
      cell: ({ id, name, experiment }) =>
        experiment.lifecycle === 'DELETED' ? (
          <span className="quiet" title="Its experiment is deleted: that comes back with its runs.">
            with it
          </span>
        ) : (
          <Restore name={name} busy={restore.isPending} onRestore={() => restore.mutate({ id })} />
        ),
    },
  ];
  return (
    <Section title="Runs" aside={counted(total ?? nodes.length, 'run')}>
      <Table label="Deleted runs" columns={columns} rows={nodes} keyOf={({ id }) => id} minWidth={640} />
      {query.hasNextPage ? <More query={query} shown={nodes.length} total={total} noun="runs" /> : null}
    </Section>
  );
}

function Restore({ name, busy, onRestore }: { name: string; busy: boolean; onRestore: () => void }) {
  return (
    <button type="button" className="button small" aria-label={`Restore ${name}`} disabled={busy} onClick={onRestore}>
      Restore
    </button>
  );
}
