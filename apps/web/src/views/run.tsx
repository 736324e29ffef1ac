'use client';

import { useRouter } from 'next/navigation';
import { useState } from 'react';

import { act, useAct, useData } from '../api/hooks.ts';
import { useLive } from '../api/live.ts';
import { RunDocument } from '../api/run.ts';
import type { RunDetails } from '../api/run.ts';
import { DeleteRunDocument, RestoreRunDocument } from '../api/run-changes.ts';
import { formatDuration } from '../logic/format.ts';
import { compareHref, experimentHref, refs, runHref } from '../logic/links.ts';
import { FileBrowser } from '../parts/files.tsx';
import { RegisterDialog } from '../parts/register.tsx';
import { RunCharts } from '../parts/run-charts.tsx';
import { RunNotesDialog } from '../parts/run-notes.tsx';
import { RunTags } from '../parts/run-tags.tsx';
import { Thread } from '../parts/thread.tsx';
import { LiveBadge } from '../parts/live-badge.tsx';
import { Badge, StatusBadge } from '../ui/badge.tsx';
import { Confirm } from '../ui/dialog.tsx';
import { Head, Section, Tabs, useTab } from '../ui/head.tsx';
import { Link } from '../ui/link.tsx';
import { Menu } from '../ui/menu.tsx';
import { Loaded, Missing, Skeleton } from '../ui/states.tsx';
import { Facts, Time } from '../ui/text.tsx';
import { RunOverview } from './run-overview.tsx';

export function RunView({ runId }: { runId: string }) {
  const query = useData(RunDocument, { id: refs.run(runId) });
  return (
    <Loaded
      query={query}
      skeleton={
        <>
          <Head crumbs={[{ label: 'Experiments', href: '/experiments' }]} title=" " tabTitle="Run">
            <div className="tabs" />
          </Head>
          <Thread id={undefined} />
          <div className="page">
            <Skeleton rows={10} />
          </div>
        </>
      }
    >
      {({ run }) => (run ? <Page key={run.id} run={run} /> : <Missing what="run" name={runId} />)}
    </Loaded>
  );
}

function tabsOf(run: RunDetails) {
  return [
    { id: 'overview', label: 'Overview' },
    { id: 'charts', label: 'Charts', count: run.metrics.length },
    { id: 'artifacts', label: 'Artifacts' },
    { id: 'details', label: 'Tags and system' },
  ];
}

function Page({ run }: { run: RunDetails }) {
  const router = useRouter();
  const tabs = tabsOf(run);
  const tab = useTab(tabs);
  const [registering, setRegistering] = useState(false);
  const [deleting, setDeleting] = useState(false);
  const [describing, setDescribing] = useState(false);
  const deleted = run.lifecycle === 'DELETED';
  const live = useLive(run);
  const remove = useAct(DeleteRunDocument, {
    failure: 'shown',
    done: () => ({ text: `${run.name} is deleted.`, undo: { run: () => act(RestoreRunDocument, { id: run.id }) } }),
    then: () => setDeleting(false),
  });
  const restore = useAct(RestoreRunDocument, { done: () => ({ text: `${run.name} is back.` }) });
  return (
    <>
      <Head
        crumbs={[
          { label: 'Experiments', href: '/experiments' },
          { label: run.experiment.name, href: experimentHref(run.experiment.experimentId) },
          ...(run.parent ? [{ label: run.parent.name, href: runHref(run.parent.runId) }] : []),
        ]}
        title={run.name}
        badges={
          <>
            <StatusBadge status={run.status} />
            <LiveBadge state={live} />
            {deleted ? <Badge tone="bad">Deleted</Badge> : null}
          </>
        }
        reference={run.ref}
        facts={<RunFacts run={run} />}
        actions={
          <>
            <Menu
              label="More"
              items={[
                deleted ? null : { label: 'Rename or describe…', onSelect: () => setDescribing(true) },
                { label: 'Compare with others…', onSelect: () => router.push(compareHref([run.runId])) },
                deleted
                  ? { label: 'Restore', onSelect: () => restore.mutate({ id: run.id }) }
                  : { label: 'Delete run…', danger: true, onSelect: () => setDeleting(true) },
              ]}
            />
            <button type="button" className="button primary" disabled={deleted} onClick={() => setRegistering(true)}>
              Register model
            </button>
          </>
        }
      >
        <Tabs tabs={tabs} current={tab} />
      </Head>
      <Thread id={run.id} />
      {tab === 'overview' ? <RunOverview run={run} /> : null}
      {tab === 'charts' ? <RunCharts run={run} /> : null}
      {tab === 'artifacts' ? <FileBrowser owner={{ kind: 'run', id: run.id }} hint={`mlflow.log_artifact("report.html")`} /> : null}
      {tab === 'details' ? <Details run={run} /> : null}
      <RegisterDialog
        open={registering}
        onClose={() => setRegistering(false)}
        run={{ id: run.id, name: run.name }}
        loggedModels={run.loggedModels}
      />
      <RunNotesDialog run={run} open={describing} onClose={() => setDescribing(false)} />
      <Confirm
        open={deleting}
        onOpenChange={setDeleting}
        title={`Delete ${run.name}?`}
        confirm="Delete run"
        busy={remove.isPending}
        error={remove.error}
        onConfirm={() => remove.mutate({ id: run.id })}
      >
        <p>The run disappears from lists and from MLflow’s clients. Its metrics, artifacts and lineage are kept, and it can be restored.</p>
        {run.modelVersions.length > 0 ? (
          <p>
            Still standing on it: {run.modelVersions.map(({ model, version }) => `${model.name} / ${version}`).join(', ')}. They keep their
            frozen files.
          </p>
        ) : null}
      </Confirm>
    </>
  );
}

