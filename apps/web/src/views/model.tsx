'use client';

import { useRouter } from 'next/navigation';
import { useState } from 'react';

import { useAct, useData, usePages } from '../api/hooks.ts';
import { graphql } from '../gql/gql.ts';
import type { ModelPageQuery, ModelVersionsQuery } from '../gql/graphql.ts';
import { EVIDENCE_WORDS } from '../logic/evidence.ts';
import { counted } from '../logic/format.ts';
import { modelHref, modelVersionHref, refs, runHref } from '../logic/links.ts';
import { PromoteDialog } from '../parts/promote.tsx';
import { WithdrawnMark } from '../parts/withdrawn.tsx';
import { Badge, EvidenceLine, IntegrityBadge } from '../ui/badge.tsx';
import { Confirm, Dialog, DialogForm, Field, fieldOf } from '../ui/dialog.tsx';
import { Head, Section, Tabs, useTab } from '../ui/head.tsx';
import { Link } from '../ui/link.tsx';
import { Menu } from '../ui/menu.tsx';
import { Empty, Loaded, Missing, Skeleton, useOrigin } from '../ui/states.tsx';
import type { Column } from '../ui/table.tsx';
import { More, Table } from '../ui/table.tsx';
import { Bytes, Code, Facts, Hash, Nothing, Time } from '../ui/text.tsx';

const ModelDocument = graphql(`
  query ModelPage($id: ID!) {
    model(id: $id) {
      id
      ref
      name
      description
      tags {
        key
        value
      }
      createdAt
      updatedAt
      versionCount
      aliases {
        alias
        since
        version {
          id
          version
        }
      }
      latestVersion {
        id
        version
      }
    }
  }
`);

const VersionsDocument = graphql(`
  query ModelVersions($id: ID!, $after: String) {
    model(id: $id) {
      id
      versions(first: 50, after: $after) {
        pageInfo {
          hasNextPage
          endCursor
        }
        nodes {
          id
          version
          description
          aliases
          stage
          digest
          noDigestReason
          integrity
          fileCount
          totalBytes
          createdBy
          createdAt
          runEvidence
          run {
            runId
            name
          }
          withdrawnData {
            label
            reason
          }
          deployments(first: 10) {
            nodes {
              id
              environment
              target
              isLive
            }
          }
        }
      }
    }
  }
`);

const HistoryDocument = graphql(`
  query AliasHistory($id: ID!, $after: String) {
    model(id: $id) {
      id
      aliasHistory(first: 50, after: $after) {
        pageInfo {
          hasNextPage
          endCursor
        }
        nodes {
          alias
          action
          outcome
          actor
          reason
          refusal
          at
          version {
            version
          }
          previous {
            version
          }
        }
      }
    }
  }
`);

const UpdateDocument = graphql(`
  mutation UpdateModel($id: ID!, $name: String, $description: String) {
    updateModel(id: $id, name: $name, description: $description) {
      __typename
      ... on RegisteredModel {
        id
        name
      }
      ...Refusal
    }
  }
`);

const DeleteDocument = graphql(`
  mutation DeleteModel($id: ID!) {
    deleteModel(id: $id) {
      __typename
      ... on RegisteredModel {
        id
      }
      ...Refusal
    }
  }
`);

const RemoveAliasDocument = graphql(`
  mutation RemoveAlias($model: ID!, $alias: String!, $reason: String) {
    removeAlias(model: $model, alias: $alias, reason: $reason) {
      __typename
      ... on RegisteredModel {
        id
      }
      ...Refusal
    }
  }
`);

type Model = NonNullable<ModelPageQuery['model']>;
type Version = NonNullable<ModelVersionsQuery['model']>['versions']['nodes'][number];

const TABS = [
  { id: 'versions', label: 'Versions' },
  { id: 'history', label: 'Alias history' },
  { id: 'about', label: 'About' },
] as const;

