'use client';

// What changed in a table between two versions: its columns, how many rows came, went and changed, and some of them cell by cell. Rows
// are recognised by a key; which one is said, and can be chosen.

import { Popover } from 'radix-ui';
import { useState } from 'react';

import { useData } from '../api/hooks.ts';
import { graphql } from '../gql/gql.ts';
import type { TableDiffQuery } from '../gql/graphql.ts';
import { counted, formatCount } from '../logic/format.ts';
import { refs } from '../logic/links.ts';
import { sampleRows } from '../logic/table-diff.ts';
import type { SampleCell } from '../logic/table-diff.ts';
import { readList, writeList } from '../logic/url-state.ts';
import type { Tone } from '../ui/badge.tsx';
import { Badge } from '../ui/badge.tsx';
import { Section } from '../ui/head.tsx';
import { DownIcon } from '../ui/icons.tsx';
import { Empty, Failure, FailureLine, Skeleton } from '../ui/states.tsx';
import type { Column } from '../ui/table.tsx';
import { Table } from '../ui/table.tsx';
import { useUrl } from '../ui/use-url.ts';
import { Notes } from './table-notes.tsx';

const TableDiffDocument = graphql(`
  query TableDiff($from: ID!, $to: ID!, $path: String!, $fromPath: String, $key: [String!]) {
    tableDiff(from: $from, to: $to, path: $path, fromPath: $fromPath, key: $key, sample: 30) {
      columns {
        name
        change
        before
        after
      }
      isSame
      rowsBefore
      rowsAfter
      key
      addedRows
      removedRows
      changedRows
      changedColumns {
        name
        rowCount
      }
      sampleColumns
      sample {
        change
        before
        after
      }
      notes
    }
  }
`);

type Diff = TableDiffQuery['tableDiff'];
type ColumnChange = Diff['columns'][number];

/** A key of more columns than this says nothing that fewer would not. */
const MOST_KEY_COLUMNS = 10;

const COLUMN_CHANGES: Readonly<Record<ColumnChange['change'], { word: string; tone: Tone }>> = {
  ADDED: { word: '+ added', tone: 'ok' },
  REMOVED: { word: '− removed', tone: 'bad' },
  RETYPED: { word: '± another type', tone: 'warn' },
};

const SCHEMA_COLUMNS: readonly Column<ColumnChange>[] = [
  {
    id: 'change',
    head: 'Change',
    width: 130,
    cell: ({ change }) => <Badge tone={COLUMN_CHANGES[change].tone}>{COLUMN_CHANGES[change].word}</Badge>,
  },
  { id: 'name', head: 'Column', kind: 'mono', cell: ({ name }) => <span title={name}>{name}</span> },
  { id: 'before', head: 'Type before', kind: 'mono', cell: ({ before }) => before?.toLowerCase() ?? '–' },
  { id: 'after', head: 'Type after', kind: 'mono', cell: ({ after }) => after?.toLowerCase() ?? '–' },
];

interface Props {
  dataset: string;
  from: string;
  to: string;
  path: string;
  /** Where the table stands in the first version. */
  fromPath: string;
}

export function TableDiff({ dataset, from, to, path, fromPath }: Props) {
  const url = useUrl();
  const key = readList(url.get('key'));
  const tables = {
    from: refs.datasetVersion(dataset, from),
    to: refs.datasetVersion(dataset, to),
    path,
    fromPath: fromPath === path ? null : fromPath,
  };
  const query = useData(TableDiffDocument, { ...tables, key: key.length === 0 ? null : key }, { staleMs: Infinity });
  // Columns that are no key are refused: what there is to choose from is then told by the comparison that needs none.
  const isRefused = key.length > 0 && query.error?.code === 'BAD_USER_INPUT';
  const plain = useData(TableDiffDocument, { ...tables, key: null }, { staleMs: Infinity, enabled: isRefused });
  const choose = (columns: readonly string[]) => url.set({ key: writeList(columns) });
  if (isRefused) {
    return (
      <div className="diff-counts">
        <FailureLine error={query.error} />
        <span className="spacer" />
        <KeyChooser columns={plain.data?.tableDiff.sampleColumns ?? []} current={key} onKey={choose} label="Choose another key" />
      </div>
    );
  }
  if (query.data !== undefined) return <Shown diff={query.data.tableDiff} onKey={choose} />;
  if (query.error !== null) return <Failure error={query.error} retry={query.refetch} />;
  return <Skeleton rows={8} label="Comparing the rows" />;
}

