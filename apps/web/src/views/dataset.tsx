'use client';

import { useRouter } from 'next/navigation';
import { useState } from 'react';

import { act, useAct, useData, usePages } from '../api/hooks.ts';
import { graphql } from '../gql/gql.ts';
import type { DatasetPageQuery, DatasetVersionsQuery } from '../gql/graphql.ts';
import { counted } from '../logic/format.ts';
import { datasetDiffHref, datasetVersionHref, refs } from '../logic/links.ts';
import { RegisterDatasetLines } from '../parts/dataset-lines.tsx';
import { Badge, IntegrityBadge } from '../ui/badge.tsx';
import { Confirm, Dialog, DialogForm, Field, fieldOf } from '../ui/dialog.tsx';
import { UploadVersion } from '../parts/upload-version.tsx';
import { Head } from '../ui/head.tsx';
import { Link } from '../ui/link.tsx';
import { Menu } from '../ui/menu.tsx';
import { Empty, Loaded, Missing, Skeleton } from '../ui/states.tsx';
import type { Column } from '../ui/table.tsx';
import { More, Table } from '../ui/table.tsx';
import { Bytes, Hash, Nothing, Time } from '../ui/text.tsx';

const DatasetDocument = graphql(`
  query DatasetPage($id: ID!) {
    dataset(id: $id) {
      id
      ref
      name
      description
      createdAt
      versionCount
      current {
        id
        number
      }
      tags {
        name
        since
        version {
          number
        }
      }
    }
  }
`);

const VersionsDocument = graphql(`
  query DatasetVersions($id: ID!, $after: String) {
    dataset(id: $id) {
      id
      versions(first: 50, after: $after) {
        pageInfo {
          hasNextPage
          endCursor
        }
        nodes {
          id
          number
          digest
          message
          tags
          isCurrent
          fileCount
          totalBytes
          integrity
          checkedAt
          createdBy
          createdAt
          retraction {
            reason
          }
        }
      }
    }
  }
`);

const DescribeDocument = graphql(`
  mutation UpdateDataset($id: ID!, $description: String!) {
    updateDataset(id: $id, description: $description) {
      __typename
      ... on Dataset {
        id
      }
      ... on Problem {
        kind
        code
        message
        hint
      }
    }
  }
`);

const DeleteDocument = graphql(`
  mutation DeleteDataset($id: ID!) {
    deleteDataset(id: $id) {
      __typename
      ... on Dataset {
        id
      }
      ... on Problem {
        kind
        code
        message
        hint
      }
    }
  }
`);

export const SetCurrentDocument = graphql(`
  mutation SetCurrentVersion($version: ID!) {
    setCurrentVersion(version: $version) {
      __typename
      ... on Dataset {
        id
        current {
          number
        }
      }
      ... on Problem {
        kind
        code
        message
        hint
      }
    }
  }
`);

type Dataset = NonNullable<DatasetPageQuery['dataset']>;
type Version = NonNullable<DatasetVersionsQuery['dataset']>['versions']['nodes'][number];

export function DatasetView({ name }: { name: string }) {
  const query = useData(DatasetDocument, { id: refs.dataset(name) });
  return (
    <Loaded
      query={query}
      skeleton={
        <>
          <Head crumbs={[{ label: 'Datasets', href: '/datasets' }]} title={name} />
          <div className="page">
            <Skeleton rows={8} />
          </div>
        </>
      }
    >
      {({ dataset }) => (dataset ? <Page dataset={dataset} /> : <Missing what="dataset" name={name} />)}
    </Loaded>
  );
}

type Open = 'describe' | 'delete' | 'upload' | null;

function Page({ dataset }: { dataset: Dataset }) {
  const router = useRouter();
  const [open, setOpen] = useState<Open>(null);
  const close = () => setOpen(null);
  const describe = useAct(DescribeDocument, { failure: 'shown', done: () => ({ text: 'Saved.' }), then: close });
  const remove = useAct(DeleteDocument, {
    failure: 'shown',
    done: () => ({ text: `${dataset.name} is deleted.` }),
    then: () => router.push('/datasets'),
  });
  return (
    <>
      <Head
        crumbs={[{ label: 'Datasets', href: '/datasets' }]}
        title={dataset.name}
        badges={
          <>
            <Badge>{counted(dataset.versionCount, 'version')}</Badge>
            {dataset.tags.map(({ name, version, since }) => (
              <Link key={name} href={datasetVersionHref(dataset.name, version.number)} title={`since ${since}`}>
                <Badge tone="accent">
                  {name} = {version.number}
                </Badge>
              </Link>
            ))}
          </>
        }
        reference={dataset.ref}
        facts={
          <>
            made <Time at={dataset.createdAt} />
          </>
        }
        actions={
          <>
            <button type="button" className="button primary" onClick={() => setOpen('upload')}>
              Upload version…
            </button>
            <Menu
              label="More"
              items={[
                { label: 'Describe…', onSelect: () => setOpen('describe') },
                { label: 'Delete dataset…', danger: true, onSelect: () => setOpen('delete') },
              ]}
            />
          </>
        }
      />
      <Versions dataset={dataset} />
      <UploadVersion open={open === 'upload'} onClose={close} dataset={dataset.name} />
      <Dialog
        open={open === 'describe'}
        onOpenChange={(next) => {
          if (!next) close();
        }}
        title={`Describe ${dataset.name}`}
      >
        <DialogForm
          submit="Save"
          busy={describe.isPending}
          error={describe.error}
          onCancel={close}
          onSubmit={(form) => describe.mutate({ id: dataset.id, description: fieldOf(form, 'description') })}
        >
          <Field label="What it is">
            <textarea name="description" rows={4} maxLength={5000} defaultValue={dataset.description} autoFocus />
          </Field>
        </DialogForm>
      </Dialog>
      <Confirm
        open={open === 'delete'}
        onOpenChange={(next) => {
          if (!next) close();
        }}
        title={`Delete ${dataset.name}?`}
        confirm="Delete dataset"
        busy={remove.isPending}
        error={remove.error}
        onConfirm={() => remove.mutate({ id: dataset.id })}
      >
        <p>
          This deletes its {counted(dataset.versionCount, 'version')}, and cannot be undone here. It is refused while a run, a model or a
          deployment stands on one of them.
        </p>
      </Confirm>
    </>
  );
}