export function ModelView({ name }: { name: string }) {
  const query = useData(ModelDocument, { id: refs.model(name) });
  return (
    <Loaded
      query={query}
      skeleton={
        <>
          <Head crumbs={[{ label: 'Models', href: '/models' }]} title={name}>
            <div className="tabs" />
          </Head>
          <div className="page">
            <Skeleton rows={8} />
          </div>
        </>
      }
    >
      {({ model }) => (model ? <Page model={model} /> : <Missing what="model" name={name} />)}
    </Loaded>
  );
}

type Open = 'edit' | 'delete' | null;

function Page({ model }: { model: Model }) {
  const router = useRouter();
  const tab = useTab(TABS);
  const [open, setOpen] = useState<Open>(null);
  const close = () => setOpen(null);
  const update = useAct(UpdateDocument, {
    failure: 'shown',
    done: () => ({ text: 'Saved.' }),
    then: ({ updateModel }) => {
      close();
      if (updateModel.__typename === 'RegisteredModel' && updateModel.name !== model.name) router.replace(modelHref(updateModel.name));
    },
  });
  const remove = useAct(DeleteDocument, {
    failure: 'shown',
    done: () => ({ text: `${model.name} is deleted.` }),
    then: () => router.push('/models'),
  });
  return (
    <>
      <Head
        crumbs={[{ label: 'Models', href: '/models' }]}
        title={model.name}
        badges={
          <>
            <Badge>{counted(model.versionCount, 'version')}</Badge>
            {model.aliases.map(({ alias, version }) => (
              <Link key={alias} href={modelVersionHref(model.name, version.version)}>
                <Badge tone="accent">
                  {alias} = {version.version}
                </Badge>
              </Link>
            ))}
          </>
        }
        reference={model.ref}
        facts={
          <>
            changed <Time at={model.updatedAt} />
          </>
        }
        actions={
          <Menu
            label="More"
            items={[
              { label: 'Rename or describe…', onSelect: () => setOpen('edit') },
              { label: 'Delete model…', danger: true, onSelect: () => setOpen('delete') },
            ]}
          />
        }
      >
        <Tabs tabs={TABS} current={tab} />
      </Head>
      {tab === 'versions' ? <Versions model={model} /> : null}
      {tab === 'history' ? <History model={model} /> : null}
      {tab === 'about' ? <About model={model} /> : null}
      <Dialog
        open={open === 'edit'}
        onOpenChange={(next) => {
          if (!next) close();
        }}
        title={`Rename or describe ${model.name}`}
        description="Versions, deployments and history stay. Code that names the model must use its new name."
      >
        <DialogForm
          submit="Save"
          busy={update.isPending}
          error={update.error}
          onCancel={close}
          onSubmit={(form) => {
            const name = fieldOf(form, 'name');
            update.mutate({ id: model.id, name: name === model.name ? null : name, description: fieldOf(form, 'description') });
          }}
        >
          <Field label="Name">
            <input name="name" defaultValue={model.name} required maxLength={256} pattern="[^\/:]+" title="Neither / nor :" autoFocus />
          </Field>
          <Field label="What it is for">
            <textarea name="description" rows={4} maxLength={5000} defaultValue={model.description} />
          </Field>
        </DialogForm>
      </Dialog>
      <Confirm
        open={open === 'delete'}
        onOpenChange={(next) => {
          if (!next) close();
        }}
        title={`Delete ${model.name}?`}
        confirm="Delete model"
        busy={remove.isPending}
        error={remove.error}
        onConfirm={() => remove.mutate({ id: model.id })}
      >
        <p>
          This deletes its {counted(model.versionCount, 'version')}
          {model.aliases.length > 0 ? ` and the aliases ${model.aliases.map(({ alias }) => alias).join(', ')}` : ''}. It cannot be undone
          here; digests and history stay for the traces that stand on it. It is refused while a version is deployed.
        </p>
      </Confirm>
    </>
  );
}

