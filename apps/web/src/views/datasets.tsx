'use client';

import { useState } from 'react';

import { usePages } from '../api/hooks.ts';
import { graphql } from '../gql/gql.ts';
import type { DatasetsQuery } from '../gql/graphql.ts';
import { counted } from '../logic/format.ts';
import { datasetHref, datasetVersionHref } from '../logic/links.ts';
import { SearchBar } from '../parts/search-bar.tsx';
import { RegisterDatasetLines } from '../parts/dataset-lines.tsx';
import { UploadVersion } from '../parts/upload-version.tsx';
import { Badge, IntegrityBadge } from '../ui/badge.tsx';
import { Head } from '../ui/head.tsx';
import { Link } from '../ui/link.tsx';
import { Empty, Loaded, useRested } from '../ui/states.tsx';
import type { Column } from '../ui/table.tsx';
import { More, Table } from '../ui/table.tsx';
import { Bytes, Hash, Nothing, Num, Time } from '../ui/text.tsx';
import { useUrl } from '../ui/use-url.ts';

const DatasetsDocument = graphql(`
  query Datasets($search: String, $after: String) {
    datasets(search: $search, first: 50, after: $after) {
      totalCount
      pageInfo {
        hasNextPage
        endCursor
      }
      nodes {
        id
        name
        description
        versionCount
        current {
          number
          digest
          fileCount
          totalBytes
          integrity
          checkedAt
          createdAt
          retraction {
            reason
          }
        }
      }
    }
  }
`);

type Dataset = DatasetsQuery['datasets']['nodes'][number];

const COLUMNS: readonly Column<Dataset>[] = [
  {
    id: 'name',
    head: 'Name',
    cell: ({ name, description }) => (
      <Link href={datasetHref(name)} title={description === '' ? name : description}>
        {name}
      </Link>
    ),
  },
  {
    id: 'current',
    head: 'Current version',
    kind: 'mono',
    cell: ({ name, current }) =>
      current ? (
        <Link href={datasetVersionHref(name, current.number)}>
          {name}@{current.number}
        </Link>
      ) : (
        <Nothing />
      ),
  },
  { id: 'digest', head: 'Digest', width: 120, cell: ({ current }) => <Hash value={current?.digest} /> },
  {
    id: 'state',
    head: 'Bytes',
    width: 120,
    cell: ({ current }) =>
      current ? (
        current.retraction ? (
          <Badge tone="retracted" title={current.retraction.reason}>
            withdrawn
          </Badge>
        ) : (
          <IntegrityBadge integrity={current.integrity} checkedAt={current.checkedAt} />
        )
      ) : (
        <Nothing />
      ),
  },
  {
    id: 'files',
    head: 'Files',
    width: 110,
    kind: 'number',
    cell: ({ current }) => (current ? counted(current.fileCount, 'file') : <Nothing />),
  },
  { id: 'size', head: 'Size', width: 96, kind: 'number', cell: ({ current }) => <Bytes value={current?.totalBytes} /> },
  { id: 'versions', head: 'Versions', width: 80, kind: 'number', cell: ({ versionCount }) => <Num value={versionCount} /> },
  { id: 'made', head: 'Registered', width: 110, cell: ({ current }) => <Time at={current?.createdAt} /> },
];

export function DatasetsView() {
  const url = useUrl();
  const [uploading, setUploading] = useState(false);
  const upload = (
    <button type="button" className="button primary" onClick={() => setUploading(true)}>
      Upload…
    </button>
  );
  const search = useRested((url.get('q') ?? '').trim());
  const query = usePages(DatasetsDocument, { search: search === '' ? null : search, after: null }, (data) => data.datasets, { keep: true });
  return (
    <>
      <Head title="Datasets" actions={upload} />
      <UploadVersion open={uploading} onClose={() => setUploading(false)} />
      <SearchBar label="Datasets by name" />
      <div className="page">
        <Loaded query={query}>
          {({ pages }) => {
            const rows = pages.flatMap((page) => page.datasets.nodes);
            if (rows.length === 0) {
              return search === '' ? (
                <Empty title="No datasets yet">
                  <p>
                    A dataset has versions; each is a fixed list of files, cited by one digest for ever. Upload files from here, or from
                    Python:
                  </p>
                  <RegisterDatasetLines name="penguins" />
                </Empty>
              ) : (
                <Empty title={`No dataset’s name contains ${search}`} />
              );
            }
            return (
              <>
                <Table label="Datasets" columns={COLUMNS} rows={rows} keyOf={({ id }) => id} minWidth={860} />
                <More query={query} shown={rows.length} total={pages[0]?.datasets.totalCount} noun="datasets" />
              </>
            );
          }}
        </Loaded>
      </div>
    </>
  );
}
