'use client';

import { useRouter } from 'next/navigation';
import { useState } from 'react';

import { useAct, useData } from '../api/hooks.ts';
import { graphql } from '../gql/gql.ts';
import type { DatasetPageQuery } from '../gql/graphql.ts';
import { counted } from '../logic/format.ts';
import { datasetVersionHref, refs } from '../logic/links.ts';
import { Readme } from '../parts/readme.tsx';
import { UploadVersion } from '../parts/upload-version.tsx';
import { Badge } from '../ui/badge.tsx';
import { Confirm, Dialog, DialogForm, Field, fieldOf } from '../ui/dialog.tsx';
import { Head, Tabs, useTab } from '../ui/head.tsx';
import { Link } from '../ui/link.tsx';
import { Menu } from '../ui/menu.tsx';
import { Loaded, Missing, Skeleton } from '../ui/states.tsx';
import { Time } from '../ui/text.tsx';
import { DatasetVersions } from './dataset-versions.tsx';

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

const DescribeDocument = graphql(`
  mutation UpdateDataset($id: ID!, $description: String!) {
    updateDataset(id: $id, description: $description) {
      __typename
      ... on Dataset {
        id
      }
      ...Refusal
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
      ...Refusal
    }
  }
`);

type Dataset = NonNullable<DatasetPageQuery['dataset']>;

export function DatasetView({ name }: { name: string }) {
  const query = useData(DatasetDocument, { id: refs.dataset(name) });
  return (
    <Loaded
      query={query}
      skeleton={
        <>
          <Head crumbs={[{ label: 'Datasets', href: '/datasets' }]} title={name}>
            <div className="tabs" />
          </Head>
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
  const tabs = [
    { id: 'versions', label: 'Versions', count: dataset.versionCount },
    { id: 'readme', label: 'README' },
  ];
  const tab = useTab(tabs);
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
      >
        <Tabs tabs={tabs} current={tab} />
      </Head>
      {tab === 'readme' ? (
        <div className="page">
          <Readme dataset={dataset.id} />
        </div>
      ) : (
        <DatasetVersions dataset={dataset} />
      )}
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
