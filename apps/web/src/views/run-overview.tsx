'use client';

import { useState } from 'react';

import { counted } from '../logic/format.ts';
import { datasetVersionHref, loggedModelHref, modelVersionHref, runHref } from '../logic/links.ts';
import { curvesOf } from '../logic/metrics.ts';
import { readZoom, writeZoom } from '../logic/url-state.ts';
import { LinkInput } from '../parts/link-input.tsx';
import { MetricPanel } from '../parts/metric-panel.tsx';
import { useCharted } from '../parts/run-charts.tsx';
import { RunNote } from '../parts/run-notes.tsx';
import { Badge, EvidenceMark, IntegrityBadge, StatusBadge } from '../ui/badge.tsx';
import { Section } from '../ui/head.tsx';
import { Link } from '../ui/link.tsx';
import { useOrigin } from '../ui/states.tsx';
import type { Column } from '../ui/table.tsx';
import { Table } from '../ui/table.tsx';
import { Code, Facts, Hash, Num } from '../ui/text.tsx';
import { useUrl } from '../ui/use-url.ts';
import type { RunDetails } from '../api/run.ts';

type Metric = RunDetails['metrics'][number];
type Input = RunDetails['inputs'][number];

const METRIC_COLUMNS: readonly Column<Metric>[] = [
  { id: 'key', head: 'Metric', cell: ({ key }) => <span title={key}>{key}</span> },
  { id: 'value', head: 'Latest', cell: ({ value }) => <Num value={value} />, kind: 'number', width: 96 },
  { id: 'min', head: 'Min', cell: ({ min }) => <Num value={min} />, kind: 'number', width: 96 },
  { id: 'max', head: 'Max', cell: ({ max }) => <Num value={max} />, kind: 'number', width: 96 },
  { id: 'step', head: 'Step', cell: ({ step }) => <Num value={Number(step)} />, kind: 'number', width: 80 },
];

/** How many charts the overview shows; the others are under Charts. */
const SHOWN = 2;

export function RunOverview({ run }: { run: RunDetails }) {
  const url = useUrl();
  const zoom = readZoom(url.get('zoom'));
  const curves = curvesOf(run.metrics).slice(0, SHOWN);
  const runs = useCharted(run);
  return (
    <div className="page columns">
      <div>
        <RunNote run={run} />
        <Section title="Metrics" aside={`${counted(run.metrics.length, 'key')} · ${counted(run.pointCount, 'point')}`}>
          {run.metrics.length === 0 ? <NoMetrics /> : null}
          {curves.map(({ key }) => (
            <MetricPanel
              key={key}
              metric={key}
              runs={runs}
              height={190}
              zoom={zoom}
              group="run"
              onZoom={(next) => url.set({ zoom: writeZoom(next) })}
            />
          ))}
        </Section>
        {run.metrics.length === 0 ? null : (
          <Section title="Latest values">
            <Table label="Latest values" columns={METRIC_COLUMNS} rows={run.metrics} keyOf={({ key }) => key} minWidth={460} />
          </Section>
        )}
      </div>
      <div>
        <Section title="Params" aside={String(run.params.length)}>
          {run.params.length === 0 ? (
            <p className="note">None yet. mlflow.log_param("lr", 0.03) logs one.</p>
          ) : (
            <Facts
              rows={run.params.map(({ key, value }) => [
                <span key="key" className="mono" title={key}>
                  {key}
                </span>,
                <span key="value" className="mono clamp" title={value}>
                  {value}
                </span>,
              ])}
            />
          )}
        </Section>
        <Inputs inputs={run.inputs} />
        <Models run={run} />
        {run.producedDatasets.length === 0 ? null : (
          <Section title="Data it made">
            <ul className="lines">
              {run.producedDatasets.map((version) => (
                <li key={version.id}>
                  <Link className="mono" href={datasetVersionHref(version.dataset.name, version.number)}>
                    {version.dataset.name}@{version.number}
                  </Link>
                  <Hash value={version.digest} />
                </li>
              ))}
            </ul>
          </Section>
        )}
        {run.children.nodes.length === 0 ? null : (
          <Section title="Runs that are part of it" aside={String(run.children.totalCount)}>
            <ul className="lines">
              {run.children.nodes.slice(0, 10).map((child) => (
                <li key={child.id}>
                  <Link href={runHref(child.runId)}>{child.name}</Link>
                  <StatusBadge status={child.status} />
                </li>
              ))}
            </ul>
          </Section>
        )}
      </div>
    </div>
  );
}

