'use client';

// Two versions of a dataset side by side: their files, or one table of them row by row. What is looked at lives in the address.

import type { ReactNode } from 'react';

import { useData } from '../api/hooks.ts';
import { graphql } from '../gql/gql.ts';
import type { ComparedTablesQuery } from '../gql/graphql.ts';
import { refs } from '../logic/links.ts';
import { counterpart, mayHold } from '../logic/table-diff.ts';
import type { TableList } from '../logic/table-diff.ts';
import { Empty, Loaded, Skeleton } from '../ui/states.tsx';
import { useUrl } from '../ui/use-url.ts';
import { FileDiff } from './file-diff.tsx';
import { TableChooser } from './table-chooser.tsx';
import { TableDiff } from './table-diff.tsx';

const ComparedTablesDocument = graphql(`
  query ComparedTables($from: ID!, $to: ID!) {
    from: datasetVersion(id: $from) {
      id
      tables(first: 100) {
        pageInfo {
          hasNextPage
        }
        nodes {
          path
        }
      }
    }
    to: datasetVersion(id: $to) {
      id
      tables(first: 100) {
        pageInfo {
          hasNextPage
        }
        nodes {
          path
        }
      }
    }
  }
`);

interface Props {
  dataset: string;
  /** The numbers of the versions. */
  from: string;
  to: string;
}

type Listed = ComparedTablesQuery['from'] | undefined;

function listOf(version: Listed): TableList {
  return { paths: version?.tables.nodes.map(({ path }) => path) ?? [], isWhole: version?.tables.pageInfo.hasNextPage !== true };
}

/** `children` stand before the choice of what is compared: which versions they are. */
export function VersionComparison({ dataset, from, to, children }: Props & { children?: ReactNode }) {
  const url = useUrl();
  const isByRows = url.get('by') === 'rows';
  const query = useData(ComparedTablesDocument, { from: refs.datasetVersion(dataset, from), to: refs.datasetVersion(dataset, to) });
  const [before, after] = [listOf(query.data?.from), listOf(query.data?.to)];
  const rowsOf = (path: string) =>
    mayHold(before, path) && mayHold(after, path) ? url.href({ by: 'rows', table: path, fromTable: null, key: null }) : null;
  return (
    <>
      <div className="bar">
        {children}
        <div className="segmented" role="group" aria-label="Compare by">
          <button type="button" className="button" aria-pressed={!isByRows} onClick={() => url.set({ by: null, key: null })}>
            Files
          </button>
          <button type="button" className="button" aria-pressed={isByRows} onClick={() => url.set({ by: 'rows' })}>
            Rows of a table
          </button>
        </div>
      </div>
      {isByRows ? <Rows dataset={dataset} from={from} to={to} /> : <FileDiff dataset={dataset} from={from} to={to} rowsOf={rowsOf} />}
    </>
  );
}

function Rows({ dataset, from, to }: Props) {
  const url = useUrl();
  const query = useData(ComparedTablesDocument, { from: refs.datasetVersion(dataset, from), to: refs.datasetVersion(dataset, to) });
  return (
    <div className="page">
      <Loaded query={query} skeleton={<Skeleton rows={8} />}>
        {(data) => {
          const [before, after] = [listOf(data.from), listOf(data.to)];
          const [first] = after.paths;
          if (first === undefined || before.paths.length === 0) {
            return (
              <Empty title="No tables to compare">
                <p>
                  {dataset}@{first === undefined ? to : from} has no table among its files.
                </p>
              </Empty>
            );
          }
          const asked = url.get('table');
          const path = asked !== null && mayHold(after, asked) ? asked : (after.paths.find((one) => mayHold(before, one)) ?? first);
          const fromPath = counterpart(path, before, url.get('fromTable'));
          return (
            <>
              <div className="diff-tables">
                <TableChooser
                  label={`Table of @${from}`}
                  version={refs.datasetVersion(dataset, from)}
                  chosen={fromPath}
                  onChosen={(next) => url.set({ fromTable: next, key: null })}
                />
                <span aria-hidden="true">→</span>
                <TableChooser
                  label={`Table of @${to}`}
                  version={refs.datasetVersion(dataset, to)}
                  chosen={path}
                  onChosen={(next) => url.set({ table: next, fromTable: null, key: null })}
                />
              </div>
              {fromPath === null ? (
                <p className="note">
                  @{from} has no {path}. Choose the table that it was before.
                </p>
              ) : (
                <TableDiff dataset={dataset} from={from} to={to} path={path} fromPath={fromPath} />
              )}
            </>
          );
        }}
      </Loaded>
    </div>
  );
}