function Shown({ diff, onKey }: { diff: Diff; onKey: (columns: readonly string[]) => void }) {
  const differing = Number(diff.addedRows) + Number(diff.removedRows) + Number(diff.changedRows);
  if (diff.isSame) {
    return (
      <Empty title="Nothing differs">
        <p>The two files are the same bytes.</p>
      </Empty>
    );
  }
  return (
    <>
      <div className="diff-counts">
        <Badge tone="ok">+ {counted(diff.addedRows, 'row')} added</Badge>
        <Badge tone="bad">− {formatCount(diff.removedRows)} removed</Badge>
        <Badge tone="warn">± {formatCount(diff.changedRows)} changed</Badge>
        <span className="quiet">
          {diff.rowsBefore ? formatCount(diff.rowsBefore) : '–'} → {diff.rowsAfter ? counted(diff.rowsAfter, 'row') : '–'}
        </span>
        <span className="spacer" />
        <KeyChooser
          columns={diff.sampleColumns}
          current={diff.key}
          onKey={onKey}
          label={diff.key.length === 0 ? 'Rows compared whole' : `Rows recognised by ${diff.key.join(', ')}`}
        />
      </div>
      {diff.key.length === 0 ? (
        <p className="note">
          No column tells every row apart, so rows are compared whole: one that changed counts as removed and added. Choose the columns that
          name a row to see what changed in it.
        </p>
      ) : null}
      <Notes notes={diff.notes} />
      {diff.columns.length === 0 && differing === 0 ? (
        <Empty title="Nothing differs">
          <p>The two tables have the same columns and rows.</p>
        </Empty>
      ) : null}
      {diff.columns.length > 0 ? (
        <Section title="Columns that differ" aside={formatCount(diff.columns.length)}>
          <Table label="Columns that differ" columns={SCHEMA_COLUMNS} rows={diff.columns} keyOf={({ name }) => name} />
        </Section>
      ) : null}
      {diff.changedColumns.length > 0 ? (
        <Section title="Where rows changed">
          <p className="changed-columns">
            {diff.changedColumns.slice(0, 30).map(({ name, rowCount }) => (
              <span key={name}>
                <span className="mono">{name}</span> in {counted(rowCount, 'row')}
              </span>
            ))}
            {diff.changedColumns.length > 30 ? <span>and {counted(diff.changedColumns.length - 30, 'more column')}</span> : null}
          </p>
        </Section>
      ) : null}
      {diff.sample.length > 0 ? <Sample diff={diff} /> : null}
    </>
  );
}

const ROW_MARKS = {
  ADDED: { sign: '+', word: 'added' },
  REMOVED: { sign: '−', word: 'removed' },
  CHANGED: { sign: '±', word: 'changed' },
} as const;

function Sample({ diff }: { diff: Diff }) {
  const rows = sampleRows(diff);
  const all = Number(diff.addedRows) + Number(diff.removedRows) + Number(diff.changedRows);
  return (
    <Section title="Rows that differ" aside={all > rows.length ? `${formatCount(rows.length)} of ${formatCount(all)}` : formatCount(all)}>
      <div className="table-box preview-table">
        <table className="table auto diff-sample" aria-label="Rows that differ">
          <thead>
            <tr>
              <th scope="col">Change</th>
              {diff.sampleColumns.map((name) => (
                <th key={name} scope="col" title={name}>
                  {name}
                  {diff.key.includes(name) ? <small> key</small> : null}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map(({ change, cells }, index) => (
              <tr key={index} className={change.toLowerCase()}>
                <th scope="row">
                  {ROW_MARKS[change].sign} {ROW_MARKS[change].word}
                </th>
                {cells.map((cell, place) => (
                  <Cell key={place} cell={cell} />
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </Section>
  );
}

function Cell({ cell }: { cell: SampleCell }) {
  if (!cell.isChanged) {
    return (
      <td className="mono" title={cell.value ?? undefined}>
        <Value value={cell.value} />
      </td>
    );
  }
  return (
    <td className="mono changed">
      <del>
        <Value value={cell.before} />
      </del>{' '}
      <span aria-hidden="true">→</span>{' '}
      <ins>
        <Value value={cell.value} />
      </ins>
    </td>
  );
}

function Value({ value }: { value: string | null }) {
  return value === null ? <i className="null">null</i> : value;
}

interface ChooserProps {
  columns: readonly string[];
  current: readonly string[];
  label: string;
  /** An empty list: the server finds one. */
  onKey: (columns: readonly string[]) => void;
}

function KeyChooser({ columns, current, label, onKey }: ChooserProps) {
  const [isOpen, setOpen] = useState(false);
  const choose = (key: readonly string[]) => {
    setOpen(false);
    onKey(key);
  };
  return (
    <Popover.Root open={isOpen} onOpenChange={setOpen}>
      <Popover.Trigger className="button key-button">
        <span className="clamp">{label}</span>
        <DownIcon />
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Content className="popover" align="end" sideOffset={4} aria-label="Recognise rows by">
          <form
            onSubmit={(event) => {
              event.preventDefault();
              const chosen = new FormData(event.currentTarget).getAll('key').filter((one) => typeof one === 'string');
              choose(chosen.slice(0, MOST_KEY_COLUMNS));
            }}
          >
            <fieldset className="popover-list">
              <legend>Columns that name a row together</legend>
              {columns.map((name) => (
                <label key={name}>
                  <input type="checkbox" name="key" value={name} defaultChecked={current.includes(name)} />
                  <span title={name}>{name}</span>
                </label>
              ))}
            </fieldset>
            <div className="form-foot">
              <button type="button" className="button" onClick={() => choose([])}>
                Find one
              </button>
              <button type="submit" className="button primary">
                Compare
              </button>
            </div>
          </form>
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  );
}
