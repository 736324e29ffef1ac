'use client';

import { useRouter } from 'next/navigation';
import { useState } from 'react';

import { act, useAct, usePages } from '../api/hooks.ts';
import { SetCurrentDocument } from '../api/dataset-version.ts';
import { graphql } from '../gql/gql.ts';
import type { DatasetPageQuery, DatasetVersionsQuery } from '../gql/graphql.ts';
import { datasetDiffHref, datasetVersionHref } from '../logic/links.ts';
import { RegisterDatasetLines } from '../parts/dataset-lines.tsx';
import { Badge, IntegrityBadge } from '../ui/badge.tsx';
import { Link } from '../ui/link.tsx';
import { Empty, Loaded } from '../ui/states.tsx';
import type { Column } from '../ui/table.tsx';
import { More, Table } from '../ui/table.tsx';
import { Bytes, Hash, Nothing, Time } from '../ui/text.tsx';

const VersionsDocument = graphql(`
  query DatasetVersions($id: ID!, $after: String) {
    dataset(id: $id) {
      id
      versions(first: 50, after: $after) {
        pageInfo {
          hasNextPage
          endCursor
        }
        nodes {
          id
          number
          digest
          message
          tags
          isCurrent
          fileCount
          totalBytes
          integrity
          checkedAt
          createdBy
          createdAt
          retraction {
            reason
          }
        }
      }
    }
  }
`);

type Dataset = NonNullable<DatasetPageQuery['dataset']>;
type Version = NonNullable<DatasetVersionsQuery['dataset']>['versions']['nodes'][number];

/** The versions of a dataset, newest first; two of them are chosen here to be compared. */
export function DatasetVersions({ dataset }: { dataset: Dataset }) {
  const [from, setFrom] = useState<number | null>(null);
  const query = usePages(VersionsDocument, { id: dataset.id, after: null }, (data) => data.dataset?.versions);
  const router = useRouter();
  const previous = dataset.current?.id;
  const makeCurrent = useAct(SetCurrentDocument, {
    done: () => ({
      text: `${dataset.name} has another current version.`,
      ...(previous === undefined ? {} : { undo: { run: () => act(SetCurrentDocument, { version: previous }) } }),
    }),
  });
  const columns: readonly Column<Version>[] = [
    {
      id: 'number',
      head: 'Version',
      width: 84,
      kind: 'mono',
      cell: ({ number }) => (
        <Link href={datasetVersionHref(dataset.name, number)} title={`${dataset.name}@${number}`}>
          @{number}
        </Link>
      ),
    },
    {
      id: 'tags',
      head: 'Tags',
      width: 110,
      cell: ({ tags }) =>
        tags.length === 0 ? (
          <Nothing />
        ) : (
          <span className="badges">
            {tags.map((tag) => (
              <Badge key={tag} tone="accent">
                {tag}
              </Badge>
            ))}
          </span>
        ),
    },
    { id: 'digest', head: 'Digest', width: 104, cell: ({ digest }) => <Hash value={digest} /> },
    {
      id: 'state',
      head: 'Bytes',
      width: 104,
      cell: ({ integrity, checkedAt, retraction }) =>
        retraction ? (
          <Badge tone="retracted" title={retraction.reason}>
            withdrawn
          </Badge>
        ) : (
          <IntegrityBadge integrity={integrity} checkedAt={checkedAt} />
        ),
    },
    { id: 'files', head: 'Files', width: 56, kind: 'number', cell: ({ fileCount }) => fileCount.toLocaleString('en') },
    { id: 'size', head: 'Size', width: 76, kind: 'number', cell: ({ totalBytes }) => <Bytes value={totalBytes} /> },
    { id: 'message', head: 'What changed', cell: ({ message }) => <span title={message}>{message}</span> },
    {
      id: 'made',
      head: 'Registered',
      width: 96,
      cell: ({ createdAt, createdBy }) => (
        <span title={`by ${createdBy}`}>
          <Time at={createdAt} />
        </span>
      ),
    },
    {
      id: 'actions',
      head: '',
      width: 150,
      cell: (version) => (
        <span className="badges">
          {from === null ? (
            <button type="button" className="text-button" onClick={() => setFrom(version.number)}>
              Diff…
            </button>
          ) : from === version.number ? (
            <button type="button" className="text-button" onClick={() => setFrom(null)}>
              from here, to…
            </button>
          ) : (
            <button type="button" className="text-button" onClick={() => router.push(datasetDiffHref(dataset.name, from, version.number))}>
              to here
            </button>
          )}
          {version.isCurrent ? null : (
            <button type="button" className="text-button" onClick={() => makeCurrent.mutate({ version: version.id })}>
              Make current
            </button>
          )}
        </span>
      ),
    },
  ];
  return (
    <div className="page">
      {dataset.description === '' ? null : <p className="note">{dataset.description}</p>}
      <Loaded query={query}>
        {({ pages }) => {
          const rows = pages.flatMap((page) => page.dataset?.versions.nodes ?? []);
          return rows.length === 0 ? (
            <Empty title="No versions yet">
              <p>A version is a fixed list of files that were uploaded before:</p>
              <RegisterDatasetLines name={dataset.name} />
            </Empty>
          ) : (
            <>
              <Table
                label={`Versions of ${dataset.name}`}
                columns={columns}
                rows={rows}
                keyOf={({ id }) => id}
                faded={({ retraction }) => !!retraction}
                minWidth={980}
              />
              <More query={query} shown={rows.length} total={dataset.versionCount} noun="versions" />
            </>
          );
        }}
      </Loaded>
    </div>
  );
}
