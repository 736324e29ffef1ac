'use client';

// Two versions of a dataset side by side: their files, or one table of them row by row. What is looked at lives in the address.

import type { ReactNode } from 'react';

import { useData } from '../api/hooks.ts';
import { graphql } from '../gql/gql.ts';
import { refs } from '../logic/links.ts';
import { counterpart } from '../logic/table-diff.ts';
import { Empty, Loaded, Skeleton } from '../ui/states.tsx';
import { useUrl } from '../ui/use-url.ts';
import { FileDiff } from './file-diff.tsx';
import { TableDiff } from './table-diff.tsx';

const ComparedTablesDocument = graphql(`
  query ComparedTables($from: ID!, $to: ID!) {
    from: datasetVersion(id: $from) {
      id
      tables(first: 100) {
        nodes {
          path
        }
      }
    }
    to: datasetVersion(id: $to) {
      id
      tables(first: 100) {
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

/** `children` stand before the choice of what is compared: which versions they are. */
export function VersionComparison({ dataset, from, to, children }: Props & { children?: ReactNode }) {
  const url = useUrl();
  const isByRows = url.get('by') === 'rows';
  const query = useData(ComparedTablesDocument, { from: refs.datasetVersion(dataset, from), to: refs.datasetVersion(dataset, to) });
  const before = new Set(query.data?.from?.tables.nodes.map(({ path }) => path));
  const compared = new Set(query.data?.to?.tables.nodes.map(({ path }) => path).filter((path) => before.has(path)));
  const rowsOf = (path: string) => (compared.has(path) ? url.href({ by: 'rows', table: path, fromTable: null, key: null }) : null);
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
          const before = data.from?.tables.nodes.map(({ path }) => path) ?? [];
          const after = data.to?.tables.nodes.map(({ path }) => path) ?? [];
          const [first] = after;
          if (first === undefined || before.length === 0) {
            return (
              <Empty title="No tables to compare">
                <p>
                  {dataset}@{first === undefined ? to : from} has no table among its files.
                </p>
              </Empty>
            );
          }
          const asked = url.get('table');
          const path = asked !== null && after.includes(asked) ? asked : (after.find((one) => before.includes(one)) ?? first);
          const fromPath = counterpart(path, before, url.get('fromTable'));
          return (
            <>
              <div className="diff-tables">
                <Chooser
                  label={`Table of @${from}`}
                  paths={before}
                  chosen={fromPath}
                  onChosen={(next) => url.set({ fromTable: next, key: null })}
                />
                <span aria-hidden="true">→</span>
                <Chooser
                  label={`Table of @${to}`}
                  paths={after}
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

interface ChooserProps {
  label: string;
  paths: readonly string[];
  chosen: string | null;
  onChosen: (path: string) => void;
}

function Chooser({ label, paths, chosen, onChosen }: ChooserProps) {
  return (
    <label className="inline-field">
      {label}
      <select className="input mono" value={chosen ?? ''} onChange={(event) => onChosen(event.currentTarget.value)}>
        {chosen === null ? <option value="">choose…</option> : null}
        {paths.map((path) => (
          <option key={path} value={path}>
            {path}
          </option>
        ))}
      </select>
    </label>
  );
}
