'use client';

import { useRouter } from 'next/navigation';
import { useState } from 'react';

import { useAct, useData, usePages } from '../api/hooks.ts';
import { graphql } from '../gql/gql.ts';
import type { ModelVersionPageQuery, VersionFilesQuery } from '../gql/graphql.ts';
import { counted } from '../logic/format.ts';
import { deploymentHref, lineageHref, loggedModelHref, modelHref, modelVersionHref, refs, runHref } from '../logic/links.ts';
import { PromoteDialog } from '../parts/promote.tsx';
import { Thread } from '../parts/thread.tsx';
import { VerifyButton } from '../parts/trace.tsx';
import { WithdrawnWarning } from '../parts/withdrawn.tsx';
import { Badge, EvidenceMark, IntegrityBadge } from '../ui/badge.tsx';
import { Confirm, Dialog, DialogForm, Field, fieldOf } from '../ui/dialog.tsx';
import { Head, Section, Tabs, useTab } from '../ui/head.tsx';
import { DownloadIcon } from '../ui/icons.tsx';
import { Link } from '../ui/link.tsx';
import { Menu } from '../ui/menu.tsx';
import { Empty, Loaded, Missing, Skeleton, useOrigin } from '../ui/states.tsx';
import type { Column } from '../ui/table.tsx';
import { More, Table } from '../ui/table.tsx';
import { Bytes, Code, Copy, Facts, Hash, Time } from '../ui/text.tsx';

const VersionDocument = graphql(`
  query ModelVersionPage($id: ID!) {
    modelVersion(id: $id) {
      id
      ref
      version
      description
      aliases
      stage
      source
      digest
      noDigestReason
      fileCount
      totalBytes
      integrity
      runEvidence
      createdBy
      createdAt
      tags {
        key
        value
      }
      model {
        id
        name
      }
      run {
        runId
        name
      }
      loggedModel {
        modelId
        name
      }
      copiedFrom {
        version
        model {
          name
        }
      }
      deployments(first: 50) {
        nodes {
          id
          environment
          target
          isLive
          startedAt
          startedBy
          endedAt
        }
      }
    }
  }
`);

const FilesDocument = graphql(`
  query VersionFiles($id: ID!, $after: String) {
    modelVersion(id: $id) {
      id
      files(first: 100, after: $after) {
        totalCount
        pageInfo {
          hasNextPage
          endCursor
        }
        nodes {
          path
          sizeBytes
          sha256
          integrity
          checkedAt
          downloadUrl
        }
      }
    }
  }
`);

const DeployDocument = graphql(`
  mutation Deploy($input: DeployInput!) {
    deploy(input: $input) {
      __typename
      ... on Deployment {
        id
        environment
        target
      }
      ...Refusal
    }
  }
`);

const TargetsDocument = graphql(`
  query Targets {
    deployments(first: 100) {
      nodes {
        id
        environment
        target
        modelVersion {
          version
          model {
            name
          }
        }
      }
    }
  }
`);

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

type Version = NonNullable<ModelVersionPageQuery['modelVersion']>;
type VersionFile = NonNullable<VersionFilesQuery['modelVersion']>['files']['nodes'][number];

