'use client';

import { Popover } from 'radix-ui';
import type { ReactNode } from 'react';
import { useMemo, useState } from 'react';

import { useData } from '../api/hooks.ts';
import { graphql } from '../gql/gql.ts';
import type { CompareQuery } from '../gql/graphql.ts';
import { assignSlots, colourOf, slotOf } from '../logic/colours.ts';
import { formatDuration, toNumber } from '../logic/format.ts';
import { datasetVersionHref, experimentHref, modelVersionHref, runHref } from '../logic/links.ts';
import { curvesOf, isBetterLow, isSystemMetric } from '../logic/metrics.ts';
import { quoted, readList, writeList, writeZoom } from '../logic/url-state.ts';
import { MetricPanel } from '../parts/metric-panel.tsx';
import { ChartBar, useChartSettings } from '../parts/run-charts.tsx';
import { WithdrawnMark } from '../parts/withdrawn.tsx';
import { Badge, StatusBadge, Swatch } from '../ui/badge.tsx';
import { Head, Section } from '../ui/head.tsx';
import { CloseIcon, DownIcon } from '../ui/icons.tsx';
import { Link } from '../ui/link.tsx';
import { Empty, Loaded, useRested } from '../ui/states.tsx';
import { Nothing, Num, Time } from '../ui/text.tsx';
import { useUrl } from '../ui/use-url.ts';

const CompareDocument = graphql(`
  query Compare($filter: String!) {
    runs(filter: $filter, view: ALL, first: 20) {
      nodes {
        id
        runId
        name
        status
        startedAt
        durationMs
        user
        commit
        experiment {
          experimentId
          name
        }
        params {
          key
          value
        }
        metrics {
          key
          value
          step
          min
          max
        }
        inputs {
          id
          name
          context
          datasetVersion {
            number
            dataset {
              name
            }
          }
        }
        withdrawnData {
          label
          reason
          version {
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
`);

const FindRunsDocument = graphql(`
  query FindRuns($filter: String) {
    runs(filter: $filter, first: 8) {
      nodes {
        id
        runId
        name
        startedAt
        experiment {
          name
        }
      }
    }
  }
`);

type Run = CompareQuery['runs']['nodes'][number];

const MOST = 20;

export function CompareView() {
  const url = useUrl();
  const listed = url.get('runs');
  const asked = useMemo(() => readList(listed).slice(0, MOST), [listed]);
  const filter = `attributes.run_id IN (${asked
    .map(quoted)
    .filter((id) => id !== null)
    .join(', ')})`;
  const query = useData(CompareDocument, { filter }, { enabled: asked.length > 0, keep: true });
  const set = (runs: readonly string[]) => url.set({ runs: writeList(runs) });
  return (
    <>
      <Head
        crumbs={[{ label: 'Experiments', href: '/experiments' }]}
        title={asked.length === 0 ? 'Compare runs' : `Compare ${asked.length} run${asked.length === 1 ? '' : 's'}`}
        actions={<AddRun disabled={asked.length >= MOST} known={asked} onAdd={(runId) => set([...asked, runId])} />}
      />
      {asked.length === 0 ? (
        <div className="page">
          <Empty title="No runs chosen">
            <p>Select runs in an experiment’s table with x, then press c. Or add them here, one by one.</p>
          </Empty>
        </div>
      ) : (
        <Loaded query={query}>
          {({ runs }) => {
            const byId = new Map(runs.nodes.map((run) => [run.runId, run]));
            const found = asked.flatMap((runId) => byId.get(runId) ?? []);
            return (
              <Comparison
                runs={found}
                missing={asked.filter((runId) => !byId.has(runId))}
                onRemove={(runId) => set(asked.filter((each) => each !== runId))}
              />
            );
          }}
        </Loaded>
      )}
    </>
  );
}

interface Row {
  label: string;
  /** What decides whether the runs differ here. */
  keys: readonly string[];
  cells: readonly ReactNode[];
  number?: boolean;
}