function NoMetrics() {
  return (
    <div className="note">
      <p>Nothing logged yet. From within the run:</p>
      <Code label="Log a metric" text={'mlflow.log_metric("val_accuracy", 0.93, step=1)'} />
    </div>
  );
}

function Inputs({ inputs }: { inputs: readonly Input[] }) {
  const [linking, setLinking] = useState<Input | null>(null);
  const origin = useOrigin();
  const columns: readonly Column<Input>[] = [
    {
      id: 'dataset',
      head: 'Dataset',
      kind: 'mono',
      cell: ({ name, source, datasetVersion }) =>
        datasetVersion ? (
          <Link href={datasetVersionHref(datasetVersion.dataset.name, datasetVersion.number)}>
            {datasetVersion.dataset.name}@{datasetVersion.number}
          </Link>
        ) : (
          <span className="quiet" title={source}>
            {name}
          </span>
        ),
    },
    { id: 'context', head: 'Context', cell: ({ context }) => context ?? '–', width: 92 },
    {
      id: 'evidence',
      head: 'Evidence',
      width: 210,
      cell: (input) =>
        input.datasetVersion ? (
          <span className="badges" title={input.resolvedBy ? `Resolved by ${input.resolvedBy}` : undefined}>
            <EvidenceMark evidence={input.evidence} />
            {input.datasetVersion.retraction ? (
              <Badge tone="retracted" title={input.datasetVersion.retraction.reason}>
                withdrawn
              </Badge>
            ) : (
              <IntegrityBadge integrity={input.datasetVersion.integrity} checkedAt={input.datasetVersion.checkedAt} />
            )}
          </span>
        ) : (
          <button type="button" className="badge warn action" onClick={() => setLinking(input)}>
            unresolved · link it
          </button>
        ),
    },
  ];
  return (
    <Section title="Data it read" aside={String(inputs.length)}>
      {inputs.length === 0 ? (
        <div className="note">
          <p>This run names no data, so its models cannot be traced to any. In the next one:</p>
          <Code
            label="Log an input"
            text={`dataset = mlflow.data.from_pandas(frame, source="${origin}/api/v1/datasets/NAME/versions/1/files/PATH")\nmlflow.log_input(dataset, context="training")`}
          />
        </div>
      ) : (
        <Table label="Data it read" columns={columns} rows={inputs} keyOf={({ id }) => id} minWidth={400} />
      )}
      <LinkInput input={linking} onClose={() => setLinking(null)} />
    </Section>
  );
}

function Models({ run }: { run: RunDetails }) {
  const registered = new Set(run.modelVersions.map(({ id }) => id));
  const loose = run.loggedModels.filter(({ modelVersions }) => !modelVersions.some(({ id }) => registered.has(id)));
  return (
    <Section title="Models it made" aside={String(run.modelVersions.length + loose.length)}>
      {run.modelVersions.length + loose.length === 0 ? (
        <p className="note">None yet. mlflow.sklearn.log_model(model, name="model") logs one; “Register model” makes it a version.</p>
      ) : (
        <ul className="lines">
          {run.modelVersions.map(({ id, model, version, digest, aliases, integrity }) => (
            <li key={id}>
              <Link className="mono" href={modelVersionHref(model.name, version)}>
                {model.name} / {version}
              </Link>
              <span className="badges">
                {aliases.map((alias) => (
                  <Badge key={alias} tone="accent">
                    {alias}
                  </Badge>
                ))}
                {integrity === 'DAMAGED' ? <IntegrityBadge integrity={integrity} /> : null}
                <Hash value={digest} />
              </span>
            </li>
          ))}
          {loose.map(({ id, modelId, name, modelType, status }) => (
            <li key={id}>
              <Link href={loggedModelHref(modelId)}>{name}</Link>
              <span className="badges">
                {status === 'READY' ? (
                  <Badge>logged, not registered</Badge>
                ) : (
                  <Badge tone={status === 'PENDING' ? 'live' : 'bad'}>{status === 'PENDING' ? 'being sent' : 'sending failed'}</Badge>
                )}
                {modelType ? <span className="quiet">{modelType}</span> : null}
              </span>
            </li>
          ))}
        </ul>
      )}
    </Section>
  );
}
