'use client';

import { useState } from 'react';

import { ExperimentDocument } from '../api/experiment.ts';
import type { ExperimentDetails } from '../api/experiment.ts';
import { act, useAct, useData } from '../api/hooks.ts';
import { graphql } from '../gql/gql.ts';
import { counted } from '../logic/format.ts';
import { experimentHref, refs } from '../logic/links.ts';
import { RunsTable } from '../parts/runs-table.tsx';
import { Badge } from '../ui/badge.tsx';
import { Confirm, Dialog, DialogForm, Field, fieldOf } from '../ui/dialog.tsx';
import { Head, Section, Tabs, useTab } from '../ui/head.tsx';
import { Menu } from '../ui/menu.tsx';
import { Loaded, Missing, Skeleton } from '../ui/states.tsx';
import { Facts, Time } from '../ui/text.tsx';

const RenameDocument = graphql(`
  mutation RenameExperiment($id: ID!, $name: String!) {
    renameExperiment(id: $id, name: $name) {
      __typename
      ... on Experiment {
        id
      }
      ...Refusal
    }
  }
`);

const DeleteDocument = graphql(`
  mutation DeleteExperiment($id: ID!) {
    deleteExperiment(id: $id) {
      __typename
      ... on Experiment {
        id
      }
      ...Refusal
    }
  }
`);

const RestoreDocument = graphql(`
  mutation RestoreExperiment($id: ID!) {
    restoreExperiment(id: $id) {
      __typename
      ... on Experiment {
        id
      }
      ...Refusal
    }
  }
`);

const TABS = [
  { id: 'runs', label: 'Runs' },
  { id: 'about', label: 'About' },
] as const;

export function ExperimentView({ id }: { id: string }) {
  const query = useData(ExperimentDocument, { id: refs.experiment(id) });
  return (
    <Loaded
      query={query}
      skeleton={
        <>
          <Head crumbs={[{ label: 'Experiments', href: '/experiments' }]} title=" " tabTitle="Experiment">
            <div className="tabs" />
          </Head>
          <div className="bar" />
          <div className="page">
            <Skeleton rows={14} height={28} />
          </div>
        </>
      }
    >
      {({ experiment }) => (experiment ? <Page experiment={experiment} /> : <Missing what="experiment" name={id} />)}
    </Loaded>
  );
}

function Page({ experiment }: { experiment: ExperimentDetails }) {
  const tab = useTab(TABS);
  const [renaming, setRenaming] = useState(false);
  const [deleting, setDeleting] = useState(false);
  const { id, name, runCount } = experiment;
  const deleted = experiment.lifecycle === 'DELETED';
  const rename = useAct(RenameDocument, {
    failure: 'shown',
    done: () => ({ text: `Renamed from ${name}.`, undo: { run: () => act(RenameDocument, { id, name }) } }),
    then: () => setRenaming(false),
  });
  const remove = useAct(DeleteDocument, {
    failure: 'shown',
    done: () => ({ text: `${name} is deleted.`, undo: { run: () => act(RestoreDocument, { id }) } }),
    then: () => setDeleting(false),
  });
  const restore = useAct(RestoreDocument, { done: () => ({ text: `${name} is back, with its runs.` }) });
  return (
    <>
      <Head
        crumbs={[{ label: 'Experiments', href: '/experiments' }]}
        title={name}
        badges={
          <>
            <Badge>{counted(runCount, 'run')}</Badge>
            {deleted ? <Badge tone="bad">Deleted</Badge> : null}
          </>
        }
        reference={experiment.ref}
        facts={
          <>
            changed <Time at={experiment.updatedAt} />
          </>
        }
        actions={
          <Menu
            label="More"
            items={[
              deleted ? null : { label: 'Rename…', onSelect: () => setRenaming(true) },
              deleted
                ? { label: 'Restore', onSelect: () => restore.mutate({ id }) }
                : { label: 'Delete experiment…', danger: true, onSelect: () => setDeleting(true) },
            ]}
          />
        }
      >
        <Tabs tabs={TABS} current={tab} />
      </Head>
      {tab === 'runs' ? <RunsTable key={experiment.id} experiment={experiment} /> : <About experiment={experiment} />}
      <Dialog
        open={renaming}
        onOpenChange={setRenaming}
        title={`Rename ${name}`}
        description="Runs, links and MLflow’s number stay as they are."
      >
        <DialogForm
          submit="Rename"
          busy={rename.isPending}
          error={rename.error}
          onCancel={() => setRenaming(false)}
          onSubmit={(form) => rename.mutate({ id, name: fieldOf(form, 'name') })}
        >
          <Field label="Name">
            <input name="name" defaultValue={name} required maxLength={256} autoFocus />
          </Field>
        </DialogForm>
      </Dialog>
      <Confirm
        open={deleting}
        onOpenChange={setDeleting}
        title={`Delete ${name}?`}
        confirm="Delete experiment"
        busy={remove.isPending}
        error={remove.error}
        onConfirm={() => remove.mutate({ id })}
      >
        <p>
          It disappears from lists and from MLflow’s clients, with its {counted(runCount, 'run')}. Nothing is lost: metrics, artifacts and
          lineage are kept, and it can be restored. Its name stays taken.
        </p>
      </Confirm>
    </>
  );
}

function About({ experiment }: { experiment: ExperimentDetails }) {
  return (
    <div className="page columns">
      <Section title="Experiment">
        <Facts
          rows={[
            [
              'MLflow’s number',
              <span key="number" className="mono">
                {experiment.experimentId}
              </span>,
            ],
            [
              'Address',
              <span key="address" className="mono">
                {experimentHref(experiment.experimentId)}
              </span>,
            ],
            ['Made', <Time key="made" at={experiment.createdAt} />],
            [
              'Artifacts go to',
              <span key="artifacts" className="mono">
                {experiment.artifactLocation}
              </span>,
            ],
            ['Metric keys', String(experiment.metricKeys.length)],
            ['Param keys', String(experiment.paramKeys.length)],
          ]}
        />
      </Section>
      <Section title="Tags" aside={String(experiment.tags.length)}>
        {experiment.tags.length === 0 ? (
          <p className="note">None yet.</p>
        ) : (
          <Facts rows={experiment.tags.map(({ key, value }) => [key, value] as const)} />
        )}
      </Section>
    </div>
  );
}
