'use client';

// The runs of an experiment: filtered, ordered and paged by the server, compared here. Order, filter, columns and selection live
// in the address. Charts of the selected runs (or of the first few) stand above the table, in the same colours.

import { createColumnHelper, tableFeatures, useTable } from '@tanstack/react-table';
import { useRouter } from 'next/navigation';
import { Popover } from 'radix-ui';
import type { KeyboardEvent, ReactNode } from 'react';
import { useEffect, useMemo, useRef, useState } from 'react';

import { usePages } from '../api/hooks.ts';
import type { ExperimentDetails } from '../api/experiment.ts';
import { graphql } from '../gql/gql.ts';
import type { ExperimentRunsQuery } from '../gql/graphql.ts';
import { assignSlots, colourOf, slotOf } from '../logic/colours.ts';
import { counted, formatDuration, toNumber } from '../logic/format.ts';
import { compareHref, datasetVersionHref, modelVersionHref, runHref } from '../logic/links.ts';
import { curvesOf, isBetterLow, isSystemMetric } from '../logic/metrics.ts';
import type { Order } from '../logic/url-state.ts';
import { isSortable, orderBy, readList, readOrder, readZoom, writeList, writeOrder, writeZoom } from '../logic/url-state.ts';
import { Badge, StatusBadge, Swatch } from '../ui/badge.tsx';
import { DownIcon } from '../ui/icons.tsx';
import { Link } from '../ui/link.tsx';
import { Empty, Failure, Skeleton, useOrigin } from '../ui/states.tsx';
import { More } from '../ui/table.tsx';
import { Code, Nothing, Num, Time } from '../ui/text.tsx';
import { useKeys } from '../ui/use-keys.ts';
import { useUrl } from '../ui/use-url.ts';
import type { ChartedRun } from './metric-panel.tsx';
import { MetricPanel } from './metric-panel.tsx';

const RunsDocument = graphql(`
  query ExperimentRuns(
    $id: ID!
    $filter: String
    $orderBy: [String!]
    $view: LifecycleView
    $metrics: [String!]
    $params: [String!]
    $after: String
  ) {
    experiment(id: $id) {
      id
      runs(filter: $filter, orderBy: $orderBy, view: $view, first: 100, after: $after) {
        totalCount
        pageInfo {
          hasNextPage
          endCursor
        }
        nodes {
          id
          runId
          name
          status
          lifecycle
          user
          startedAt
          durationMs
          metrics(keys: $metrics) {
            key
            value
            step
            min
            max
          }
          params(keys: $params) {
            key
            value
          }
          inputs {
            id
            name
            datasetVersion {
              id
              number
              dataset {
                name
              }
            }
          }
          modelVersions {
            id
            version
            aliases
            model {
              name
            }
          }
        }
      }
    }
  }
`);

type Run = NonNullable<ExperimentRunsQuery['experiment']>['runs']['nodes'][number];

/** How many runs are drawn where none is selected. */
const DRAWN = 5;
const MOST_DRAWN = 12;
const PANELS = 3;
const CURVES_SOUGHT = 12;
const POLL_MS = 5_000;

const FIXED: readonly (readonly [column: string, label: string])[] = [
  ['state', 'State'],
  ['started', 'Started'],
  ['duration', 'Duration'],
  ['user', 'User'],
  ['dataset', 'Dataset'],
  ['model', 'Model'],
];

function defaultColumns({ metricKeys, paramKeys }: ExperimentDetails): string[] {
  const metrics = metricKeys.filter((key) => !isSystemMetric(key)).slice(0, 3);
  return ['state', 'started', ...metrics.map((key) => `m:${key}`), ...paramKeys.slice(0, 1).map((key) => `p:${key}`), 'dataset', 'model'];
}

const features = tableFeatures({});
const helper = createColumnHelper<typeof features, Run>();