function Comparison({ runs, missing, onRemove }: { runs: readonly Run[]; missing: readonly string[]; onRemove: (runId: string) => void }) {
  const { url, zoom, style } = useChartSettings();
  const only = url.get('only') === 'differences';
  const sought = (url.get('rows') ?? '').trim().toLowerCase();
  const slots = useMemo(() => assignSlots(runs.map(({ runId }) => runId)), [runs]);
  const charted = useMemo(
    () =>
      runs.map(({ id, runId, name, status, startedAt }) => ({
        id,
        name,
        slot: slots.get(runId) ?? slotOf(runId),
        polled: status === 'RUNNING',
        startedAtMs: startedAt ? Date.parse(startedAt) : null,
      })),
    [runs, slots],
  );
  const curves = [...new Set(runs.flatMap((run) => curvesOf(run.metrics).map(({ key }) => key)))].slice(0, 12);
  const sections: readonly { title: string; rows: readonly Row[] }[] = [
    { title: 'Metrics, latest', rows: metricRows(runs) },
    { title: 'Params', rows: paramRows(runs) },
    { title: 'About', rows: aboutRows(runs) },
  ];
  return (
    <>
      <ChartBar />
      <div className="page">
        {missing.length === 0 ? null : <p className="note warn">Not found: {missing.join(', ')}.</p>}
        {curves.length === 0 ? null : (
          <div className="panels">
            {curves.map((metric) => (
              <MetricPanel
                key={metric}
                metric={metric}
                runs={charted}
                height={170}
                zoom={zoom}
                style={style}
                group="compare"
                onZoom={(next) => url.set({ zoom: writeZoom(next) })}
              />
            ))}
          </div>
        )}
        <Section
          title="Side by side"
          aside={
            <span className="section-tools">
              <input
                type="search"
                className="input"
                placeholder="Rows by name"
                aria-label="Rows by name"
                value={url.get('rows') ?? ''}
                onChange={(event) => url.set({ rows: event.currentTarget.value })}
              />
              <label className="inline-field">
                <input
                  type="checkbox"
                  checked={only}
                  onChange={(event) => url.set({ only: event.currentTarget.checked ? 'differences' : null })}
                />
                Only what differs
              </label>
            </span>
          }
        >
          <div className="table-box">
            <table className="table compare" aria-label="Runs side by side" style={{ minWidth: 200 + runs.length * 150 }}>
              <thead>
                <tr>
                  <th scope="col">
                    <span className="sr-only">What</span>
                  </th>
                  {runs.map(({ runId, name, status, withdrawnData }) => (
                    <th key={runId} scope="col">
                      <span className="compare-run">
                        <Swatch colour={colourOf(slots.get(runId) ?? slotOf(runId))} />
                        <Link href={runHref(runId)} title={runId}>
                          {name}
                        </Link>
                        <button
                          type="button"
                          className="icon-button"
                          aria-label={`Take ${name} out`}
                          title="Take out"
                          onClick={() => onRemove(runId)}
                        >
                          <CloseIcon />
                        </button>
                      </span>
                      <span className="compare-marks">
                        <StatusBadge status={status} />
                        <WithdrawnMark data={withdrawnData} />
                      </span>
                    </th>
                  ))}
                </tr>
              </thead>
              {sections.map(({ title, rows }) => {
                const shown = rows.filter((row) => (!only || differs(row)) && row.label.toLowerCase().includes(sought));
                return shown.length === 0 && sought !== '' ? null : (
                  <tbody key={title}>
                    <tr className="group">
                      <th scope="rowgroup" colSpan={runs.length + 1}>
                        {title} {only ? <small>{shown.length} differ</small> : null}
                      </th>
                    </tr>
                    {shown.map((row) => (
                      <tr key={row.label} className={differs(row) && row.number !== true ? 'differs' : undefined}>
                        <th scope="row" title={row.label}>
                          {row.label}
                        </th>
                        {row.cells.map((cell, index) => (
                          <td key={runs[index]?.runId ?? index} className={row.number === true ? 'number' : 'mono'}>
                            {cell}
                          </td>
                        ))}
                      </tr>
                    ))}
                  </tbody>
                );
              })}
            </table>
          </div>
        </Section>
      </div>
    </>
  );
}

function differs({ keys }: Row): boolean {
  return new Set(keys).size > 1;
}

function metricRows(runs: readonly Run[]): Row[] {
  const keys = [...new Set(runs.flatMap(({ metrics }) => metrics.map(({ key }) => key)))].sort();
  return keys.map((key) => {
    const values = runs.map((run) => run.metrics.find((metric) => metric.key === key)?.value);
    const numbers = values.flatMap((value) => (value === undefined ? [] : [toNumber(value)])).filter(Number.isFinite);
    const best =
      !isSystemMetric(key) && new Set(numbers).size > 1 ? (isBetterLow(key) ? Math.min(...numbers) : Math.max(...numbers)) : null;
    return {
      label: key,
      keys: values.map(String),
      number: true,
      cells: values.map((value, index) =>
        value !== undefined && toNumber(value) === best ? (
          <b key={index} className="best" title={isBetterLow(key) ? 'The lowest' : 'The highest'}>
            <Num value={value} />
          </b>
        ) : (
          <Num key={index} value={value} />
        ),
      ),
    };
  });
}

function paramRows(runs: readonly Run[]): Row[] {
  const keys = [...new Set(runs.flatMap(({ params }) => params.map(({ key }) => key)))].sort();
  return keys.map((key) => {
    const values = runs.map((run) => run.params.find((param) => param.key === key)?.value);
    return {
      label: key,
      keys: values.map((value) => value ?? '\0'),
      cells: values.map((value, index) =>
        value === undefined ? (
          <Nothing key={index} />
        ) : (
          <span key={index} title={value}>
            {value}
          </span>
        ),
      ),
    };
  });
}

