'use client';

// The runs of an experiment: filtered, ordered and paged by the server, compared here. Order, filter, columns and selection live
// in the address. Charts of the selected runs (or of the first few) stand above the table, in the same colours.

import { createColumnHelper, tableFeatures, useTable } from '@tanstack/react-table';
import { useRouter } from 'next/navigation';
import { useEffect, useMemo, useRef, useState } from 'react';

import type { ExperimentDetails } from '../api/experiment.ts';
import { usePages } from '../api/hooks.ts';
import type { RunRow } from '../api/runs.ts';
import { RunsDocument } from '../api/runs.ts';
import { assignSlots, slotOf } from '../logic/colours.ts';
import { counted, toNumber } from '../logic/format.ts';
import { isGroupColumn, MOST_GROUP_KEYS } from '../logic/grouping.ts';
import { compareHref, runHref } from '../logic/links.ts';
import { curvesOf, isBetterLow, isSystemMetric } from '../logic/metrics.ts';
import type { Order } from '../logic/url-state.ts';
import { isSortable, orderBy, readList, readOrder, readZoom, writeList, writeOrder, writeZoom } from '../logic/url-state.ts';
import { Empty, Failure, Skeleton, useOrigin } from '../ui/states.tsx';
import { More } from '../ui/table.tsx';
import { Code } from '../ui/text.tsx';
import { useKeys } from '../ui/use-keys.ts';
import { useUrl } from '../ui/use-url.ts';
import { GroupChooser } from './group-chooser.tsx';
import type { ChartedRun } from './metric-panel.tsx';
import { MetricPanel } from './metric-panel.tsx';
import { RunActions } from './run-actions.tsx';
import { Cell, NameCell } from './run-cells.tsx';
import { ColumnChooser, defaultColumns, labelOf } from './run-columns.tsx';
import { exampleOf, FilterBox } from './run-filter.tsx';
import { RunGroups } from './run-groups.tsx';

/** How many runs are drawn where none is selected. */
const DRAWN = 5;
const MOST_DRAWN = 12;
const PANELS = 3;
const CURVES_SOUGHT = 12;
const POLL_MS = 5_000;

const features = tableFeatures({});
const helper = createColumnHelper<typeof features, RunRow>();

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
  const by = readList(url.get('group')).filter(isGroupColumn).slice(0, MOST_GROUP_KEYS);
  const isGrouped = by.length > 0;
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
      enabled: !isGrouped,
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
        <GroupChooser
          experiment={experiment}
          chosen={by}
          onChosen={(next) => url.set({ group: writeList(next), open: null, selected: null }, { push: true })}
        />
        <button
          type="button"
          className="button"
          disabled={isGrouped}
          aria-pressed={!isGrouped && url.get('charts') !== 'off'}
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
        <RunActions
          experiment={experiment}
          selected={selected}
          view={view}
          filter={filter}
          orderBy={orderBy(order)}
          metrics={metrics}
          params={params}
          onDone={() => url.set({ selected: null })}
        />
      </div>
      {wrongFilter ? (
        <p className="filter-error" role="alert" id="filter-error">
          {query.error.message} {query.error.hint}
        </p>
      ) : null}
      {!isGrouped && url.get('charts') !== 'off' && curves.length > 0 ? (
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
      {isGrouped ? (
        <RunGroups experiment={experiment} by={by} metrics={metrics} filter={filter} view={view} />
      ) : query.data === undefined ? (
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

/** The best value of each metric among the runs shown, by the direction that its name tells. Only where there is something to beat. */
function bestOf(runs: readonly RunRow[], metrics: readonly string[]): ReadonlyMap<string, number> {
  const best = new Map<string, number>();
  for (const metric of metrics.filter((key) => !isSystemMetric(key))) {
    const values = runs
      .flatMap((run) => run.metrics.filter(({ key }) => key === metric).map(({ value }) => toNumber(value)))
      .filter(Number.isFinite);
    if (new Set(values).size > 1) best.set(metric, isBetterLow(metric) ? Math.min(...values) : Math.max(...values));
  }
  return best;
}
