'use client';

import type { ModelVersionDetails } from '../api/model-version.ts';
import { deploymentHref } from '../logic/links.ts';
import { Badge } from '../ui/badge.tsx';
import { Link } from '../ui/link.tsx';
import { Empty } from '../ui/states.tsx';
import { Table } from '../ui/table.tsx';
import type { Column } from '../ui/table.tsx';
import { Time } from '../ui/text.tsx';

type VersionDeployment = ModelVersionDetails['deployments']['nodes'][number];

const DEPLOYMENT_COLUMNS: readonly Column<VersionDeployment>[] = [
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
    id: 'state',
    head: 'State',
    width: 90,
    cell: ({ isLive }) => (
      <Badge tone={isLive ? 'ok' : 'plain'} dot>
        {isLive ? 'Live' : 'Ended'}
      </Badge>
    ),
  },
  { id: 'by', head: 'By', width: 140, cell: ({ startedBy }) => startedBy },
  { id: 'from', head: 'From', width: 130, cell: ({ startedAt }) => <Time at={startedAt} /> },
  { id: 'to', head: 'Until', width: 130, cell: ({ endedAt }) => <Time at={endedAt} /> },
];

/** Where the version is or was live. */
export function ModelVersionDeployments({ version }: { version: ModelVersionDetails }) {
  return (
    <div className="page">
      {version.deployments.nodes.length === 0 ? (
        <Empty title="Never deployed">
          <p>“Deploy” pins this version to a target of an environment, by its digest.</p>
        </Empty>
      ) : (
        <Table
          label="Deployments of this version"
          columns={DEPLOYMENT_COLUMNS}
          rows={version.deployments.nodes}
          keyOf={({ id }) => id}
          faded={({ isLive }) => !isLive}
        />
      )}
    </div>
  );
}
