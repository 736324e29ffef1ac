'use client';

import { useRouter } from 'next/navigation';
import { useState } from 'react';

import { useAct, useData } from '../api/hooks.ts';
import { ModelVersionDocument } from '../api/model-version.ts';
import type { ModelVersionDetails } from '../api/model-version.ts';
import { graphql } from '../gql/gql.ts';
import { lineageHref, modelHref, refs } from '../logic/links.ts';
import { DeployDialog } from '../parts/deploy.tsx';
import { PromoteDialog } from '../parts/promote.tsx';
import { Thread } from '../parts/thread.tsx';
import { Badge, IntegrityBadge } from '../ui/badge.tsx';
import { Confirm, Dialog, DialogForm, Field, fieldOf } from '../ui/dialog.tsx';
import { Head, Tabs, useTab } from '../ui/head.tsx';
import { Menu } from '../ui/menu.tsx';
import { Loaded, Missing, Skeleton } from '../ui/states.tsx';
import { Time } from '../ui/text.tsx';
import { ModelVersionDeployments } from './model-version-deployments.tsx';
import { ModelVersionFiles } from './model-version-files.tsx';
import { ModelVersionOverview } from './model-version-overview.tsx';

const DeleteDocument = graphql(`
  mutation DeleteVersion($id: ID!) {
    deleteVersion(id: $id) {
      __typename
      ... on ModelVersion {
        id
      }
      ...Refusal
    }
  }
`);

const DescribeDocument = graphql(`
  mutation DescribeVersion($id: ID!, $description: String!) {
    updateVersion(id: $id, description: $description) {
      __typename
      ... on ModelVersion {
        id
      }
      ...Refusal
    }
  }
`);

export function ModelVersionView({ name, version }: { name: string; version: string }) {
  const query = useData(ModelVersionDocument, { id: refs.modelVersion(name, version) });
  return (
    <Loaded
      query={query}
      skeleton={
        <>
          <Head
            crumbs={[
              { label: 'Models', href: '/models' },
              { label: name, href: modelHref(name) },
            ]}
            title={`${name} / ${version}`}
          >
            <div className="tabs" />
          </Head>
          <Thread id={undefined} />
          <div className="page">
            <Skeleton rows={8} />
          </div>
        </>
      }
    >
      {({ modelVersion }) =>
        modelVersion ? <Page version={modelVersion} /> : <Missing what="model version" name={`${name} / ${version}`} />
      }
    </Loaded>
  );
}

type Open = 'promote' | 'deploy' | 'delete' | 'describe' | null;

function Page({ version }: { version: ModelVersionDetails }) {
  const router = useRouter();
  const tabs = [
    { id: 'overview', label: 'Overview' },
    { id: 'files', label: 'Files', count: version.fileCount },
    { id: 'deployments', label: 'Deployments', count: version.deployments.nodes.length },
  ];
  const tab = useTab(tabs);
  const [open, setOpen] = useState<Open>(null);
  const close = () => setOpen(null);
  const label = `${version.model.name} / ${version.version}`;
  const remove = useAct(DeleteDocument, {
    failure: 'shown',
    done: () => ({ text: `${label} is deleted.` }),
    then: () => router.push(modelHref(version.model.name)),
  });
  const describe = useAct(DescribeDocument, { failure: 'shown', done: () => ({ text: 'Saved.' }), then: close });
  const live = version.deployments.nodes.filter(({ isLive }) => isLive);
  return (
    <>
      <Head
        crumbs={[
          { label: 'Models', href: '/models' },
          { label: version.model.name, href: modelHref(version.model.name) },
        ]}
        title={label}
        badges={
          <>
            {version.aliases.map((alias) => (
              <Badge key={alias} tone="accent">
                {alias}
              </Badge>
            ))}
            {version.stage === 'None' || version.stage === '' ? null : <Badge title="MLflow’s stage">{version.stage}</Badge>}
            {version.digest ? <IntegrityBadge integrity={version.integrity} /> : <Badge tone="warn">no digest</Badge>}
          </>
        }
        reference={version.ref}
        facts={
          <>
            {version.createdBy} · <Time at={version.createdAt} />
          </>
        }
        actions={
          <>
            <Menu
              label="More"
              items={[
                { label: 'Describe…', onSelect: () => setOpen('describe') },
                { label: 'What stands on it', onSelect: () => router.push(lineageHref(version.id, 'DOWNSTREAM')) },
                { label: 'Delete version…', danger: true, onSelect: () => setOpen('delete') },
              ]}
            />
            <button type="button" className="button" onClick={() => setOpen('promote')}>
              Promote
            </button>
            <button
              type="button"
              className="button primary"
              disabled={!version.digest}
              title={version.digest ? undefined : (version.noDigestReason ?? undefined)}
              onClick={() => setOpen('deploy')}
            >
              Deploy
            </button>
          </>
        }
      >
        <Tabs tabs={tabs} current={tab} />
      </Head>
      <Thread id={version.id} />
      {tab === 'overview' ? <ModelVersionOverview version={version} /> : null}
      {tab === 'files' ? <ModelVersionFiles version={version} /> : null}
      {tab === 'deployments' ? <ModelVersionDeployments version={version} /> : null}
      <PromoteDialog version={open === 'promote' ? { id: version.id, label } : null} onClose={close} />
      <DeployDialog version={open === 'deploy' ? version : null} label={label} onClose={close} />
      <Dialog
        open={open === 'describe'}
        onOpenChange={(next) => {
          if (!next) close();
        }}
        title={`Describe ${label}`}
      >
        <DialogForm
          submit="Save"
          busy={describe.isPending}
          error={describe.error}
          onCancel={close}
          onSubmit={(form) => describe.mutate({ id: version.id, description: fieldOf(form, 'description') })}
        >
          <Field label="What is special about it">
            <textarea name="description" rows={4} maxLength={5000} defaultValue={version.description} autoFocus />
          </Field>
        </DialogForm>
      </Dialog>
      <Confirm
        open={open === 'delete'}
        onOpenChange={(next) => {
          if (!next) close();
        }}
        title={`Delete ${label}?`}
        confirm="Delete version"
        busy={remove.isPending}
        error={remove.error}
        onConfirm={() => remove.mutate({ id: version.id })}
      >
        <p>
          Its number is never used again, and it cannot be undone here. Its digest and history stay for the traces that stand on it.
          {version.aliases.length > 0 ? ` It holds ${version.aliases.join(', ')}; nobody will.` : ''}
          {live.length > 0
            ? ` It is live at ${live.map(({ environment, target }) => `${environment} / ${target}`).join(', ')}, so this will be refused.`
            : ''}
        </p>
      </Confirm>
    </>
  );
}
