'use client';

import { useRouter } from 'next/navigation';
import { useState } from 'react';

import { act, useAct, useData, usePages } from '../api/hooks.ts';
import { graphql } from '../gql/gql.ts';
import type { DatasetVersionPageQuery, UsedByQuery } from '../gql/graphql.ts';
import { counted } from '../logic/format.ts';
import { datasetDiffHref, datasetHref, datasetVersionHref, experimentHref, lineageHref, refs, runHref } from '../logic/links.ts';
import { FileBrowser } from '../parts/files.tsx';
import { Thread } from '../parts/thread.tsx';
import { VerifyButton } from '../parts/trace.tsx';
import { Badge, EvidenceMark, IntegrityBadge, StatusBadge } from '../ui/badge.tsx';
import { Dialog, DialogForm, Field, fieldOf } from '../ui/dialog.tsx';
import { Head, Section, Tabs, useTab } from '../ui/head.tsx';
import { Link } from '../ui/link.tsx';
import { Menu } from '../ui/menu.tsx';
import { Empty, Loaded, Missing, Skeleton, useOrigin } from '../ui/states.tsx';
import type { Column } from '../ui/table.tsx';
import { More, Table } from '../ui/table.tsx';
import { Bytes, Code, Copy, Facts, Time } from '../ui/text.tsx';
import { SetCurrentDocument } from './dataset.tsx';

const VersionDocument = graphql(`
  query DatasetVersionPage($id: ID!) {
    datasetVersion(id: $id) {
      id
      ref
      number
      digest
      dvcMd5
      message
      tags
      isCurrent
      fileCount
      totalBytes
      integrity
      checkedAt
      createdBy
      createdAt
      dataset {
        id
        name
        versionCount
        current {
          id
          number
        }
        tags {
          name
          version {
            id
          }
        }
      }
      derivedFrom {
        id
        number
        dataset {
          name
        }
      }
      derivatives {
        id
        number
        dataset {
          name
        }
      }
      producedBy {
        runId
        name
      }
      sightings {
        repository
        path
        commit
        actor
        seenAt
      }
      retraction {
        reason
        actor
        at
      }
    }
  }
`);

const UsedByDocument = graphql(`
  query UsedBy($id: ID!, $after: String) {
    datasetVersion(id: $id) {
      id
      usedBy(first: 50, after: $after) {
        pageInfo {
          hasNextPage
          endCursor
        }
        nodes {
          id
          context
          evidence
          loggedAt
          run {
            runId
            name
            status
            experiment {
              experimentId
              name
            }
          }
        }
      }
    }
  }
`);

