'use client';

import { useState } from 'react';

import { usePages } from '../api/hooks.ts';
import type { ModelDetails } from '../api/model.ts';
import { graphql } from '../gql/gql.ts';
import type { ModelVersionsQuery } from '../gql/graphql.ts';
import { EVIDENCE_WORDS } from '../logic/evidence.ts';
import { modelVersionHref, runHref } from '../logic/links.ts';
import { PromoteDialog } from '../parts/promote.tsx';
import { WithdrawnMark } from '../parts/withdrawn.tsx';
import { Badge, EvidenceLine, IntegrityBadge } from '../ui/badge.tsx';
import { Link } from '../ui/link.tsx';
import { Empty, Loaded, useOrigin } from '../ui/states.tsx';
import { More, Table } from '../ui/table.tsx';
import type { Column } from '../ui/table.tsx';
import { Bytes, Code, Hash, Nothing, Time } from '../ui/text.tsx';

const VersionsDocument = graphql(`
  query ModelVersions($id: ID!, $after: String) {
    model(id: $id) {
      id
      versions(first: 50, after: $after) {
        pageInfo {
          hasNextPage
          endCursor
        }
        nodes {
          id
          version
          description
          aliases
          stage
          digest
          noDigestReason
          integrity
          fileCount
          totalBytes
          createdBy
          createdAt
          runEvidence
          run {
            runId
            name
          }
          withdrawnData {
            label
            reason
          }
          deployments(first: 10) {
            nodes {
              id
              environment
              target
              isLive
            }
          }
        }
      }
    }
  }
`);

type Version = NonNullable<ModelVersionsQuery['model']>['versions']['nodes'][number];

/** The versions of a model, the newest first. */
export function ModelVersions({ model }: { model: ModelDetails }) {
  const origin = useOrigin();
  const [promoting, setPromoting] = useState<Version | null>(null);
  const query = usePages(VersionsDocument, { id: model.id, after: null }, (data) => data.model?.versions);
  const columns: readonly Column<Version>[] = [
    {
      id: 'version',
      head: 'Version',
      width: 64,
      cell: ({ version }) => (
        <Link className="mono" href={modelVersionHref(model.name, version)}>
          {version}
        </Link>
      ),
    },
    {
      id: 'aliases',
      head: 'Aliases',
      width: 130,
      cell: ({ aliases, stage }) => (
        <span className="badges">
          {aliases.map((alias) => (
            <Badge key={alias} tone="accent">
              {alias}
            </Badge>
          ))}
          {stage === 'None' || stage === '' ? null : <Badge title="MLflow’s stage">{stage}</Badge>}
          {aliases.length === 0 && (stage === 'None' || stage === '') ? <Nothing /> : null}
        </span>
      ),
    },
    {
      id: 'digest',
      head: 'Digest',
      width: 100,
      cell: ({ digest, noDigestReason }) =>
        digest ? (
          <Hash value={digest} />
        ) : (
          <Badge tone="warn" title={noDigestReason ?? undefined}>
            no digest
          </Badge>
        ),
    },
    {
      id: 'integrity',
      head: 'Bytes',
      width: 104,
      cell: ({ integrity, fileCount }) => (fileCount === 0 ? <Nothing /> : <IntegrityBadge integrity={integrity} />),
    },
    {
      id: 'size',
      head: 'Size',
      kind: 'number',
      width: 84,
      cell: ({ totalBytes, fileCount }) => (fileCount === 0 ? <Nothing /> : <Bytes value={totalBytes} />),
    },
    {
      id: 'run',
      head: 'Run',
      cell: ({ run, runEvidence, withdrawnData }) =>
        run ? (
          <span className="marked">
            <Link href={runHref(run.runId)} title={run.name}>
              {run.name}
            </Link>
            <span title={`${EVIDENCE_WORDS[runEvidence].word}: ${EVIDENCE_WORDS[runEvidence].meaning}`}>
              <EvidenceLine evidence={runEvidence} />
            </span>
            <WithdrawnMark data={withdrawnData} />
          </span>
        ) : (
          <Badge tone="warn">not known</Badge>
        ),
    },
    {
      id: 'deployed',
      head: 'Live at',
      cell: ({ deployments }) => {
        const live = deployments.nodes.filter(({ isLive }) => isLive);
        return live.length === 0 ? (
          <Nothing />
        ) : (
          live.map(({ id, environment, target }) => (
            <Link key={id} href={`/deployments/${id}`}>
              <Badge tone="ok" dot>
                {environment} / {target}
              </Badge>
            </Link>
          ))
        );
      },
    },
    {
      id: 'made',
      head: 'Registered',
      width: 92,
      cell: ({ createdAt, createdBy }) => (
        <span title={`by ${createdBy}`}>
          <Time at={createdAt} />
        </span>
      ),
    },
    {
      id: 'promote',
      head: '',
      width: 92,
      cell: (version) => (
        <button type="button" className="button small" onClick={() => setPromoting(version)}>
          Promote
        </button>
      ),
    },
  ];
  return (
    <div className="page">
      {model.description === '' ? null : <p className="note">{model.description}</p>}
      <Loaded query={query}>
        {({ pages }) => {
          const rows = pages.flatMap((page) => page.model?.versions.nodes ?? []);
          return rows.length === 0 ? (
            <Empty title="No versions yet">
              <p>Register what a run made, from its page, or in code:</p>
              <Code
                label="Register a version"
                text={`import mlflow\nmlflow.set_tracking_uri("${origin}")\nmlflow.register_model("runs:/RUN_ID/model", "${model.name}")`}
              />
            </Empty>
          ) : (
            <>
              <Table label={`Versions of ${model.name}`} columns={columns} rows={rows} keyOf={({ id }) => id} minWidth={1120} />
              <More query={query} shown={rows.length} total={model.versionCount} noun="versions" />
            </>
          );
        }}
      </Loaded>
      <PromoteDialog
        version={promoting === null ? null : { id: promoting.id, label: `version ${promoting.version} of ${model.name}` }}
        onClose={() => setPromoting(null)}
      />
    </div>
  );
}