export function RunsTable({ experiment }: { experiment: ExperimentDetails }) {
  const router = useRouter();
  const url = useUrl();
  const origin = useOrigin();
  const [place, setPlace] = useState(-1);
  const body = useRef<HTMLTableSectionElement>(null);
  const { box, isWide } = useOverflow();
  const filter = url.get('filter') ?? '';
  const view = url.get('view') === 'deleted' ? ('DELETED' as const) : ('ACTIVE' as const);
  const orderText = url.get('order');
  const order = useMemo(() => readOrder(orderText), [orderText]);
  const columnText = url.get('columns');
  const shown = useMemo(() => (columnText === null ? defaultColumns(experiment) : readList(columnText)), [columnText, experiment]);
  const selectedText = url.get('selected');
  const selected = useMemo(() => readList(selectedText), [selectedText]);
  const metrics = useMemo(() => shown.filter((column) => column.startsWith('m:')).map((column) => column.slice(2)), [shown]);
  const params = useMemo(() => shown.filter((column) => column.startsWith('p:')).map((column) => column.slice(2)), [shown]);

  // Beyond the columns, a few more keys are asked for: what makes the most telling curves is not always a column.
  const asked = useMemo(() => [...new Set([...metrics, ...experiment.metricKeys.slice(0, CURVES_SOUGHT)])], [metrics, experiment]);

  const query = usePages(
    RunsDocument,
    { id: experiment.id, filter: filter === '' ? null : filter, orderBy: orderBy(order), view, metrics: asked, params, after: null },
    (data) => data.experiment?.runs,
    {
      keep: true,
      pollMs: (pages) =>
        pages.length < 4 && pages.some((page) => page.experiment?.runs.nodes.some(({ status }) => status === 'RUNNING')) ? POLL_MS : false,
    },
  );
  const pages = query.data?.pages;
  const runs = useMemo(() => pages?.flatMap((page) => page.experiment?.runs.nodes ?? []) ?? [], [pages]);
  const total = pages?.[0]?.experiment?.runs.totalCount ?? 0;
  const drawn = useMemo(() => {
    const chosen = selected.length > 0 ? runs.filter(({ runId }) => selected.includes(runId)).slice(0, MOST_DRAWN) : runs.slice(0, DRAWN);
    const slots = assignSlots(chosen.map(({ runId }) => runId));
    return chosen.map(({ id, runId, name, status, startedAt }): ChartedRun & { runId: string } => ({
      id,
      runId,
      name,
      slot: slots.get(runId) ?? slotOf(runId),
      polled: status === 'RUNNING',
      startedAtMs: startedAt ? Date.parse(startedAt) : null,
    }));
  }, [runs, selected]);
  const slotFor = useMemo(() => new Map(drawn.map(({ runId, slot }) => [runId, slot])), [drawn]);
  // A metric that was logged once makes no curve: its column says all there is. Columns come first, the machine's own readings last.
  const curves = useMemo(() => {
    const ids = new Set(drawn.map(({ id }) => id));
    const found = [...new Set(runs.filter(({ id }) => ids.has(id)).flatMap((run) => curvesOf(run.metrics).map(({ key }) => key)))];
    const others = found.filter((key) => !metrics.includes(key) && !isSystemMetric(key)).sort();
    return [...metrics.filter((key) => found.includes(key)), ...others].slice(0, PANELS);
  }, [runs, drawn, metrics]);
  const best = useMemo(() => bestOf(runs, metrics), [runs, metrics]);

  const toggle = (runId: string) =>
    url.set({ selected: writeList(selected.includes(runId) ? selected.filter((each) => each !== runId) : [...selected, runId]) });
  const move = (by: number) => {
    const next = Math.max(0, Math.min(runs.length - 1, place + by));
    setPlace(next);
    body.current?.rows[next]?.scrollIntoView({ block: 'nearest' });
  };
  const current = runs[place];
  const compare = () => {
    if (selected.length > 0) router.push(compareHref(selected));
  };
  useKeys({
    j: () => move(1),
    k: () => move(-1),
    x: () => {
      if (current !== undefined) toggle(current.runId);
    },
    Enter: () => {
      if (current !== undefined) router.push(runHref(current.runId));
    },
    c: compare,
    Escape: () => url.set({ selected: null }),
  });

  const columns = useMemo(
    () =>
      helper.columns([
        helper.display({
          id: 'name',
          header: 'Run',
          cell: ({ row }) => <NameCell run={row.original} slot={slotFor.get(row.original.runId) ?? slotOf(row.original.runId)} />,
        }),
        ...shown.map((column) =>
          helper.display({
            id: column,
            header: labelOf(column),
            cell: ({ row }) => <Cell column={column} run={row.original} best={best} />,
          }),
        ),
      ]),
    [shown, slotFor, best],
  );
  const table = useTable({ features, columns, data: runs, getRowId: (run) => run.runId });
  const sortBy = (column: string) => {
    const next: Order =
      order.column === column
        ? { column, descending: !order.descending }
        : { column, descending: !(column === 'name' || column.startsWith('p:')) };
    url.set({ order: writeOrder(next) });
  };
  const wrongFilter = query.error !== null && filter !== '' && query.error.code === 'BAD_USER_INPUT';
  const pristine = filter === '' && view === 'ACTIVE';

  return (
    <>
      <div className="bar">
        <FilterBox
          key={filter}
          filter={filter}
          example={exampleOf(experiment)}
          wrong={wrongFilter}
          onFilter={(next) => url.set({ filter: next, selected: null }, { push: true })}
        />
        <ColumnChooser
          experiment={experiment}
          shown={shown}
          isDefault={columnText === null}
          onShown={(next) => url.set({ columns: next === null ? null : writeList(next) })}
        />
        <button
          type="button"
          className="button"
          aria-pressed={url.get('charts') !== 'off'}
          onClick={() => url.set({ charts: url.get('charts') === 'off' ? null : 'off' })}
        >
          Charts
        </button>
        <button
          type="button"
          className="button"
          aria-pressed={view === 'DELETED'}
          onClick={() => url.set({ view: view === 'DELETED' ? null : 'deleted', selected: null })}
        >
          Deleted
        </button>
        <button type="button" className="button primary" disabled={selected.length === 0} onClick={compare}>
          {selected.length === 0 ? 'Compare' : `Compare ${selected.length}`}
        </button>
      </div>
      {wrongFilter ? (
        <p className="filter-error" role="alert" id="filter-error">
          {query.error.message} {query.error.hint}
        </p>
      ) : null}
      {url.get('charts') !== 'off' && curves.length > 0 ? (
        <div className="panels above-table">
          {curves.map((metric) => (
            <MetricPanel
              key={metric}
              metric={metric}
              runs={drawn}
              zoom={readZoom(url.get('zoom'))}
              group="runs"
              onZoom={(zoom) => url.set({ zoom: writeZoom(zoom) })}
            />
          ))}
        </div>
      ) : null}
      {query.data === undefined ? (
        <div className="page">
          {query.error === null ? (
            <Skeleton rows={14} height={28} />
          ) : wrongFilter ? null : (
            <Failure error={query.error} retry={query.refetch} />
          )}
        </div>
      ) : runs.length === 0 ? (
        <div className="page">
          {pristine ? (
            <Empty title="No runs yet">
              <p>The first one appears here as soon as it starts:</p>
              <Code
                label="Start a run"
                text={`import mlflow\nmlflow.set_tracking_uri("${origin}")\nmlflow.set_experiment("${experiment.name}")\nwith mlflow.start_run():\n    mlflow.log_param("lr", 0.03)\n    mlflow.log_metric("val_accuracy", 0.93, step=1)`}
              />
            </Empty>
          ) : (
            <Empty title={view === 'DELETED' ? 'No run was deleted' : 'No run matches this filter'}>
              <button type="button" className="button" onClick={() => url.set({ filter: null, view: null })}>
                Show all runs
              </button>
            </Empty>
          )}
        </div>
      ) : (
        <>
          <div ref={box} className={query.isPlaceholderData ? 'runs-box waiting' : 'runs-box'} data-wide={isWide}>
            <table className="table runs" aria-label="Runs" aria-rowcount={total}>
              <thead>
                {table.getHeaderGroups().map((group) => (
                  <tr key={group.id}>
                    <th className="check" scope="col">
                      <span className="sr-only">Selected</span>
                    </th>
                    {group.headers.map((header) => {
                      const column = header.column.id;
                      const sorted = order.column === column;
                      return (
                        <th
                          key={header.id}
                          scope="col"
                          className={classOf(column)}
                          aria-sort={sorted ? (order.descending ? 'descending' : 'ascending') : undefined}
                        >
                          {isSortable(column) ? (
                            <button type="button" className="sort" title={`Order by ${labelOf(column)}`} onClick={() => sortBy(column)}>
                              <table.FlexRender header={header} />
                              <span aria-hidden="true">{sorted ? (order.descending ? ' ↓' : ' ↑') : ''}</span>
                            </button>
                          ) : (
                            <table.FlexRender header={header} />
                          )}
                        </th>
                      );
                    })}
                  </tr>
                ))}
              </thead>
              <tbody ref={body}>
                {table.getRowModel().rows.map((row, index) => {
                  const { runId, name, lifecycle } = row.original;
                  const isSelected = selected.includes(runId);
                  return (
                    <tr
                      key={row.id}
                      className={[
                        isSelected ? 'selected' : '',
                        index === place ? 'cursor' : '',
                        lifecycle === 'DELETED' ? 'faded' : '',
                      ].join(' ')}
                      onClick={() => setPlace(index)}
                    >
                      <td className="check">
                        <input type="checkbox" aria-label={`Select ${name}`} checked={isSelected} onChange={() => toggle(runId)} />
                      </td>
                      {row.getAllCells().map((cell) => (
                        <td key={cell.id} className={classOf(cell.column.id)}>
                          <table.FlexRender cell={cell} />
                        </td>
                      ))}
                    </tr>
                  );
                })}
              </tbody>
            </table>
          </div>
          <div className="page-foot">
            <More query={query} shown={runs.length} total={total} noun="runs" />
            {selected.length > 0 ? (
              <button type="button" className="text-button" onClick={() => url.set({ selected: null })}>
                Deselect {counted(selected.length, 'run')}
              </button>
            ) : null}
          </div>
        </>
      )}
    </>
  );
}