const RetractDocument = graphql(`
  mutation Retract($version: ID!, $reason: String!) {
    retractDatasetVersion(version: $version, reason: $reason) {
      __typename
      ... on DatasetVersion {
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

const ReinstateDocument = graphql(`
  mutation Reinstate($version: ID!, $reason: String!) {
    reinstateDatasetVersion(version: $version, reason: $reason) {
      __typename
      ... on DatasetVersion {
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

const TagDocument = graphql(`
  mutation TagVersion($version: ID!, $tag: String!) {
    tagDatasetVersion(version: $version, tag: $tag) {
      __typename
      ... on DatasetVersion {
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

const UntagDocument = graphql(`
  mutation Untag($dataset: ID!, $tag: String!) {
    untagDataset(dataset: $dataset, tag: $tag) {
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

type Version = NonNullable<DatasetVersionPageQuery['datasetVersion']>;
type Use = NonNullable<UsedByQuery['datasetVersion']>['usedBy']['nodes'][number];

export function DatasetVersionView({ name, number }: { name: string; number: string }) {
  const query = useData(VersionDocument, { id: refs.datasetVersion(name, number) });
  return (
    <Loaded
      query={query}
      skeleton={
        <>
          <Head
            crumbs={[
              { label: 'Datasets', href: '/datasets' },
              { label: name, href: datasetHref(name) },
            ]}
            title={`${name}@${number}`}
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
      {({ datasetVersion }) =>
        datasetVersion ? <Page version={datasetVersion} /> : <Missing what="dataset version" name={`${name}@${number}`} />
      }
    </Loaded>
  );
}

type Open = 'tag' | 'retract' | 'reinstate' | null;

function Page({ version }: { version: Version }) {
  const router = useRouter();
  const tabs = [
    { id: 'overview', label: 'Overview' },
    { id: 'files', label: 'Files', count: version.fileCount },
    { id: 'used', label: 'Used by' },
  ];
  const tab = useTab(tabs);
  const [open, setOpen] = useState<Open>(null);
  const close = () => setOpen(null);
  const { dataset, retraction } = version;
  const label = `${dataset.name}@${version.number}`;
  const before = dataset.current?.id;
  const makeCurrent = useAct(SetCurrentDocument, {
    done: () => ({
      text: `${label} is the current version now.`,
      ...(before === undefined ? {} : { undo: { run: () => act(SetCurrentDocument, { version: before }) } }),
    }),
  });
  return (
    <>
      <Head
        crumbs={[
          { label: 'Datasets', href: '/datasets' },
          { label: dataset.name, href: datasetHref(dataset.name) },
        ]}
        title={label}
        badges={
          <>
            {retraction ? (
              <Badge tone="retracted" dot>
                Withdrawn
              </Badge>
            ) : (
              <IntegrityBadge integrity={version.integrity} checkedAt={version.checkedAt} />
            )}
            {version.tags.map((tag) => (
              <Badge key={tag} tone="accent">
                {tag}
              </Badge>
            ))}
          </>
        }
        reference={version.ref}
        facts={
          <>
            {counted(version.fileCount, 'file')}, <Bytes value={version.totalBytes} /> · {version.createdBy} ·{' '}
            <Time at={version.createdAt} />
          </>
        }
        actions={
          <>
            <Menu
              label="More"
              items={[
                version.isCurrent ? null : { label: 'Make current', onSelect: () => makeCurrent.mutate({ version: version.id }) },
                { label: 'Tag…', onSelect: () => setOpen('tag') },
                version.number > 1
                  ? {
                      label: `What changed since @${version.number - 1}`,
                      onSelect: () => router.push(datasetDiffHref(dataset.name, version.number - 1, version.number)),
                    }
                  : null,
                { label: 'What stands on it', onSelect: () => router.push(lineageHref(version.id, 'DOWNSTREAM')) },
                retraction
                  ? { label: 'Take the withdrawal back…', onSelect: () => setOpen('reinstate') }
                  : { label: 'Withdraw…', danger: true, onSelect: () => setOpen('retract') },
              ]}
            />
            <VerifyButton root={version.id} />
          </>
        }
      >
        <Tabs tabs={tabs} current={tab} />
      </Head>
      <Thread id={version.id} />
      {retraction ? (
        <div className="bar retracted" role="note">
          <b>Withdrawn:</b> {retraction.reason}
          <span className="quiet">
            {retraction.actor} · <Time at={retraction.at} />
          </span>
        </div>
      ) : null}
      {tab === 'overview' ? <Overview version={version} /> : null}
      {tab === 'files' ? <FileBrowser owner={{ kind: 'datasetVersion', id: version.id }} /> : null}
      {tab === 'used' ? <UsedBy id={version.id} label={label} /> : null}
      <TagDialog version={version} label={label} open={open === 'tag'} onClose={close} />
      <RetractionDialog version={version} label={label} open={open === 'retract' || open === 'reinstate' ? open : null} onClose={close} />
    </>
  );
}

function Overview({ version }: { version: Version }) {
  const origin = useOrigin();
  const { dataset } = version;
  const untag = useAct(UntagDocument, {
    done: (_, { tag }) => ({ text: `The tag ${tag} is gone.`, undo: { run: () => act(TagDocument, { version: version.id, tag }) } }),
  });
  const own = dataset.tags.filter((tag) => tag.version.id === version.id);
  const first = `${origin}/api/v1/datasets/${encodeURIComponent(dataset.name)}/versions/${version.number}/files/`;
  return (
    <div className="page columns">
      <div>
        <Section title="Version">
          <Facts
            rows={[
              version.message === '' ? null : ['What changed', version.message],
              [
                'Digest',
                <span key="digest" className="mono break">
                  sha256:{version.digest} <Copy text={version.digest} label="Copy the digest" />
                </span>,
              ],
              [
                'DVC’s name',
                <span key="md5" className="mono">
                  {version.dvcMd5}
                </span>,
              ],
              ['Checked', version.checkedAt ? <Time key="checked" at={version.checkedAt} /> : 'not every file yet'],
              [
                'Made from',
                version.derivedFrom.length === 0 ? (
                  'nothing recorded'
                ) : (
                  <span key="from" className="badges">
                    {version.derivedFrom.map((each) => (
                      <Link key={each.id} className="mono" href={datasetVersionHref(each.dataset.name, each.number)}>
                        {each.dataset.name}@{each.number}
                      </Link>
                    ))}
                  </span>
                ),
              ],
              version.producedBy
                ? [
                    'Made by',
                    <Link key="run" href={runHref(version.producedBy.runId)}>
                      {version.producedBy.name}
                    </Link>,
                  ]
                : null,
              version.derivatives.length === 0
                ? null
                : [
                    'Made into',
                    <span key="into" className="badges">
                      {version.derivatives.map((each) => (
                        <Link key={each.id} className="mono" href={datasetVersionHref(each.dataset.name, each.number)}>
                          {each.dataset.name}@{each.number}
                        </Link>
                      ))}
                    </span>,
                  ],
            ]}
          />
        </Section>
        <Section title="Read it in a run">
          <Code
            label="Read this version in a run"
            text={`import mlflow, pandas\nsource = "${first}PATH"\nframe = pandas.read_csv(source)\nmlflow.log_input(mlflow.data.from_pandas(frame, source=source, name=${JSON.stringify(dataset.name)}), context="training")`}
          />
        </Section>
      </div>
      <div>
        <Section title="Tags" aside={String(own.length)}>
          {own.length === 0 ? (
            <p className="note">None. A tag is a name that can move from version to version, such as holdout.</p>
          ) : (
            <ul className="lines">
              {own.map(({ name }) => (
                <li key={name}>
                  <Badge tone="accent">{name}</Badge>
                  <button type="button" className="button small" onClick={() => untag.mutate({ dataset: dataset.id, tag: name })}>
                    Take away
                  </button>
                </li>
              ))}
            </ul>
          )}
        </Section>
        <Section title="Seen in Git" aside={String(version.sightings.length)}>
          {version.sightings.length === 0 ? (
            <p className="note">Nowhere yet.</p>
          ) : (
            <ul className="lines">
              {version.sightings.map(({ repository, path, commit, seenAt, actor }) => (
                <li key={`${repository} ${path} ${commit}`}>
                  <span className="mono" title={`${repository} ${path}`}>
                    {repository.replace(/^\w+:\/\//, '')} {path}@{commit.slice(0, 7)}
                  </span>
                  <span className="quiet" title={`by ${actor}`}>
                    <Time at={seenAt} />
                  </span>
                </li>
              ))}
            </ul>
          )}
        </Section>
      </div>
    </div>
  );
}

const USE_COLUMNS: readonly Column<Use>[] = [
  {
    id: 'run',
    head: 'Run',
    cell: ({ run }) => (
      <Link href={runHref(run.runId)} title={run.name}>
        {run.name}
      </Link>
    ),
  },
  { id: 'state', head: 'State', width: 100, cell: ({ run }) => <StatusBadge status={run.status} /> },
  {
    id: 'experiment',
    head: 'Experiment',
    cell: ({ run }) => (
      <Link href={experimentHref(run.experiment.experimentId)} title={run.experiment.name}>
        {run.experiment.name}
      </Link>
    ),
  },
  { id: 'context', head: 'Context', width: 110, cell: ({ context }) => context ?? '–' },
  { id: 'evidence', head: 'Evidence', width: 130, cell: ({ evidence }) => <EvidenceMark evidence={evidence} /> },
  { id: 'when', head: 'Logged', width: 110, cell: ({ loggedAt }) => <Time at={loggedAt} /> },
];

function UsedBy({ id, label }: { id: string; label: string }) {
  const query = usePages(UsedByDocument, { id, after: null }, (data) => data.datasetVersion?.usedBy);
  return (
    <div className="page">
      <Loaded query={query}>
        {({ pages }) => {
          const rows = pages.flatMap((page) => page.datasetVersion?.usedBy.nodes ?? []);
          return rows.length === 0 ? (
            <Empty title="No run read it yet">
              <p>A run that logs {label} as an input appears here.</p>
            </Empty>
          ) : (
            <>
              <Table label={`Runs that read ${label}`} columns={USE_COLUMNS} rows={rows} keyOf={(use) => use.id} minWidth={680} />
              {query.hasNextPage ? <More query={query} shown={rows.length} noun="runs" /> : null}
            </>
          );
        }}
      </Loaded>
    </div>
  );
}

function TagDialog({ version, label, open, onClose }: { version: Version; label: string; open: boolean; onClose: () => void }) {
  const tag = useAct(TagDocument, {
    failure: 'shown',
    done: (_, variables) => ({ text: `${variables.tag} names ${label} now.` }),
    then: onClose,
  });
  return (
    <Dialog
      open={open}
      onOpenChange={(next) => {
        if (!next) onClose();
      }}
      title={`Tag ${label}`}
      description="A tag names one version at a time; giving it here takes it from where it was."
    >
      <DialogForm
        submit="Tag"
        busy={tag.isPending}
        error={tag.error}
        onCancel={onClose}
        onSubmit={(form) => tag.mutate({ version: version.id, tag: fieldOf(form, 'tag') })}
      >
        <Field label="Tag" hint="Letters, digits, - and _; never digits alone, and not latest.">
          <input name="tag" required maxLength={255} pattern="[\w\-]+" autoComplete="off" autoFocus />
        </Field>
      </DialogForm>
    </Dialog>
  );
}

function RetractionDialog({
  version,
  label,
  open,
  onClose,
}: {
  version: Version;
  label: string;
  open: 'retract' | 'reinstate' | null;
  onClose: () => void;
}) {
  const retract = useAct(RetractDocument, {
    failure: 'shown',
    done: () => ({
      text: `${label} is withdrawn.`,
      undo: { run: () => act(ReinstateDocument, { version: version.id, reason: 'Withdrawn by mistake.' }) },
    }),
    then: onClose,
  });
  const reinstate = useAct(ReinstateDocument, { failure: 'shown', done: () => ({ text: `${label} is in use again.` }), then: onClose });
  const retracting = open === 'retract';
  return (
    <Dialog
      open={open !== null}
      onOpenChange={(next) => {
        if (!next) onClose();
      }}
      title={retracting ? `Withdraw ${label}` : `Take the withdrawal of ${label} back`}
      description={
        retracting
          ? 'It shows on every run, model and deployment that stands on it; their traces stop being verified. No byte is removed, and it can be taken back.'
          : 'What stands on it is judged by its bytes and evidence again. The withdrawal stays in the history.'
      }
    >
      <DialogForm
        submit={retracting ? 'Withdraw' : 'Take back'}
        danger={retracting}
        busy={retract.isPending || reinstate.isPending}
        error={retracting ? retract.error : reinstate.error}
        onCancel={onClose}
        onSubmit={(form) => {
          const variables = { version: version.id, reason: fieldOf(form, 'reason') };
          if (retracting) retract.mutate(variables);
          else reinstate.mutate(variables);
        }}
      >
        <Field label="Why">
          <textarea name="reason" rows={3} required maxLength={1000} autoFocus />
        </Field>
      </DialogForm>
    </Dialog>
  );
}
