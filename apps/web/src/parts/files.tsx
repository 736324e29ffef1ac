'use client';

// Files in folders, with a preview of text, tables, JSON and images beside them. The chosen file lives in the address.

import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';

import { useData } from '../api/hooks.ts';
import { ApiError } from '../api/client.ts';
import { graphql } from '../gql/gql.ts';
import type { RunFolderQuery } from '../gql/graphql.ts';
import { formatBytes } from '../logic/format.ts';
import { previewOf } from '../logic/preview.ts';
import { IntegrityBadge } from '../ui/badge.tsx';
import { ChevronIcon, DownloadIcon, FileIcon, FolderIcon } from '../ui/icons.tsx';
import { Empty, Failure, FailureLine, Skeleton } from '../ui/states.tsx';
import { Bytes, Code, Hash } from '../ui/text.tsx';
import { useUrl } from '../ui/use-url.ts';
import { VersionPreview } from './version-preview.tsx';

graphql(`
  fragment Folder on ArtifactConnection {
    nodes {
      path
      name
      isFolder
      sizeBytes
      file {
        path
        sizeBytes
        sha256
        integrity
        checkedAt
        downloadUrl
      }
    }
    pageInfo {
      hasNextPage
      endCursor
    }
  }
`);

const RunFolderDocument = graphql(`
  query RunFolder($id: ID!, $path: String!) {
    run(id: $id) {
      artifacts(path: $path, first: 500) {
        ...Folder
      }
    }
  }
`);

const LoggedModelFolderDocument = graphql(`
  query LoggedModelFolder($id: ID!, $path: String!) {
    loggedModel(id: $id) {
      artifacts(path: $path, first: 500) {
        ...Folder
      }
    }
  }
`);

const VersionFolderDocument = graphql(`
  query VersionFolder($id: ID!, $path: String!) {
    datasetVersion(id: $id) {
      entries(path: $path, first: 500) {
        ...Folder
      }
    }
  }
`);

type Owner = { kind: 'run' | 'loggedModel' | 'datasetVersion'; id: string };
type Folder = NonNullable<RunFolderQuery['run']>['artifacts'];
type Entry = Folder['nodes'][number];
type FileOf = NonNullable<Entry['file']>;

interface FolderState {
  folder: Folder | undefined;
  error: ApiError | null;
  retry: () => unknown;
}

/** One folder of whichever owner; only that owner's query runs. */
function useFolder({ kind, id }: Owner, path: string): FolderState {
  const run = useData(RunFolderDocument, { id, path }, { enabled: kind === 'run' });
  const loggedModel = useData(LoggedModelFolderDocument, { id, path }, { enabled: kind === 'loggedModel' });
  const version = useData(VersionFolderDocument, { id, path }, { enabled: kind === 'datasetVersion' });
  switch (kind) {
    case 'run':
      return { folder: run.data?.run?.artifacts, error: run.error, retry: run.refetch };
    case 'loggedModel':
      return { folder: loggedModel.data?.loggedModel?.artifacts, error: loggedModel.error, retry: loggedModel.refetch };
    case 'datasetVersion':
      return { folder: version.data?.datasetVersion?.entries, error: version.error, retry: version.refetch };
  }
}

/** The files of a run, a logged model or a dataset version. `hint` is the line that would put the first one there. */
export function FileBrowser({ owner, hint }: { owner: Owner; hint?: string }) {
  const url = useUrl();
  const chosen = url.get('file');
  const [file, setFile] = useState<FileOf | null>(null);
  const { folder, error, retry } = useFolder(owner, '');
  if (folder === undefined)
    return <div className="page">{error === null ? <Skeleton rows={6} height={28} /> : <Failure error={error} retry={retry} />}</div>;
  if (folder.nodes.length === 0) {
    return (
      <div className="page">
        <Empty title="No files yet">{hint === undefined ? null : <Code label="Put a file here" text={hint} />}</Empty>
      </div>
    );
  }
  const choose = (next: FileOf) => {
    setFile(next);
    url.set({ file: next.path });
  };
  return (
    <div className="files">
      <div className="tree" role="group" aria-label="Files">
        <Level owner={owner} folder={folder} depth={1} chosen={chosen} onChoose={choose} onFound={setFile} />
      </div>
      <div className="preview">
        {file === null || file.path !== chosen ? (
          <p className="note">Choose a file to see what is in it.</p>
        ) : (
          <Preview key={file.sha256 + file.path} owner={owner} file={file} />
        )}
      </div>
    </div>
  );
}

interface LevelProps {
  owner: Owner;
  folder: Folder;
  depth: number;
  chosen: string | null;
  onChoose: (file: FileOf) => void;
  onFound: (file: FileOf) => void;
}

function Level(props: LevelProps) {
  return (
    <>
      {props.folder.nodes.map((entry) =>
        entry.isFolder ? <FolderRow key={entry.path} {...props} entry={entry} /> : <FileRow key={entry.path} {...props} entry={entry} />,
      )}
      {props.folder.pageInfo.hasNextPage ? (
        <p className="note">This folder holds more than 500 entries; the rest is not listed here.</p>
      ) : null}
    </>
  );
}

function FolderRow({ entry, ...props }: LevelProps & { entry: Entry }) {
  const holdsChosen = props.chosen?.startsWith(`${entry.path}/`) === true;
  const [open, setOpen] = useState(holdsChosen);
  return (
    <>
      <button
        type="button"
        aria-expanded={open}
        className="tree-row"
        style={{ paddingLeft: props.depth * 16 - 8 }}
        onClick={() => setOpen(!open)}
      >
        <span className={open ? 'turn open' : 'turn'}>
          <ChevronIcon />
        </span>
        <FolderIcon />
        <span>{entry.name}</span>
      </button>
      {open ? <OpenFolder {...props} path={entry.path} /> : null}
    </>
  );
}