export function ModelVersionView({ name, version }: { name: string; version: string }) {
  const query = useData(VersionDocument, { id: refs.modelVersion(name, version) });
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

function Page({ version }: { version: Version }) {
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
      {tab === 'overview' ? <Overview version={version} /> : null}
      {tab === 'files' ? <Files version={version} /> : null}
      {tab === 'deployments' ? <Deployments version={version} /> : null}
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

function Overview({ version }: { version: Version }) {
  const origin = useOrigin();
  return (
    <div className="page columns">
      <div>
        <Section title="Version">
          <Facts
            rows={[
              version.description === '' ? null : ['About', version.description],
              [
                'Digest',
                version.digest ? (
                  <span key="digest" className="mono break">
                    sha256:{version.digest} <Copy text={version.digest} label="Copy the digest" />
                  </span>
                ) : (
                  <Badge key="none" tone="warn">
                    none: {version.noDigestReason ?? 'its files are elsewhere'}
                  </Badge>
                ),
              ],
              [
                'Files',
                version.fileCount === 0 ? (
                  'none here'
                ) : (
                  <span key="files">
                    {counted(version.fileCount, 'file')}, <Bytes value={version.totalBytes} />
                  </span>
                ),
              ],
              [
                'Source',
                <span key="source" className="mono">
                  {version.source === '' ? '–' : version.source}
                </span>,
              ],
              [
                'Run',
                version.run ? (
                  <span key="run" className="badges">
                    <Link href={runHref(version.run.runId)}>{version.run.name}</Link>
                    <EvidenceMark evidence={version.runEvidence} />
                  </span>
                ) : (
                  'not known'
                ),
              ],
              version.loggedModel
                ? [
                    'Logged model',
                    <Link key="logged" href={loggedModelHref(version.loggedModel.modelId)}>
                      {version.loggedModel.name}
                    </Link>,
                  ]
                : null,
              version.copiedFrom
                ? [
                    'Copied from',
                    <Link key="copied" href={modelVersionHref(version.copiedFrom.model.name, version.copiedFrom.version)}>
                      {version.copiedFrom.model.name} / {version.copiedFrom.version}
                    </Link>,
                  ]
                : null,
              [
                'Registered',
                <span key="made">
                  <Time at={version.createdAt} /> by {version.createdBy}
                </span>,
              ],
            ]}
          />
        </Section>
        <Section title="Load it">
          <Code
            label="Load this version"
            text={`import mlflow\nmlflow.set_tracking_uri("${origin}")\nmodel = mlflow.pyfunc.load_model("models:/${version.model.name}${version.aliases[0] ? `@${version.aliases[0]}` : `/${version.version}`}")`}
          />
        </Section>
      </div>
      <div>
        <Section title="Where it is live">
          <LiveAt version={version} />
        </Section>
        <Section title="Tags" aside={String(version.tags.length)}>
          {version.tags.length === 0 ? (
            <p className="note">None yet.</p>
          ) : (
            <Facts rows={version.tags.map(({ key, value }) => [key, value] as const)} />
          )}
        </Section>
      </div>
    </div>
  );
}

function LiveAt({ version }: { version: Version }) {
  const live = version.deployments.nodes.filter(({ isLive }) => isLive);
  if (live.length === 0) return <p className="note">Nowhere. “Deploy” pins it to a target by its digest.</p>;
  return (
    <ul className="lines">
      {live.map(({ id, environment, target, startedAt, startedBy }) => (
        <li key={id}>
          <Link href={deploymentHref(id)}>
            {environment} / {target}
          </Link>
          <span className="quiet">
            {startedBy} · <Time at={startedAt} />
          </span>
        </li>
      ))}
    </ul>
  );
}

const FILE_COLUMNS: readonly Column<VersionFile>[] = [
  { id: 'path', head: 'Path', kind: 'mono', cell: ({ path }) => <span title={path}>{path}</span> },
  { id: 'size', head: 'Size', kind: 'number', width: 96, cell: ({ sizeBytes }) => <Bytes value={sizeBytes} /> },
  { id: 'sha', head: 'SHA-256', width: 150, cell: ({ sha256 }) => <Hash value={sha256} copy /> },
  {
    id: 'integrity',
    head: 'Integrity',
    width: 120,
    cell: ({ integrity, checkedAt }) => <IntegrityBadge integrity={integrity} checkedAt={checkedAt} />,
  },
  { id: 'checked', head: 'Checked', width: 110, cell: ({ checkedAt }) => <Time at={checkedAt} /> },
  {
    id: 'download',
    head: '',
    width: 44,
    cell: ({ path, downloadUrl }) => (
      <a className="icon-button" href={downloadUrl} download={path.split('/').at(-1)} aria-label={`Download ${path}`} title="Download">
        <DownloadIcon />
      </a>
    ),
  },
];

function Files({ version }: { version: Version }) {
  const query = usePages(FilesDocument, { id: version.id, after: null }, (data) => data.modelVersion?.files);
  return (
    <div className="page">
      <Section title="Frozen files" aside={<VerifyButton root={version.id} />}>
        <Loaded query={query}>
          {({ pages }) => {
            const files = pages.flatMap((page) => page.modelVersion?.files.nodes ?? []);
            return files.length === 0 ? (
              <Empty title="No files here">
                <p>{version.noDigestReason ?? 'This version’s files are elsewhere.'}</p>
              </Empty>
            ) : (
              <>
                <Table label="Frozen files" columns={FILE_COLUMNS} rows={files} keyOf={({ path }) => path} minWidth={720} />
                <More query={query} shown={files.length} total={version.fileCount} noun="files" />
              </>
            );
          }}
        </Loaded>
      </Section>
    </div>
  );
}

type VersionDeployment = Version['deployments']['nodes'][number];

const DEPLOYMENT_COLUMNS: readonly Column<VersionDeployment>[] = [
  {
    id: 'place',
    head: 'Where',
    cell: ({ id, environment, target }) => (
      <Link href={deploymentHref(id)}>
        {environment} / {target}
      </Link>
    ),
  },
  {
    id: 'state',
    head: 'State',
    width: 90,
    cell: ({ isLive }) => (
      <Badge tone={isLive ? 'ok' : 'plain'} dot>
        {isLive ? 'Live' : 'Ended'}
      </Badge>
    ),
  },
  { id: 'by', head: 'By', width: 140, cell: ({ startedBy }) => startedBy },
  { id: 'from', head: 'From', width: 130, cell: ({ startedAt }) => <Time at={startedAt} /> },
  { id: 'to', head: 'Until', width: 130, cell: ({ endedAt }) => <Time at={endedAt} /> },
];

function Deployments({ version }: { version: Version }) {
  return (
    <div className="page">
      {version.deployments.nodes.length === 0 ? (
        <Empty title="Never deployed">
          <p>“Deploy” pins this version to a target of an environment, by its digest.</p>
        </Empty>
      ) : (
        <Table
          label="Deployments of this version"
          columns={DEPLOYMENT_COLUMNS}
          rows={version.deployments.nodes}
          keyOf={({ id }) => id}
          faded={({ isLive }) => !isLive}
        />
      )}
    </div>
  );
}

function DeployDialog({ version, label, onClose }: { version: Version | null; label: string; onClose: () => void }) {
  return (
    <Dialog
      open={version !== null}
      onOpenChange={(open) => {
        if (!open) onClose();
      }}
      title={`Deploy ${label}`}
      description="Records what serves where, pinned to this digest. What was live at the target before is ended and stays in its history."
    >
      {version === null ? null : <DeployForm version={version} label={label} onClose={onClose} />}
    </Dialog>
  );
}

function DeployForm({ version, label, onClose }: { version: Version; label: string; onClose: () => void }) {
  const router = useRouter();
  const { data } = useData(TargetsDocument, {});
  const [environment, setEnvironment] = useState('production');
  const [target, setTarget] = useState('');
  const deploy = useAct(DeployDocument, {
    failure: 'shown',
    done: (_, { input }) => ({ text: `${label} is live at ${input.environment} / ${input.target}.` }),
    then: ({ deploy: made }) => {
      onClose();
      if (made.__typename === 'Deployment') router.push(deploymentHref(made.id));
    },
  });
  const known = data?.deployments.nodes ?? [];
  const replaced = known.find((each) => each.environment === environment.trim() && each.target === target.trim());
  return (
    <DialogForm
      submit="Deploy"
      busy={deploy.isPending}
      error={deploy.error}
      onCancel={onClose}
      onSubmit={(form) =>
        deploy.mutate({
          input: { version: version.id, environment: environment.trim(), target: target.trim(), reason: fieldOf(form, 'reason') || null },
        })
      }
    >
      <WithdrawnWarning id={version.id} decision="Deploying it is recorded all the same; its trace is not verified." />
      <Field label="Environment">
        <input
          list="environments"
          value={environment}
          onChange={(event) => setEnvironment(event.currentTarget.value)}
          required
          maxLength={128}
          pattern="[^\/]+"
          title="No /"
          autoComplete="off"
        />
      </Field>
      <Field label="Target" hint="A service, a device, a job.">
        <input
          list="targets"
          value={target}
          onChange={(event) => setTarget(event.currentTarget.value)}
          required
          maxLength={128}
          pattern="[^\/]+"
          title="No /"
          placeholder="api"
          autoComplete="off"
          autoFocus
        />
      </Field>
      <datalist id="environments">
        {[...new Set(['production', 'staging', ...known.map((each) => each.environment)])].map((each) => (
          <option key={each} value={each} />
        ))}
      </datalist>
      <datalist id="targets">
        {[...new Set(known.map((each) => each.target))].map((each) => (
          <option key={each} value={each} />
        ))}
      </datalist>
      <Facts
        rows={[
          ['Digest', <Hash key="digest" value={version.digest} copy />],
          [
            'Ends there',
            replaced === undefined
              ? 'nothing: nothing is live at this target'
              : `${replaced.modelVersion.model.name} / ${replaced.modelVersion.version}`,
          ],
        ]}
      />
      <Field label="Why" hint="Kept in the history.">
        <input name="reason" maxLength={1000} />
      </Field>
    </DialogForm>
  );
}
