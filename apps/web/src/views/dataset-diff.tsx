'use client';

import { usePages } from '../api/hooks.ts';
import { graphql } from '../gql/gql.ts';
import type { DatasetDiffQuery } from '../gql/graphql.ts';
import { formatBytes, formatCount } from '../logic/format.ts';
import { datasetHref, datasetVersionHref, refs } from '../logic/links.ts';
import type { Tone } from '../ui/badge.tsx';
import { Badge } from '../ui/badge.tsx';
import { Head } from '../ui/head.tsx';
import { Link } from '../ui/link.tsx';
import { Empty, Loaded } from '../ui/states.tsx';
import type { Column } from '../ui/table.tsx';
import { More, Table } from '../ui/table.tsx';
import { Bytes, Hash, Nothing } from '../ui/text.tsx';
import { useUrl } from '../ui/use-url.ts';

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

type Difference = DatasetDiffQuery['datasetDiff']['differences'][number];

const CHANGES: Readonly<Record<Difference['change'], { word: string; tone: Tone }>> = {
  ADDED: { word: '+ added', tone: 'ok' },
  REMOVED: { word: '− removed', tone: 'bad' },
  CHANGED: { word: '± changed', tone: 'warn' },
};

const COLUMNS: readonly Column<Difference>[] = [
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
];

/** What changed from one version of a dataset to another; which two lives in the address. */
export function DatasetDiffView({ name }: { name: string }) {
  const url = useUrl();
  const from = numberIn(url.get('from'));
  const to = numberIn(url.get('to'));
  const ready = from !== null && to !== null;
  const query = usePages(
    DiffDocument,
    { from: refs.datasetVersion(name, from ?? '1'), to: refs.datasetVersion(name, to ?? '1'), after: null },
    (data) => data.datasetDiff,
    { enabled: ready, keep: true },
  );
  return (
    <>
      <Head
        crumbs={[
          { label: 'Datasets', href: '/datasets' },
          { label: name, href: datasetHref(name) },
        ]}
        title={ready ? `${name}: @${from} → @${to}` : `Compare versions of ${name}`}
        actions={
          ready ? (
            <button type="button" className="button" onClick={() => url.set({ from: to, to: from })}>
              Turn around
            </button>
          ) : undefined
        }
      />
      {ready ? (
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
                    <Link className="mono" href={datasetVersionHref(name, diff.from.number)}>
                      @{diff.from.number}
                    </Link>
                    <Hash value={diff.from.digest} />→
                    <Link className="mono" href={datasetVersionHref(name, diff.to.number)}>
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
                      <Table label="What differs" columns={COLUMNS} rows={rows} keyOf={({ path }) => path} minWidth={720} />
                      <More query={query} shown={rows.length} total={total} noun="paths that differ" />
                    </>
                  )}
                </div>
              </>
            );
          }}
        </Loaded>
      ) : (
        <div className="page">
          <Empty title="Which two versions?">
            <p>
              Choose “Diff…” beside a version on the <Link href={datasetHref(name)}>dataset’s page</Link>.
            </p>
          </Empty>
        </div>
      )}
    </>
  );
}

function numberIn(value: string | null): string | null {
  return value !== null && /^[1-9]\d{0,8}$/.test(value) ? value : null;
}