function OpenFolder({ path, ...props }: LevelProps & { path: string }) {
  const { folder, error } = useFolder(props.owner, path);
  if (folder === undefined) return error === null ? <Skeleton rows={2} height={28} /> : <FailureLine error={error} />;
  return <Level {...props} folder={folder} depth={props.depth + 1} />;
}

function FileRow({ entry, depth, chosen, onChoose, onFound }: LevelProps & { entry: Entry }) {
  const { file } = entry;
  const isChosen = chosen === entry.path;
  // The address names a file before anybody clicked: the row that turns out to be it hands its file over once.
  const adopt = (element: HTMLButtonElement | null) => {
    if (element !== null && isChosen && file) onFound(file);
  };
  return (
    <button
      ref={isChosen ? adopt : null}
      type="button"
      aria-current={isChosen ? 'true' : undefined}
      className="tree-row"
      style={{ paddingLeft: depth * 16 + 10 }}
      onClick={() => {
        if (file) onChoose(file);
      }}
    >
      <FileIcon />
      <span title={entry.path}>{entry.name}</span>
      {file?.integrity === 'DAMAGED' ? <IntegrityBadge integrity="DAMAGED" checkedAt={file.checkedAt} /> : null}
      <small className="mono">
        <Bytes value={entry.sizeBytes} />
      </small>
    </button>
  );
}

const PREVIEW_BYTES = 256 * 1024;

function Preview({ owner, file }: { owner: Owner; file: FileOf }) {
  const kind = previewOf(file.path);
  return (
    <>
      <div className="preview-head">
        <b className="mono" title={file.path}>
          {file.path}
        </b>
        <span className="quiet">
          <Bytes value={file.sizeBytes} />
        </span>
        <Hash value={file.sha256} copy />
        <IntegrityBadge integrity={file.integrity} checkedAt={file.checkedAt} />
        <span className="spacer" />
        <a className="button" href={file.downloadUrl} download={file.path.split('/').at(-1)}>
          <DownloadIcon />
          Download
        </a>
      </div>
      {owner.kind === 'datasetVersion' ? (
        <VersionPreview version={owner.id} path={file.path} />
      ) : kind === 'image' ? (
        <div className="preview-image">
          <img src={file.downloadUrl} alt={file.path} />
        </div>
      ) : kind === 'none' ? (
        <p className="note">No preview for this kind of file. Download it to look inside.</p>
      ) : (
        <TextPreview file={file} kind={kind} />
      )}
    </>
  );
}

function TextPreview({ file, kind }: { file: FileOf; kind: 'text' | 'json' | 'table' }) {
  const { data, error, refetch } = useQuery<string, ApiError>({
    queryKey: ['preview', file.sha256],
    queryFn: async ({ signal }) => {
      const response = await fetch(file.downloadUrl, {
        headers: { range: `bytes=0-${PREVIEW_BYTES - 1}` },
        credentials: 'same-origin',
        signal,
      });
      // An empty file has no first byte to ask for.
      if (response.status === 416) return '';
      if (!response.ok) throw new ApiError('The file could not be read.', { code: response.status === 404 ? 'NOT_FOUND' : 'UNAVAILABLE' });
      return new TextDecoder().decode(await response.arrayBuffer());
    },
    enabled: Number(file.sizeBytes) > 0,
    staleTime: Infinity,
    retry: false,
  });
  if (Number(file.sizeBytes) === 0) return <p className="note">An empty file.</p>;
  if (error !== null) return <Failure error={error} retry={refetch} />;
  if (data === undefined) return <Skeleton rows={8} height={20} />;
  if (data.includes('\0')) return <p className="note">This is not text. Download it to look inside.</p>;
  const cut = Number(file.sizeBytes) > PREVIEW_BYTES;
  return (
    <>
      {kind === 'table' ? (
        <Rows text={data} separator={file.path.endsWith('.tsv') ? '\t' : ','} />
      ) : (
        <pre className="preview-text">{kind === 'json' && !cut ? indented(data) : data}</pre>
      )}
      {cut ? <p className="note">The first {formatBytes(PREVIEW_BYTES)} of it.</p> : null}
    </>
  );
}

function indented(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}

const ROWS = 200;

/** The first rows of a separated file, as a table; quotes are honoured within a line. */
function Rows({ text, separator }: { text: string; separator: string }) {
  const lines = text.split(/\r?\n/).filter((line) => line !== '');
  const [head = [], ...rows] = lines.slice(0, ROWS + 1).map((line) => cellsOf(line, separator));
  return (
    <div className="table-box preview-table">
      <table className="table auto" aria-label="First rows">
        <thead>
          <tr>
            {head.map((cell, index) => (
              <th key={index} scope="col">
                {cell}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row, index) => (
            <tr key={index}>
              {row.map((cell, place) => (
                <td key={place} className="mono">
                  {cell}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      {lines.length > ROWS + 1 ? <p className="note">The first {ROWS} rows.</p> : null}
    </div>
  );
}

function cellsOf(line: string, separator: string): string[] {
  const pattern = separator === '\t' ? /("(?:[^"]|"")*"|[^\t]*)(\t|$)/g : /("(?:[^"]|"")*"|[^,]*)(,|$)/g;
  const cells: string[] = [];
  for (const [whole, cell = '', end] of line.matchAll(pattern)) {
    if (whole === '' && cells.length > 0 && end === '') break;
    cells.push(cell.startsWith('"') ? cell.slice(1, -1).replaceAll('""', '"') : cell);
    if (end === '') break;
  }
  return cells;
}