function aboutRows(runs: readonly Run[]): Row[] {
  const row = (label: string, key: (run: Run) => string, cell: (run: Run) => ReactNode): Row => ({
    label,
    keys: runs.map(key),
    cells: runs.map(cell),
  });
  return [
    row(
      'Data it read',
      ({ inputs }) => inputs.map(inputName).sort().join(' '),
      ({ inputs }) =>
        inputs.length === 0 ? (
          <Nothing />
        ) : (
          <span className="stack">
            {inputs.map((input) =>
              input.datasetVersion ? (
                <Link key={input.id} href={datasetVersionHref(input.datasetVersion.dataset.name, input.datasetVersion.number)}>
                  {inputName(input)}
                </Link>
              ) : (
                <span key={input.id} className="quiet">
                  {input.name}
                </span>
              ),
            )}
          </span>
        ),
    ),
    ...(runs.some(({ withdrawnData }) => (withdrawnData ?? []).length > 0)
      ? [row('Withdrawn behind it', withdrawnNames, WithdrawnCell)]
      : []),
    row(
      'Models',
      ({ modelVersions }) => modelVersions.map(({ id }) => id).join(' '),
      ({ modelVersions }) =>
        modelVersions.length === 0 ? (
          <Nothing />
        ) : (
          <span className="stack">
            {modelVersions.map(({ id, model, version, aliases }) => (
              <span key={id}>
                <Link href={modelVersionHref(model.name, version)}>
                  {model.name} / {version}
                </Link>{' '}
                {aliases.map((alias) => (
                  <Badge key={alias} tone="accent">
                    {alias}
                  </Badge>
                ))}
              </span>
            ))}
          </span>
        ),
    ),
    row(
      'Experiment',
      ({ experiment }) => experiment.experimentId,
      ({ experiment }) => <Link href={experimentHref(experiment.experimentId)}>{experiment.name}</Link>,
    ),
    row(
      'Commit',
      ({ commit }) => commit ?? '',
      ({ commit }) => (commit ? <span title={commit}>{commit.slice(0, 7)}</span> : <Nothing />),
    ),
    row(
      'Started',
      ({ startedAt }) => startedAt ?? '',
      ({ startedAt }) => <Time at={startedAt} />,
    ),
    row(
      'Duration',
      ({ durationMs }) => durationMs ?? '',
      ({ durationMs }) => (durationMs ? formatDuration(durationMs) : <Nothing />),
    ),
    row(
      'User',
      ({ user }) => user,
      ({ user }) => user,
    ),
  ];
}

function withdrawnNames({ withdrawnData }: Run): string {
  return (withdrawnData ?? [])
    .map(({ label }) => label)
    .sort()
    .join(' ');
}

/** Every withdrawn version that a run stands on, each with its reason. */
function WithdrawnCell({ withdrawnData }: Run): ReactNode {
  const withdrawn = withdrawnData ?? [];
  return withdrawn.length === 0 ? (
    <Nothing />
  ) : (
    <span className="stack withdrawn-cell">
      {withdrawn.map(({ label, reason, version }) => (
        <span key={label} title={reason}>
          <Link href={datasetVersionHref(version.dataset.name, version.number)}>{label}</Link>: {reason}
        </span>
      ))}
    </span>
  );
}

function inputName({ name, datasetVersion }: Run['inputs'][number]): string {
  return datasetVersion ? `${datasetVersion.dataset.name}@${datasetVersion.number}` : name;
}

/** Finds another run by its name. */
function AddRun({ known, disabled, onAdd }: { known: readonly string[]; disabled: boolean; onAdd: (runId: string) => void }) {
  const [open, setOpen] = useState(false);
  const [text, setText] = useState('');
  const rested = useRested(text.trim());
  const pattern = rested === '' ? null : quoted(`%${rested}%`);
  const { data } = useData(
    FindRunsDocument,
    { filter: pattern === null ? null : `attributes.run_name ILIKE ${pattern}` },
    { enabled: open, keep: true },
  );
  const found = data?.runs.nodes.filter(({ runId }) => !known.includes(runId));
  return (
    <Popover.Root open={open} onOpenChange={setOpen}>
      <Popover.Trigger className="button" disabled={disabled}>
        Add a run
        <DownIcon />
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Content className="popover" align="end" sideOffset={4} aria-label="Add a run">
          <input
            type="search"
            className="input"
            placeholder="Part of its name"
            aria-label="Runs by name"
            value={text}
            onChange={(event) => setText(event.currentTarget.value)}
          />
          <div className="popover-list">
            {found?.map(({ id, runId, name, experiment, startedAt }) => (
              <button
                key={id}
                type="button"
                className="popover-item"
                onClick={() => {
                  onAdd(runId);
                  setOpen(false);
                }}
              >
                <span>{name}</span>
                <small>
                  {experiment.name} · <Time at={startedAt} />
                </small>
              </button>
            ))}
            {found?.length === 0 ? <p className="note">No other run’s name contains this.</p> : null}
          </div>
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  );
}