function RunFacts({ run }: { run: RunDetails }) {
  return (
    <>
      {run.user === '' ? null : <>{run.user} · </>}
      {run.durationMs ? <>{formatDuration(run.durationMs)} · </> : null}
      <Time at={run.startedAt} />
      {run.commit ? (
        <>
          {' · '}
          <span className="mono" title={run.commit}>
            {run.commit.slice(0, 7)}
          </span>
        </>
      ) : null}
    </>
  );
}

function Details({ run }: { run: RunDetails }) {
  const system = run.tags.filter(({ key }) => key.startsWith('mlflow.'));
  const own = run.tags.filter(({ key }) => !key.startsWith('mlflow.'));
  return (
    <div className="page columns">
      <div>
        <RunTags run={run.id} tags={own} fixed={run.lifecycle === 'DELETED'} />
        <Section title="What the client said" aside={`${system.length} tags`}>
          <Facts
            rows={system.map(
              ({ key, value }) =>
                [
                  key,
                  <span key={key} className="clamp" title={value}>
                    {value}
                  </span>,
                ] as const,
            )}
          />
        </Section>
      </div>
      <div>
        <Section title="Run">
          <Facts
            rows={[
              [
                'Run id',
                <span key="id" className="mono">
                  {run.runId}
                </span>,
              ],
              [
                'Experiment',
                <Link key="experiment" href={experimentHref(run.experiment.experimentId)}>
                  {run.experiment.name}
                </Link>,
              ],
              run.parent
                ? [
                    'Part of',
                    <Link key="parent" href={runHref(run.parent.runId)}>
                      {run.parent.name}
                    </Link>,
                  ]
                : null,
              ['Started', <Time key="start" at={run.startedAt} />],
              ['Ended', <Time key="end" at={run.endedAt} />],
              ['Source', run.source ?? '–'],
              [
                'Commit',
                <span key="commit" className="mono">
                  {run.commit ?? '–'}
                </span>,
              ],
              [
                'Artifacts are at',
                <span key="artifacts" className="mono">
                  {run.artifactUri}
                </span>,
              ],
            ]}
          />
        </Section>
        {run.children.nodes.length === 0 ? null : (
          <Section title="Runs that are part of it" aside={`${run.children.nodes.length} of ${run.children.totalCount}`}>
            <ul className="lines">
              {run.children.nodes.map((child) => (
                <li key={child.id}>
                  <Link href={runHref(child.runId)}>{child.name}</Link>
                  <StatusBadge status={child.status} />
                </li>
              ))}
            </ul>
          </Section>
        )}
      </div>
    </div>
  );
}