/** Whether what is in a box is wider than the box. Only then does it scroll sideways, since a head cannot stay in view inside a box that scrolls. */
function useOverflow() {
  const [element, box] = useState<HTMLDivElement | null>(null);
  const [isWide, setIsWide] = useState(false);
  useEffect(() => {
    const content = element?.firstElementChild;
    if (element === null || !content) return undefined;
    const observer = new ResizeObserver(() => setIsWide(content.scrollWidth > element.clientWidth + 1));
    observer.observe(element);
    observer.observe(content);
    return () => observer.disconnect();
  }, [element]);
  return { box, isWide };
}

function classOf(column: string): string {
  if (column.startsWith('m:')) return 'number metric';
  if (column.startsWith('p:')) return 'mono param';
  return column === 'duration' ? 'number duration' : column;
}

function labelOf(column: string): string {
  if (column.startsWith('m:') || column.startsWith('p:')) return column.slice(2);
  return column === 'name' ? 'Run' : (FIXED.find(([id]) => id === column)?.[1] ?? column);
}

function exampleOf({ metricKeys, paramKeys }: ExperimentDetails): string {
  const metric = metricKeys.find((key) => !isSystemMetric(key)) ?? 'accuracy';
  const quotedKey = /^\w+$/.test(metric) ? metric : `\`${metric}\``;
  const [param] = paramKeys;
  return `metrics.${quotedKey} > 0.9${param === undefined || !/^\w+$/.test(param) ? '' : ` and params.${param} = '…'`}`;
}

