'use client';

// The columns of a table, one a line: what is missing, how many values there are, between what, and how they are spread. A line opens
// to its quantiles and most frequent values; which are open lives in the address.

import { useRef, useState } from 'react';

import type { TableProfileQuery } from '../gql/graphql.ts';
import { formatCount, fullNumber } from '../logic/format.ts';
import { barShare, formatCell, formatShare, topBars } from '../logic/profile.ts';
import { readList, writeList } from '../logic/url-state.ts';
import { Facts, Nothing, Num } from '../ui/text.tsx';
import { useKeys } from '../ui/use-keys.ts';
import { useUrl } from '../ui/use-url.ts';
import { Histogram, TopStrip } from './histogram.tsx';

type Profile = NonNullable<NonNullable<NonNullable<TableProfileQuery['datasetVersion']>['table']>['profile']>;
type Column = Profile['columns'][number];

/** With more columns than this, they can be searched by name. */
const SEARCHED_FROM = 12;
const TOP_IN_STRIP = 5;
const COLUMNS = ['Column', 'Missing', 'Distinct', 'Min', 'Mean', 'Max', 'Values'] as const;
const NUMERIC = new Set<string>(['Distinct', 'Min', 'Mean', 'Max']);

export function ColumnProfiles({ profile, label }: { profile: Profile; label: string }) {
  const url = useUrl();
  const [search, setSearch] = useState('');
  const input = useRef<HTMLInputElement>(null);
  useKeys({ '/': () => input.current?.focus() });
  const open = readList(url.get('columns'));
  const toggle = (name: string) =>
    url.set({ columns: writeList(open.includes(name) ? open.filter((one) => one !== name) : [...open, name]) });
  const wanted = search.trim().toLowerCase();
  const shown = profile.columns.filter(({ name }) => name.toLowerCase().includes(wanted));
  return (
    <>
      {profile.columns.length > SEARCHED_FROM ? (
        <input
          ref={input}
          type="search"
          className="input column-search"
          placeholder="Find a column"
          aria-label="Find a column"
          value={search}
          onChange={(event) => setSearch(event.currentTarget.value)}
        />
      ) : null}
      <div className="table-box">
        <table className="table profile" aria-label={`Columns of ${label}`}>
          <colgroup>
            <col />
            <col style={{ width: 104 }} />
            <col style={{ width: 76 }} />
            <col style={{ width: 84 }} />
            <col style={{ width: 80 }} />
            <col style={{ width: 84 }} />
            <col style={{ width: '24%' }} />
          </colgroup>
          <thead>
            <tr>
              {COLUMNS.map((head) => (
                <th key={head} scope="col" className={NUMERIC.has(head) ? 'number' : undefined}>
                  {head}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {shown.map((column) => (
              <ColumnRows
                key={column.name}
                column={column}
                rowCount={profile.rowCount}
                isOpen={open.includes(column.name)}
                onToggle={() => toggle(column.name)}
              />
            ))}
          </tbody>
        </table>
      </div>
      {shown.length === 0 ? <p className="note">No column has “{search.trim()}” in its name.</p> : null}
    </>
  );
}

interface RowProps {
  column: Column;
  rowCount: string;
  isOpen: boolean;
  onToggle: () => void;
}

function ColumnRows({ column, rowCount, isOpen, onToggle }: RowProps) {
  const { name, type, kind, nullCount, distinctCount, isDistinctEstimated, min, max, mean, histogram } = column;
  const distinct = `${isDistinctEstimated ? 'about ' : ''}${formatCount(distinctCount)}`;
  return (
    <>
      <tr className={isOpen ? 'open' : undefined}>
        <td>
          <button
            type="button"
            className="group-toggle"
            aria-expanded={isOpen}
            aria-label={`${name}, ${type}`}
            title={`${name}: ${type}`}
            onClick={onToggle}
          >
            <span aria-hidden="true">{isOpen ? '▾' : '▸'}</span>
            <span className="mono">{name}</span>
            <small className="mono quiet">{type.toLowerCase()}</small>
          </button>
        </td>
        <td>
          <span className="share" title={`${formatCount(nullCount)} of ${formatCount(rowCount)} rows`}>
            <span className="share-bar" aria-hidden="true">
              <span style={{ width: `${barShare(nullCount, rowCount) * 100}%` }} />
            </span>
            {formatShare(nullCount, rowCount)}
          </span>
        </td>
        <td className="number" title={distinct}>
          {isDistinctEstimated ? '~' : ''}
          {formatCount(distinctCount)}
        </td>
        <td className="number" title={min ?? undefined}>
          {formatCell(min, kind)}
        </td>
        <td className="number">
          <Num value={mean} />
        </td>
        <td className="number" title={max ?? undefined}>
          {formatCell(max, kind)}
        </td>
        <td className="drawing">
          {histogram.length > 0 ? <Histogram bins={histogram} kind={kind} /> : <Frequent column={column} rowCount={rowCount} />}
        </td>
      </tr>
      {isOpen ? (
        <tr className="more-of">
          <td colSpan={COLUMNS.length}>
            <Details column={column} rowCount={rowCount} />
          </td>
        </tr>
      ) : null}
    </>
  );
}

function Frequent({ column: { top, distinctCount, nullCount }, rowCount }: Pick<RowProps, 'column' | 'rowCount'>) {
  if (top.length > 0) return <TopStrip bars={topBars(top, Number(rowCount) - Number(nullCount), TOP_IN_STRIP)} />;
  return distinctCount === '0' ? <Nothing /> : <span className="quiet">every value is different</span>;
}

function Details({ column, rowCount }: Pick<RowProps, 'column' | 'rowCount'>) {
  const {
    type,
    kind,
    nullCount,
    distinctCount,
    isDistinctEstimated,
    min,
    max,
    standardDeviation,
    quantiles,
    notFiniteCount,
    histogram,
    top,
  } = column;
  return (
    <div className="column-details">
      <Facts
        rows={[
          [
            'Type',
            <span key="type" className="mono">
              {type}
            </span>,
          ],
          ['Not missing', `${formatCount(Number(rowCount) - Number(nullCount))} of ${formatCount(rowCount)}`],
          ['Distinct', `${isDistinctEstimated ? 'about ' : ''}${formatCount(distinctCount)}`],
          kind === 'NUMBER' ? null : ['First and last', `${min ?? '–'} … ${max ?? '–'}`],
          standardDeviation === null ? null : ['Standard deviation', <Num key="deviation" value={standardDeviation} />],
          Number(notFiniteCount) > 0 ? ['NaN or infinite', formatCount(notFiniteCount)] : null,
          ...quantiles.map(({ level, value }) => [quantileWord(level), <Num key={level} value={value} />] as const),
        ]}
      />
      {histogram.length > 0 ? (
        <div>
          <h3 className="sub">Spread</h3>
          <Histogram bins={histogram} kind={kind} large />
        </div>
      ) : null}
      {top.length > 0 ? (
        <div>
          <h3 className="sub">Most frequent</h3>
          <table className="table tops" aria-label={`Most frequent values of ${column.name}`}>
            <tbody>
              {top.map(({ value, count }, index) => (
                <tr key={index}>
                  <th scope="row" className="mono" title={value}>
                    {value === '' ? <i className="quiet">empty</i> : value}
                  </th>
                  <td className="number">{formatCount(count)}</td>
                  <td>
                    <span className="share">
                      <span className="share-bar" aria-hidden="true">
                        <span style={{ width: `${barShare(count, rowCount) * 100}%` }} />
                      </span>
                      {formatShare(count, rowCount)}
                    </span>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      ) : null}
    </div>
  );
}

function quantileWord(level: number): string {
  return level === 0.5 ? 'Median' : `${fullNumber(Math.round(level * 1000) / 10)} % below`;
}
