'use client';

import { useState } from 'react';

import { useData } from '../api/hooks.ts';
import { graphql } from '../gql/gql.ts';
import type { LoggedModelPageQuery } from '../gql/graphql.ts';
import { experimentHref, modelVersionHref, refs, runHref } from '../logic/links.ts';
import { FileBrowser } from '../parts/files.tsx';
import { RegisterDialog } from '../parts/register.tsx';
import { Thread } from '../parts/thread.tsx';
import { Badge, EvidenceMark } from '../ui/badge.tsx';
import { Head, Section, Tabs, useTab } from '../ui/head.tsx';
import { Link } from '../ui/link.tsx';
import { Loaded, Missing, Skeleton } from '../ui/states.tsx';
import { Facts, Hash, Time } from '../ui/text.tsx';

const LoggedModelDocument = graphql(`
  query LoggedModelPage($id: ID!) {
    loggedModel(id: $id) {
      id
      ref
      modelId
      name
      modelType
      status
      createdAt
      sourceRunEvidence
      experiment {
        experimentId
        name
      }
      sourceRun {
        id
        runId
        name
      }
      params {
        key
        value
      }
      tags {
        key
        value
      }
      modelVersions {
        id
        version
        digest
        aliases
        model {
          name
        }
      }
    }
  }
`);

type LoggedModel = NonNullable<LoggedModelPageQuery['loggedModel']>;

const TABS = [
  { id: 'files', label: 'Files' },
  { id: 'about', label: 'About' },
] as const;

export function LoggedModelView({ modelId }: { modelId: string }) {
  const query = useData(LoggedModelDocument, { id: refs.loggedModel(modelId) });
  return (
    <Loaded
      query={query}
      skeleton={
        <>
          <Head crumbs={[{ label: 'Experiments', href: '/experiments' }]} title=" " tabTitle="Logged model">
            <div className="tabs" />
          </Head>
          <div className="page">
            <Skeleton rows={8} />
          </div>
        </>
      }
    >
      {({ loggedModel }) => (loggedModel ? <Page model={loggedModel} /> : <Missing what="logged model" name={modelId} />)}
    </Loaded>
  );
}

function Page({ model }: { model: LoggedModel }) {
  const tab = useTab(TABS);
  const [registering, setRegistering] = useState(false);
  const { sourceRun, experiment } = model;
  const [version] = model.modelVersions;
  return (
    <>
      <Head
        crumbs={[
          { label: 'Experiments', href: '/experiments' },
          { label: experiment.name, href: experimentHref(experiment.experimentId) },
          ...(sourceRun ? [{ label: sourceRun.name, href: runHref(sourceRun.runId) }] : []),
        ]}
        title={model.name}
        badges={
          <>
            <Badge tone={model.status === 'READY' ? 'ok' : model.status === 'PENDING' ? 'live' : 'bad'} dot>
              {model.status === 'READY' ? 'Ready' : model.status === 'PENDING' ? 'Being sent' : 'Sending failed'}
            </Badge>
            <Badge>logged model</Badge>
          </>
        }
        reference={model.ref}
        facts={<Time at={model.createdAt} />}
        actions={
          <button type="button" className="button primary" disabled={model.status === 'UPLOAD_FAILED'} onClick={() => setRegistering(true)}>
            Register model
          </button>
        }
      >
        <Tabs tabs={TABS} current={tab} />
      </Head>
      {version || sourceRun ? <Thread id={version?.id ?? sourceRun?.id} here={null} /> : null}
      {tab === 'files' ? <FileBrowser owner={{ kind: 'loggedModel', id: model.id }} /> : <About model={model} />}
      <RegisterDialog open={registering} onClose={() => setRegistering(false)} run={null} loggedModels={[model]} />
    </>
  );
}

function About({ model }: { model: LoggedModel }) {
  return (
    <div className="page columns">
      <div>
        <Section title="Logged model">
          <Facts
            rows={[
              [
                'Id',
                <span key="id" className="mono">
                  {model.modelId}
                </span>,
              ],
              ['Kind', model.modelType ?? '–'],
              [
                'Made by',
                model.sourceRun ? (
                  <span key="run" className="badges">
                    <Link href={runHref(model.sourceRun.runId)}>{model.sourceRun.name}</Link>
                    <EvidenceMark evidence={model.sourceRunEvidence} />
                  </span>
                ) : (
                  'no run'
                ),
              ],
              ['Logged', <Time key="at" at={model.createdAt} />],
            ]}
          />
        </Section>
        <Section title="Registered as" aside={String(model.modelVersions.length)}>
          {model.modelVersions.length === 0 ? (
            <p className="note">Not yet. “Register model” makes it the next version of a model.</p>
          ) : (
            <ul className="lines">
              {model.modelVersions.map((version) => (
                <li key={version.id}>
                  <Link className="mono" href={modelVersionHref(version.model.name, version.version)}>
                    {version.model.name} / {version.version}
                  </Link>
                  <span className="badges">
                    {version.aliases.map((alias) => (
                      <Badge key={alias} tone="accent">
                        {alias}
                      </Badge>
                    ))}
                    <Hash value={version.digest} />
                  </span>
                </li>
              ))}
            </ul>
          )}
        </Section>
      </div>
      <div>
        <Section title="Params" aside={String(model.params.length)}>
          {model.params.length === 0 ? (
            <p className="note">None.</p>
          ) : (
            <Facts rows={model.params.map(({ key, value }) => [key, value] as const)} />
          )}
        </Section>
        <Section title="Tags" aside={String(model.tags.length)}>
          {model.tags.length === 0 ? (
            <p className="note">None.</p>
          ) : (
            <Facts
              rows={model.tags.map(
                ({ key, value }) =>
                  [
                    key,
                    <span key={key} className="clamp" title={value}>
                      {value}
                    </span>,
                  ] as const,
              )}
            />
          )}
        </Section>
      </div>
    </div>
  );
}
