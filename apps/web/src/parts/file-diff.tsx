'use client';

// What changed from one version to another, path by path.

import { usePages } from '../api/hooks.ts';
import { graphql } from '../gql/gql.ts';
import type { DatasetDiffQuery } from '../gql/graphql.ts';
import { formatBytes, formatCount } from '../logic/format.ts';
import { datasetVersionHref, refs } from '../logic/links.ts';
import type { Tone } from '../ui/badge.tsx';
import { Badge } from '../ui/badge.tsx';
import { Link } from '../ui/link.tsx';
import { Empty, Loaded } from '../ui/states.tsx';
import type { Column } from '../ui/table.tsx';
import { More, Table } from '../ui/table.tsx';
import { Bytes, Hash, Nothing } from '../ui/text.tsx';

const DiffDocument = graphql(`
  query DatasetDiff($from: ID!, $to: ID!, $after: String) {
    datasetDiff(from: $from, to: $to, first: 200, after: $after) {
      from {
        number
        digest
      }
      to {
        number
        digest
      }
      addedCount
      removedCount
      changedCount
      unchangedCount
      bytesDelta
      differences {
        path
        change
        before {
          sizeBytes
          sha256
          downloadUrl
        }
        after {
          sizeBytes
          sha256
          downloadUrl
        }
      }
      pageInfo {
        hasNextPage
        endCursor
      }
    }
  }
`);

interface Props {
  dataset: string;
  from: string;
  to: string;
  /** Where the rows of a path are compared that is a table in both; null for every other. */
  rowsOf: (path: string) => string | null;
}

type Difference = DatasetDiffQuery['datasetDiff']['differences'][number];

const CHANGES: Readonly<Record<Difference['change'], { word: string; tone: Tone }>> = {
  ADDED: { word: '+ added', tone: 'ok' },
  REMOVED: { word: '− removed', tone: 'bad' },
  CHANGED: { word: '± changed', tone: 'warn' },
};

const columnsWith = (rowsOf: Props['rowsOf']): readonly Column<Difference>[] => [
  { id: 'change', head: 'Change', width: 110, cell: ({ change }) => <Badge tone={CHANGES[change].tone}>{CHANGES[change].word}</Badge> },
  { id: 'path', head: 'Path', kind: 'mono', cell: ({ path }) => <span title={path}>{path}</span> },
  { id: 'before', head: 'Before', kind: 'number', width: 100, cell: ({ before }) => <Bytes value={before?.sizeBytes} /> },
  {
    id: 'beforeHash',
    head: '',
    width: 110,
    cell: ({ before }) =>
      before ? (
        <a href={before.downloadUrl}>
          <Hash value={before.sha256} />
        </a>
      ) : (
        <Nothing />
      ),
  },
  { id: 'after', head: 'After', kind: 'number', width: 100, cell: ({ after }) => <Bytes value={after?.sizeBytes} /> },
  {
    id: 'afterHash',
    head: '',
    width: 110,
    cell: ({ after }) =>
      after ? (
        <a href={after.downloadUrl}>
          <Hash value={after.sha256} />
        </a>
      ) : (
        <Nothing />
      ),
  },
  {
    id: 'rows',
    head: '',
    width: 64,
    cell: ({ path, change }) => {
      const href = change === 'CHANGED' ? rowsOf(path) : null;
      return href === null ? null : (
        <Link href={href} aria-label={`Rows of ${path} that differ`}>
          Rows
        </Link>
      );
    },
  },
];

/** The paths that differ between two versions of a dataset, by number. */
export function FileDiff({ dataset, from, to, rowsOf }: Props) {
  const query = usePages(
    DiffDocument,
    { from: refs.datasetVersion(dataset, from), to: refs.datasetVersion(dataset, to), after: null },
    (data) => data.datasetDiff,
    { keep: true },
  );
  return (
    <Loaded query={query}>
      {({ pages }) => {
        const [first] = pages;
        if (first === undefined) return null;
        const diff = first.datasetDiff;
        const rows = pages.flatMap((page) => page.datasetDiff.differences);
        const total = diff.addedCount + diff.removedCount + diff.changedCount;
        return (
          <>
            <div className="bar tinted">
              <Badge tone="ok">{formatCount(diff.addedCount)} added</Badge>
              <Badge tone="bad">{formatCount(diff.removedCount)} removed</Badge>
              <Badge tone="warn">{formatCount(diff.changedCount)} changed</Badge>
              <Badge>{formatCount(diff.unchangedCount)} the same</Badge>
              <span className="mono">{`${Number(diff.bytesDelta) > 0 ? '+' : ''}${formatBytes(diff.bytesDelta)}`}</span>
              <span className="spacer" />
              <span className="badges">
                <Link className="mono" href={datasetVersionHref(dataset, diff.from.number)}>
                  @{diff.from.number}
                </Link>
                <Hash value={diff.from.digest} />→
                <Link className="mono" href={datasetVersionHref(dataset, diff.to.number)}>
                  @{diff.to.number}
                </Link>
                <Hash value={diff.to.digest} />
              </span>
            </div>
            <div className="page">
              {total === 0 ? (
                <Empty title="Nothing differs">
                  <p>The two versions hold the same bytes at the same paths.</p>
                </Empty>
              ) : (
                <>
                  <Table label="What differs" columns={columnsWith(rowsOf)} rows={rows} keyOf={({ path }) => path} minWidth={720} />
                  <More query={query} shown={rows.length} total={total} noun="paths that differ" />
                </>
              )}
            </div>
          </>
        );
      }}
    </Loaded>
  );
}
