'use client';

// The runs of an experiment by what they have in common: how many there are of each, what their metrics come to, and which run was best. The
// server groups them all; a group's own runs are asked for when it is opened. Everything is in the address.

import { Fragment } from 'react';

import type { ExperimentDetails } from '../api/experiment.ts';
import { useData } from '../api/hooks.ts';
import { graphql } from '../gql/gql.ts';
import type { RunGroupsQuery } from '../gql/graphql.ts';
import { counted, formatNumber, fullNumber } from '../logic/format.ts';
import { groupFilter, groupLabel, groupTerm } from '../logic/grouping.ts';
import { runHref } from '../logic/links.ts';
import { isBetterLow } from '../logic/metrics.ts';
import { orderBy, readList, writeList } from '../logic/url-state.ts';
import { StatusBadge } from '../ui/badge.tsx';
import { Link } from '../ui/link.tsx';
import { Empty, Loaded, Skeleton } from '../ui/states.tsx';
import { Nothing, Num, Time } from '../ui/text.tsx';
import { useUrl } from '../ui/use-url.ts';
import { WithdrawnMark } from './withdrawn.tsx';

const GroupsDocument = graphql(`
  query RunGroups($experiment: ID!, $by: [String!]!, $metrics: [String!], $filter: String, $view: LifecycleView) {
    runGroups(experiments: [$experiment], by: $by, metrics: $metrics, filter: $filter, view: $view, first: 200) {
      hasMore
      groups {
        values
        runCount
        metrics {
          key
          count
          min
          max
          mean
          deviation
          minRun {
            runId
            name
          }
          maxRun {
            runId
            name
          }
        }
      }
    }
  }
`);

const GroupRunsDocument = graphql(`
  query GroupRuns($experiment: ID!, $filter: String!, $orderBy: [String!], $view: LifecycleView, $metrics: [String!]) {
    runs(experiments: [$experiment], filter: $filter, orderBy: $orderBy, view: $view, first: 20) {
      totalCount
      nodes {
        id
        runId
        name
        status
        startedAt
        withdrawnData {
          label
          reason
        }
        metrics(keys: $metrics) {
          key
          value
        }
      }
    }
  }
`);

type Group = RunGroupsQuery['runGroups']['groups'][number];
type Aggregate = Group['metrics'][number];

interface Props {
  experiment: ExperimentDetails;
  by: readonly string[];
  metrics: readonly string[];
  filter: string;
  view: 'ACTIVE' | 'DELETED';
}

export function RunGroups({ experiment, by, metrics, filter, view }: Props) {
  const url = useUrl();
  const open = readList(url.get('open'));
  const query = useData(
    GroupsDocument,
    { experiment: experiment.id, by: by.map(groupTerm), metrics, filter: filter === '' ? null : filter, view },
    { keep: true },
  );
  const toggle = (name: string) => url.set({ open: writeList(open.includes(name) ? open.filter((one) => one !== name) : [...open, name]) });
  return (
    <Loaded
      query={query}
      skeleton={
        <div className="page">
          <Skeleton rows={10} height={28} />
        </div>
      }
    >
      {({ runGroups: { groups, hasMore } }) =>
        groups.length === 0 ? (
          <div className="page">
            <Empty title="No run matches this filter" />
          </div>
        ) : (
          <div className="page">
            <div className="table-box">
              <table className="table groups" aria-label="Groups of runs" style={{ minWidth: 90 + by.length * 130 + metrics.length * 340 }}>
                <colgroup>
                  <col span={by.length} />
                  <col style={{ width: 90 }} />
                  {metrics.map((key) => (
                    <Fragment key={key}>
                      <col style={{ width: 160 }} />
                      <col span={2} style={{ width: 90 }} />
                    </Fragment>
                  ))}
                </colgroup>
                <GroupsHead by={by} metrics={metrics} />
                <tbody>
                  {groups.map((group) => {
                    const name = JSON.stringify(group.values);
                    return (
                      <Fragment key={name}>
                        <GroupRow group={group} by={by} metrics={metrics} isOpen={open.includes(name)} onToggle={() => toggle(name)} />
                        {open.includes(name) ? (
                          <GroupRuns
                            experiment={experiment.id}
                            filter={groupFilter(filter, by, group.values)}
                            columns={by.length}
                            metrics={metrics}
                            view={view}
                          />
                        ) : null}
                      </Fragment>
                    );
                  })}
                </tbody>
              </table>
            </div>
            <p className="note">
              {counted(groups.length, 'group')}
              {hasMore ? ', the largest; there are more' : ''}. Of each run its latest value counts.
            </p>
          </div>
        )
      }
    </Loaded>
  );
}