function Versions({ model }: { model: Model }) {
  const origin = useOrigin();
  const [promoting, setPromoting] = useState<Version | null>(null);
  const query = usePages(VersionsDocument, { id: model.id, after: null }, (data) => data.model?.versions);
  const columns: readonly Column<Version>[] = [
    {
      id: 'version',
      head: 'Version',
      width: 64,
      cell: ({ version }) => (
        <Link className="mono" href={modelVersionHref(model.name, version)}>
          {version}
        </Link>
      ),
    },
    {
      id: 'aliases',
      head: 'Aliases',
      width: 130,
      cell: ({ aliases, stage }) => (
        <span className="badges">
          {aliases.map((alias) => (
            <Badge key={alias} tone="accent">
              {alias}
            </Badge>
          ))}
          {stage === 'None' || stage === '' ? null : <Badge title="MLflow’s stage">{stage}</Badge>}
          {aliases.length === 0 && (stage === 'None' || stage === '') ? <Nothing /> : null}
        </span>
      ),
    },
    {
      id: 'digest',
      head: 'Digest',
      width: 100,
      cell: ({ digest, noDigestReason }) =>
        digest ? (
          <Hash value={digest} />
        ) : (
          <Badge tone="warn" title={noDigestReason ?? undefined}>
            no digest
          </Badge>
        ),
    },
    {
      id: 'integrity',
      head: 'Bytes',
      width: 104,
      cell: ({ integrity, fileCount }) => (fileCount === 0 ? <Nothing /> : <IntegrityBadge integrity={integrity} />),
    },
    {
      id: 'size',
      head: 'Size',
      kind: 'number',
      width: 84,
      cell: ({ totalBytes, fileCount }) => (fileCount === 0 ? <Nothing /> : <Bytes value={totalBytes} />),
    },
    {
      id: 'run',
      head: 'Run',
      cell: ({ run, runEvidence, withdrawnData }) =>
        run ? (
          <span className="marked">
            <Link href={runHref(run.runId)} title={run.name}>
              {run.name}
            </Link>
            <span title={`${EVIDENCE_WORDS[runEvidence].word}: ${EVIDENCE_WORDS[runEvidence].meaning}`}>
              <EvidenceLine evidence={runEvidence} />
            </span>
            <WithdrawnMark data={withdrawnData} />
          </span>
        ) : (
          <Badge tone="warn">not known</Badge>
        ),
    },
    {
      id: 'deployed',
      head: 'Live at',
      cell: ({ deployments }) => {
        const live = deployments.nodes.filter(({ isLive }) => isLive);
        return live.length === 0 ? (
          <Nothing />
        ) : (
          live.map(({ id, environment, target }) => (
            <Link key={id} href={`/deployments/${id}`}>
              <Badge tone="ok" dot>
                {environment} / {target}
              </Badge>
            </Link>
          ))
        );
      },
    },
    {
      id: 'made',
      head: 'Registered',
      width: 92,
      cell: ({ createdAt, createdBy }) => (
        <span title={`by ${createdBy}`}>
          <Time at={createdAt} />
        </span>
      ),
    },
    {
      id: 'promote',
      head: '',
      width: 92,
      cell: (version) => (
        <button type="button" className="button small" onClick={() => setPromoting(version)}>
          Promote
        </button>
      ),
    },
  ];
  return (
    <div className="page">
      {model.description === '' ? null : <p className="note">{model.description}</p>}
      <Loaded query={query}>
        {({ pages }) => {
          const rows = pages.flatMap((page) => page.model?.versions.nodes ?? []);
          return rows.length === 0 ? (
            <Empty title="No versions yet">
              <p>Register what a run made, from its page, or in code:</p>
              <Code
                label="Register a version"
                text={`import mlflow\nmlflow.set_tracking_uri("${origin}")\nmlflow.register_model("runs:/RUN_ID/model", "${model.name}")`}
              />
            </Empty>
          ) : (
            <>
              <Table label={`Versions of ${model.name}`} columns={columns} rows={rows} keyOf={({ id }) => id} minWidth={1010} />
              <More query={query} shown={rows.length} total={model.versionCount} noun="versions" />
            </>
          );
        }}
      </Loaded>
      <PromoteDialog
        version={promoting === null ? null : { id: promoting.id, label: `version ${promoting.version} of ${model.name}` }}
        onClose={() => setPromoting(null)}
      />
    </div>
  );
}