function Versions({ dataset }: { dataset: Dataset }) {
  const [from, setFrom] = useState<number | null>(null);
  const query = usePages(VersionsDocument, { id: dataset.id, after: null }, (data) => data.dataset?.versions);
  const router = useRouter();
  const previous = dataset.current?.id;
  const makeCurrent = useAct(SetCurrentDocument, {
    done: () => ({
      text: `${dataset.name} has another current version.`,
      ...(previous === undefined ? {} : { undo: { run: () => act(SetCurrentDocument, { version: previous }) } }),
    }),
  });
  const columns: readonly Column<Version>[] = [
    {
      id: 'number',
      head: 'Version',
      width: 130,
      kind: 'mono',
      cell: ({ number }) => (
        <Link href={datasetVersionHref(dataset.name, number)}>
          {dataset.name}@{number}
        </Link>
      ),
    },
    {
      id: 'tags',
      head: 'Tags',
      width: 110,
      cell: ({ tags }) =>
        tags.length === 0 ? (
          <Nothing />
        ) : (
          <span className="badges">
            {tags.map((tag) => (
              <Badge key={tag} tone="accent">
                {tag}
              </Badge>
            ))}
          </span>
        ),
    },
    { id: 'digest', head: 'Digest', width: 104, cell: ({ digest }) => <Hash value={digest} /> },
    {
      id: 'state',
      head: 'Bytes',
      width: 104,
      cell: ({ integrity, checkedAt, retraction }) =>
        retraction ? (
          <Badge tone="retracted" title={retraction.reason}>
            withdrawn
          </Badge>
        ) : (
          <IntegrityBadge integrity={integrity} checkedAt={checkedAt} />
        ),
    },
    { id: 'files', head: 'Files', width: 56, kind: 'number', cell: ({ fileCount }) => fileCount.toLocaleString('en') },
    { id: 'size', head: 'Size', width: 76, kind: 'number', cell: ({ totalBytes }) => <Bytes value={totalBytes} /> },
    { id: 'message', head: 'What changed', cell: ({ message }) => <span title={message}>{message}</span> },
    {
      id: 'made',
      head: 'Registered',
      width: 96,
      cell: ({ createdAt, createdBy }) => (
        <span title={`by ${createdBy}`}>
          <Time at={createdAt} />
        </span>
      ),
    },
    {
      id: 'actions',
      head: '',
      width: 150,
      cell: (version) => (
        <span className="badges">
          {from === null ? (
            <button type="button" className="text-button" onClick={() => setFrom(version.number)}>
              Diff…
            </button>
          ) : from === version.number ? (
            <button type="button" className="text-button" onClick={() => setFrom(null)}>
              from here, to…
            </button>
          ) : (
            <button type="button" className="text-button" onClick={() => router.push(datasetDiffHref(dataset.name, from, version.number))}>
              to here
            </button>
          )}
          {version.isCurrent ? null : (
            <button type="button" className="text-button" onClick={() => makeCurrent.mutate({ version: version.id })}>
              Make current
            </button>
          )}
        </span>
      ),
    },
  ];
  return (
    <div className="page">
      {dataset.description === '' ? null : <p className="note">{dataset.description}</p>}
      <Loaded query={query}>
        {({ pages }) => {
          const rows = pages.flatMap((page) => page.dataset?.versions.nodes ?? []);
          return rows.length === 0 ? (
            <Empty title="No versions yet">
              <p>A version is a fixed list of files that were uploaded before:</p>
              <RegisterDatasetLines name={dataset.name} />
            </Empty>
          ) : (
            <>
              <Table
                label={`Versions of ${dataset.name}`}
                columns={columns}
                rows={rows}
                keyOf={({ id }) => id}
                faded={({ retraction }) => !!retraction}
                minWidth={980}
              />
              <More query={query} shown={rows.length} total={dataset.versionCount} noun="versions" />
            </>
          );
        }}
      </Loaded>
    </div>
  );
}
