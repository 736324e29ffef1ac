import type { ReactNode } from 'react';

import type { RunRow } from '../api/runs.ts';
import { colourOf } from '../logic/colours.ts';
import { formatDuration, toNumber } from '../logic/format.ts';
import { datasetVersionHref, modelVersionHref, runHref } from '../logic/links.ts';
import { Badge, StatusBadge, Swatch } from '../ui/badge.tsx';
import { Link } from '../ui/link.tsx';
import { Nothing, Num, Time } from '../ui/text.tsx';
import { WithdrawnMark } from './withdrawn.tsx';

/** The name of a run, in its colour, and whether it stands on withdrawn data: here, since this column is always shown. */
export function NameCell({ run, slot }: { run: RunRow; slot: number }) {
  return (
    <span className="marked">
      <Swatch colour={colourOf(slot)} />
      <Link href={runHref(run.runId)} title={`${run.name} · ${run.runId}`}>
        {run.name}
      </Link>
      <WithdrawnMark data={run.withdrawnData} />
    </span>
  );
}

/** What a column says of a run. */
export function Cell({ column, run, best }: { column: string; run: RunRow; best: ReadonlyMap<string, number> }): ReactNode {
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

function DatasetCell({ inputs }: { inputs: RunRow['inputs'] }) {
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

function ModelCell({ versions }: { versions: RunRow['modelVersions'] }) {
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