/** The best value of each metric among the runs shown, by the direction that its name tells. Only where there is something to beat. */
function bestOf(runs: readonly Run[], metrics: readonly string[]): ReadonlyMap<string, number> {
  const best = new Map<string, number>();
  for (const metric of metrics.filter((key) => !isSystemMetric(key))) {
    const values = runs
      .flatMap((run) => run.metrics.filter(({ key }) => key === metric).map(({ value }) => toNumber(value)))
      .filter(Number.isFinite);
    if (new Set(values).size > 1) best.set(metric, isBetterLow(metric) ? Math.min(...values) : Math.max(...values));
  }
  return best;
}

function NameCell({ run, slot }: { run: Run; slot: number }) {
  return (
    <>
      <Swatch colour={colourOf(slot)} />
      <Link href={runHref(run.runId)} title={`${run.name} · ${run.runId}`}>
        {run.name}
      </Link>
    </>
  );
}

function Cell({ column, run, best }: { column: string; run: Run; best: ReadonlyMap<string, number> }): ReactNode {
  if (column.startsWith('m:')) {
    const key = column.slice(2);
    const value = run.metrics.find((metric) => metric.key === key)?.value;
    const isBest = value !== undefined && best.get(key) === toNumber(value);
    return isBest ? (
      <b className="best" title="The best of those shown">
        <Num value={value} />
      </b>
    ) : (
      <Num value={value} />
    );
  }
  if (column.startsWith('p:')) {
    const value = run.params.find(({ key }) => key === column.slice(2))?.value;
    return value === undefined ? <Nothing /> : <span title={value}>{value}</span>;
  }
  switch (column) {
    case 'state':
      return <StatusBadge status={run.status} />;
    case 'started':
      return <Time at={run.startedAt} />;
    case 'duration':
      return run.durationMs ? formatDuration(run.durationMs) : <Nothing />;
    case 'user':
      return run.user === '' ? <Nothing /> : run.user;
    case 'dataset':
      return <DatasetCell inputs={run.inputs} />;
    case 'model':
      return <ModelCell versions={run.modelVersions} />;
    default:
      return <Nothing />;
  }
}

