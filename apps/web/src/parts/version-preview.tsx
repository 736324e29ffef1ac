'use client';

// What is in a file of a dataset version, as the server reads it: the first rows of a table with its columns' types, the first lines of
// a text, a picture; of everything else, in words, why there is nothing to see.

import { useState } from 'react';

import { useData } from '../api/hooks.ts';
import { graphql } from '../gql/gql.ts';
import type { FilePreviewQuery } from '../gql/graphql.ts';
import { formatCount } from '../logic/format.ts';
import { isNumeric } from '../logic/profile.ts';
import { Failure, Skeleton } from '../ui/states.tsx';
import { Notes } from './table-notes.tsx';

const FilePreviewDocument = graphql(`
  query FilePreview($id: ID!, $path: String!, $rows: Int!) {
    datasetVersion(id: $id) {
      id
      preview(path: $path, rows: $rows) {
        kind
        columns {
          name
          type
        }
        columnCount
        rows
        hasMoreRows
        text
        hasMoreText
        width
        height
        address
        notes
        problem {
          message
          hint
        }
      }
    }
  }
`);

/** So many rows are asked for at first, and then. */
const ROWS = [50, 200, 500] as const;

type Preview = NonNullable<FilePreviewQuery['datasetVersion']>['preview'];

export function VersionPreview({ version, path }: { version: string; path: string }) {
  const [step, setStep] = useState(0);
  const rows = ROWS[step] ?? ROWS[0];
  const query = useData(FilePreviewDocument, { id: version, path, rows }, { keep: true, staleMs: Infinity });
  if (query.error !== null && query.data === undefined) return <Failure error={query.error} retry={query.refetch} />;
  if (query.data === undefined) return <Skeleton rows={10} height={24} />;
  const preview = query.data.datasetVersion?.preview;
  if (!preview) return <p className="note">This version is gone.</p>;
  return (
    <>
      <Body preview={preview} path={path} />
      {preview.kind === 'TABLE' ? (
        <div className="more">
          <span className="quiet">
            {preview.hasMoreRows ? `The first ${formatCount(preview.rows.length)} rows` : `All ${formatCount(preview.rows.length)} rows`}
            {preview.columnCount > preview.columns.length
              ? `, the first ${formatCount(preview.columns.length)} of ${formatCount(preview.columnCount)} columns`
              : ''}
          </span>
          {preview.hasMoreRows && step < ROWS.length - 1 ? (
            <button type="button" className="button" disabled={query.isFetching} onClick={() => setStep(step + 1)}>
              {query.isFetching ? 'Loading…' : `Show ${ROWS[step + 1] ?? ''}`}
            </button>
          ) : null}
        </div>
      ) : null}
    </>
  );
}

function Body({ preview, path }: { preview: Preview; path: string }) {
  const { kind, problem, notes, text, address, width, height } = preview;
  if (problem) {
    return (
      <div className="note">
        <p>{problem.message}</p>
        {problem.hint ? <p className="quiet">{problem.hint}</p> : null}
      </div>
    );
  }
  switch (kind) {
    case 'TABLE':
      return (
        <>
          <Notes notes={notes} />
          <PreviewTable preview={preview} path={path} />
        </>
      );
    case 'TEXT':
      return (
        <>
          {text === '' ? <p className="note">An empty file.</p> : <pre className="preview-text">{text}</pre>}
          {preview.hasMoreText ? <p className="note">The text goes on: download it to read the rest.</p> : null}
          <Notes notes={notes} />
        </>
      );
    case 'IMAGE':
      return address ? (
        <div className="preview-image">
          <img src={address} alt={path} {...(width && height ? { width, height } : {})} />
          {width && height ? (
            <p className="note">
              {formatCount(width)} × {formatCount(height)} pixels
            </p>
          ) : null}
        </div>
      ) : null;
    case 'NONE':
      return notes.length > 0 ? (
        <Notes notes={notes} />
      ) : (
        <p className="note">No preview for this kind of file. Download it to look inside.</p>
      );
  }
}

function PreviewTable({ preview: { columns, rows }, path }: { preview: Preview; path: string }) {
  const numeric = columns.map(({ type }) => isNumeric(type));
  return (
    <div className="table-box preview-table">
      <table className="table auto" aria-label={`First rows of ${path}`}>
        <thead>
          <tr>
            <th scope="col" className="number">
              <span className="sr-only">Row</span>
            </th>
            {columns.map(({ name, type }, index) => (
              <th key={index} scope="col" className={numeric[index] === true ? 'number' : undefined} title={`${name}: ${type}`}>
                {name}
                <small className="mono">{type.toLowerCase()}</small>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row, index) => (
            <tr key={index}>
              <td className="number row-number">{formatCount(index + 1)}</td>
              {row.map((cell, place) => (
                <td key={place} className={numeric[place] === true ? 'number' : 'mono'} title={cell ?? undefined}>
                  {cell ?? <i className="null">null</i>}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
