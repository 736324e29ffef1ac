'use client';

import { usePages } from '../api/hooks.ts';
import type { ModelVersionDetails } from '../api/model-version.ts';
import { graphql } from '../gql/gql.ts';
import type { VersionFilesQuery } from '../gql/graphql.ts';
import { VerifyButton } from '../parts/trace.tsx';
import { IntegrityBadge } from '../ui/badge.tsx';
import { Section } from '../ui/head.tsx';
import { DownloadIcon } from '../ui/icons.tsx';
import { Empty, Loaded } from '../ui/states.tsx';
import { More, Table } from '../ui/table.tsx';
import type { Column } from '../ui/table.tsx';
import { Bytes, Hash, Time } from '../ui/text.tsx';

const FilesDocument = graphql(`
  query VersionFiles($id: ID!, $after: String) {
    modelVersion(id: $id) {
      id
      files(first: 100, after: $after) {
        totalCount
        pageInfo {
          hasNextPage
          endCursor
        }
        nodes {
          path
          sizeBytes
          sha256
          integrity
          checkedAt
          downloadUrl
        }
      }
    }
  }
`);

type VersionFile = NonNullable<VersionFilesQuery['modelVersion']>['files']['nodes'][number];

const FILE_COLUMNS: readonly Column<VersionFile>[] = [
  { id: 'path', head: 'Path', kind: 'mono', cell: ({ path }) => <span title={path}>{path}</span> },
  { id: 'size', head: 'Size', kind: 'number', width: 96, cell: ({ sizeBytes }) => <Bytes value={sizeBytes} /> },
  { id: 'sha', head: 'SHA-256', width: 150, cell: ({ sha256 }) => <Hash value={sha256} copy /> },
  {
    id: 'integrity',
    head: 'Integrity',
    width: 120,
    cell: ({ integrity, checkedAt }) => <IntegrityBadge integrity={integrity} checkedAt={checkedAt} />,
  },
  { id: 'checked', head: 'Checked', width: 110, cell: ({ checkedAt }) => <Time at={checkedAt} /> },
  {
    id: 'download',
    head: '',
    width: 44,
    cell: ({ path, downloadUrl }) => (
      <a className="icon-button" href={downloadUrl} download={path.split('/').at(-1)} aria-label={`Download ${path}`} title="Download">
        <DownloadIcon />
      </a>
    ),
  },
];

/** What was frozen when the version was registered. */
export function ModelVersionFiles({ version }: { version: ModelVersionDetails }) {
  const query = usePages(FilesDocument, { id: version.id, after: null }, (data) => data.modelVersion?.files);
  return (
    <div className="page">
      <Section title="Frozen files" aside={<VerifyButton root={version.id} />}>
        <Loaded query={query}>
          {({ pages }) => {
            const files = pages.flatMap((page) => page.modelVersion?.files.nodes ?? []);
            return files.length === 0 ? (
              <Empty title="No files here">
                <p>{version.noDigestReason ?? 'This version’s files are elsewhere.'}</p>
              </Empty>
            ) : (
              <>
                <Table label="Frozen files" columns={FILE_COLUMNS} rows={files} keyOf={({ path }) => path} minWidth={720} />
                <More query={query} shown={files.length} total={version.fileCount} noun="files" />
              </>
            );
          }}
        </Loaded>
      </Section>
    </div>
  );
}