function DatasetCell({ inputs }: { inputs: Run['inputs'] }) {
  const input = inputs.find(({ datasetVersion }) => datasetVersion) ?? inputs[0];
  if (input === undefined) return <Nothing />;
  const more = inputs.length > 1 ? <small title={inputs.map(({ name }) => name).join(', ')}> +{inputs.length - 1}</small> : null;
  const version = input.datasetVersion;
  return version ? (
    <span className="mono">
      <Link href={datasetVersionHref(version.dataset.name, version.number)}>
        {version.dataset.name}@{version.number}
      </Link>
      {more}
    </span>
  ) : (
    <span className="mono quiet" title="No registered version is known to be this.">
      {input.name}
      {more}
    </span>
  );
}

function ModelCell({ versions }: { versions: Run['modelVersions'] }) {
  const [version] = versions;
  if (version === undefined) return <Nothing />;
  const [alias] = version.aliases;
  return (
    <span className="mono">
      <Link href={modelVersionHref(version.model.name, version.version)}>
        {version.model.name} / {version.version}
      </Link>
      {alias === undefined ? null : <Badge tone="accent">{alias}</Badge>}
      {versions.length > 1 ? <small> +{versions.length - 1}</small> : null}
    </span>
  );
}

interface FilterProps {
  filter: string;
  example: string;
  wrong: boolean;
  onFilter: (filter: string) => void;
}

/** MLflow's filter grammar; Enter asks, Escape leaves. */
function FilterBox({ filter, example, wrong, onFilter }: FilterProps) {
  const [text, setText] = useState(filter);
  const input = useRef<HTMLInputElement>(null);
  useKeys({ '/': () => input.current?.focus() });
  // The box is made anew for each filter in force; whoever typed it keeps the focus.
  useEffect(() => {
    if (filter !== '' && document.activeElement === document.body) input.current?.focus();
  }, [filter]);
  const press = (event: KeyboardEvent<HTMLInputElement>) => {
    if (event.key === 'Enter') onFilter(text.trim());
    if (event.key === 'Escape') {
      setText(filter);
      event.currentTarget.blur();
    }
  };
  return (
    <div className={wrong ? 'filter wrong' : 'filter'}>
      <kbd>/</kbd>
      <input
        ref={input}
        type="text"
        className="mono"
        aria-label="Filter runs"
        aria-invalid={wrong}
        aria-describedby={wrong ? 'filter-error' : undefined}
        placeholder={example}
        spellCheck={false}
        autoComplete="off"
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
        onKeyDown={press}
      />
      {text.trim() !== filter ? <small>Enter</small> : null}
      {filter === '' ? null : (
        <button type="button" className="text-button" onClick={() => onFilter('')}>
          Clear
        </button>
      )}
    </div>
  );
}

interface ChooserProps {
  experiment: ExperimentDetails;
  shown: readonly string[];
  isDefault: boolean;
  onShown: (columns: readonly string[] | null) => void;
}

/** Which columns the table has, and so which metrics are drawn. */
function ColumnChooser({ experiment, shown, isDefault, onShown }: ChooserProps) {
  const [text, setText] = useState('');
  const groups: readonly { title: string; columns: readonly (readonly [string, string])[] }[] = [
    { title: 'About the run', columns: FIXED },
    { title: 'Metrics', columns: experiment.metricKeys.map((key) => [`m:${key}`, key] as const) },
    { title: 'Params', columns: experiment.paramKeys.map((key) => [`p:${key}`, key] as const) },
  ];
  const wanted = text.trim().toLowerCase();
  const toggle = (column: string) => onShown(shown.includes(column) ? shown.filter((each) => each !== column) : [...shown, column]);
  return (
    <Popover.Root>
      <Popover.Trigger className="button">
        Columns
        <DownIcon />
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Content className="popover" align="end" sideOffset={4} aria-label="Columns">
          <input
            type="search"
            className="input"
            placeholder="Find a column"
            aria-label="Find a column"
            value={text}
            onChange={(event) => setText(event.currentTarget.value)}
          />
          <div className="popover-list">
            {groups.map(({ title, columns }) => {
              const found = columns.filter(([, label]) => label.toLowerCase().includes(wanted));
              return found.length === 0 ? null : (
                <fieldset key={title}>
                  <legend>{title}</legend>
                  {found.map(([column, label]) => (
                    <label key={column}>
                      <input type="checkbox" checked={shown.includes(column)} onChange={() => toggle(column)} />
                      <span title={label}>{label}</span>
                    </label>
                  ))}
                </fieldset>
              );
            })}
          </div>
          <button type="button" className="text-button" disabled={isDefault} onClick={() => onShown(null)}>
            The usual columns
          </button>
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  );
}