function History({ model }: { model: Model }) {
  const [removing, setRemoving] = useState<string | null>(null);
  const query = usePages(HistoryDocument, { id: model.id, after: null }, (data) => data.model?.aliasHistory);
  const remove = useAct(RemoveAliasDocument, {
    failure: 'shown',
    done: (_, { alias }) => ({ text: `Nobody holds ${alias} now.` }),
    then: () => setRemoving(null),
  });
  return (
    <div className="page">
      <Section title="Who holds which alias now">
        {model.aliases.length === 0 ? (
          <p className="note">No alias is given. “Promote” beside a version gives one.</p>
        ) : (
          <ul className="lines">
            {model.aliases.map(({ alias, version, since }) => (
              <li key={alias}>
                <span className="badges">
                  <Badge tone="accent">{alias}</Badge>
                  <Link className="mono" href={modelVersionHref(model.name, version.version)}>
                    {model.name} / {version.version}
                  </Link>
                  <span className="quiet">
                    since <Time at={since} />
                  </span>
                </span>
                <button type="button" className="button small" onClick={() => setRemoving(alias)}>
                  Take away
                </button>
              </li>
            ))}
          </ul>
        )}
      </Section>
      <Section title="Every attempt, newest first">
        <Loaded query={query}>
          {({ pages }) => {
            const events = pages.flatMap((page) => page.model?.aliasHistory.nodes ?? []);
            return events.length === 0 ? (
              <p className="note">No alias was ever moved.</p>
            ) : (
              <>
                <ul className="lines">
                  {events.map((event, index) => (
                    <li key={`${event.at} ${event.alias} ${index}`}>
                      <span className="badges">
                        <Badge tone={event.outcome === 'APPLIED' ? 'ok' : 'bad'}>{event.outcome === 'APPLIED' ? 'done' : 'refused'}</Badge>
                        <b>{event.alias}</b>
                        <span className="mono">
                          {event.previous?.version ?? 'nobody'} → {event.action === 'REMOVE' ? 'nobody' : (event.version?.version ?? '?')}
                        </span>
                        <span title={event.refusal ?? event.reason}>{event.refusal ?? event.reason}</span>
                      </span>
                      <span className="quiet">
                        {event.actor} · <Time at={event.at} />
                      </span>
                    </li>
                  ))}
                </ul>
                {query.hasNextPage ? <More query={query} shown={events.length} noun="attempts" /> : null}
              </>
            );
          }}
        </Loaded>
      </Section>
      <Confirm
        open={removing !== null}
        onOpenChange={(open) => {
          if (!open) setRemoving(null);
        }}
        title={`Take ${removing ?? ''} away?`}
        confirm="Take away"
        busy={remove.isPending}
        error={remove.error}
        onConfirm={() => {
          if (removing !== null) remove.mutate({ model: model.id, alias: removing, reason: null });
        }}
      >
        <p>
          Code that loads models:/{model.name}@{removing} will find nothing until the alias is given again. Deployments are pinned to their
          digests and go on.
        </p>
      </Confirm>
    </div>
  );
}

function About({ model }: { model: Model }) {
  const origin = useOrigin();
  return (
    <div className="page columns">
      <div>
        <Section title="What it is for">
          <p className="note">{model.description === '' ? 'Nobody wrote it down yet.' : model.description}</p>
        </Section>
        <Section title="Load it">
          <Code
            label="Load the model"
            text={`import mlflow\nmlflow.set_tracking_uri("${origin}")\nmodel = mlflow.pyfunc.load_model("models:/${model.name}${model.aliases[0] ? `@${model.aliases[0].alias}` : `/${model.latestVersion?.version ?? 1}`}")`}
          />
        </Section>
      </div>
      <div>
        <Section title="Model">
          <Facts
            rows={[
              ['Made', <Time key="made" at={model.createdAt} />],
              ['Changed', <Time key="changed" at={model.updatedAt} />],
              ['Versions', String(model.versionCount)],
            ]}
          />
        </Section>
        <Section title="Tags" aside={String(model.tags.length)}>
          {model.tags.length === 0 ? (
            <p className="note">None yet.</p>
          ) : (
            <Facts rows={model.tags.map(({ key, value }) => [key, value] as const)} />
          )}
        </Section>
      </div>
    </div>
  );
}