function GroupsHead({ by, metrics }: Pick<Props, 'by' | 'metrics'>) {
  return (
    <thead>
      <tr>
        {by.map((column) => (
          <th key={column} scope="col" rowSpan={2}>
            {groupLabel(column)}
          </th>
        ))}
        <th scope="col" rowSpan={2} className="number">
          Runs
        </th>
        {metrics.map((key) => (
          <th key={key} scope="colgroup" colSpan={3} className="group-metric" title={key}>
            {key}
          </th>
        ))}
      </tr>
      <tr>
        {metrics.map((key) => (
          <Fragment key={key}>
            <th scope="col" className="number" title="Mean and standard deviation">
              Mean ± sd
            </th>
            <th scope="col" className="number">
              Min
            </th>
            <th scope="col" className="number">
              Max
            </th>
          </Fragment>
        ))}
      </tr>
    </thead>
  );
}

function GroupRow({
  group,
  by,
  metrics,
  isOpen,
  onToggle,
}: {
  group: Group;
  by: readonly string[];
  metrics: readonly string[];
  isOpen: boolean;
  onToggle: () => void;
}) {
  const label = by.map((column, index) => `${groupLabel(column)} ${group.values[index] ?? 'not set'}`).join(', ');
  return (
    <tr>
      {by.map((column, index) => {
        const value = group.values[index] ?? null;
        const shown = value === null ? <span className="quiet">not set</span> : value === '' ? <span className="quiet">empty</span> : value;
        return (
          <td key={column} className="mono" title={value ?? undefined}>
            {index > 0 ? (
              shown
            ) : (
              <button type="button" className="group-toggle" aria-expanded={isOpen} aria-label={`Runs with ${label}`} onClick={onToggle}>
                <span aria-hidden="true">{isOpen ? '▾' : '▸'}</span> {shown}
              </button>
            )}
          </td>
        );
      })}
      <td className="number">
        <Num value={group.runCount} />
      </td>
      {metrics.map((key) => (
        <AggregateCells key={key} aggregate={group.metrics.find((one) => one.key === key)} />
      ))}
    </tr>
  );
}

function AggregateCells({ aggregate }: { aggregate: Aggregate | undefined }) {
  if (aggregate === undefined) {
    return (
      <td colSpan={3} className="number">
        <Nothing />
      </td>
    );
  }
  const { key, mean, deviation, min, max, minRun, maxRun, count } = aggregate;
  const isLow = isBetterLow(key);
  return (
    <>
      <td className="number" title={mean == null ? undefined : `${fullNumber(mean)} over ${counted(count, 'run')}`}>
        {mean == null ? <Nothing /> : formatNumber(mean)}
        {deviation == null ? null : <small className="quiet"> ± {formatNumber(deviation)}</small>}
      </td>
      <ExtremeCell value={min} run={minRun} isBest={isLow} />
      <ExtremeCell value={max} run={maxRun} isBest={!isLow} />
    </>
  );
}

/** A least or greatest value, and the run that has it. */
function ExtremeCell({ value, run, isBest }: { value: number; run: Aggregate['minRun']; isBest: boolean }) {
  const shown = formatNumber(value);
  return (
    <td className="number">
      {run ? (
        <Link href={runHref(run.runId)} title={`${isBest ? 'The best: ' : ''}${run.name}, ${fullNumber(value)}`}>
          {isBest ? <b className="best">{shown}</b> : shown}
        </Link>
      ) : (
        shown
      )}
    </td>
  );
}

interface GroupRunsProps {
  experiment: string;
  filter: string | null;
  columns: number;
  metrics: readonly string[];
  view: 'ACTIVE' | 'DELETED';
}

/** The best runs of a group, by its first metric. */
function GroupRuns({ experiment, filter, columns, metrics, view }: GroupRunsProps) {
  const url = useUrl();
  const [first] = metrics;
  const order = first === undefined ? [] : orderBy({ column: `m:${first}`, descending: !isBetterLow(first) });
  const query = useData(
    GroupRunsDocument,
    { experiment, filter: filter ?? '', orderBy: order, view, metrics },
    { enabled: filter !== null },
  );
  const width = columns + 1 + 3 * metrics.length;
  const line = (text: string) => (
    <tr className="group-run">
      <td colSpan={width} className="quiet">
        {text}
      </td>
    </tr>
  );
  if (filter === null) return line('The value holds both kinds of quotes, which a filter cannot say.');
  if (query.error !== null) return line(query.error.message);
  if (query.data === undefined) return line('Loading…');
  const { nodes, totalCount } = query.data.runs;
  return (
    <>
      {nodes.map(({ id, runId, name, status, startedAt, withdrawnData, metrics: values }) => (
        <tr key={id} className="group-run">
          <td colSpan={columns + 1}>
            <Link href={runHref(runId)}>{name}</Link> <StatusBadge status={status} /> <WithdrawnMark data={withdrawnData} />{' '}
            <Time at={startedAt} />
          </td>
          {metrics.map((key) => (
            <td key={key} colSpan={3} className="number">
              <Num value={values.find((one) => one.key === key)?.value} />
            </td>
          ))}
        </tr>
      ))}
      <tr className="group-run">
        <td colSpan={width}>
          <button type="button" className="text-button" onClick={() => url.set({ filter, group: null, open: null }, { push: true })}>
            {totalCount > nodes.length ? `All ${counted(totalCount, 'run')} in the table` : 'Show in the table'}
          </button>
        </td>
      </tr>
    </>
  );
}
