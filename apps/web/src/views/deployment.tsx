'use client';

import { useState } from 'react';

import { useAct, useData } from '../api/hooks.ts';
import { graphql } from '../gql/gql.ts';
import type { DeploymentFactsFragment } from '../gql/graphql.ts';
import { modelHref, modelVersionHref, refs, targetHref } from '../logic/links.ts';
import { TracePanel } from '../parts/trace.tsx';
import { Thread } from '../parts/thread.tsx';
import { Badge } from '../ui/badge.tsx';
import { Dialog, DialogForm, Field, fieldOf } from '../ui/dialog.tsx';
import { Head, Tabs, useTab } from '../ui/head.tsx';
import { Link } from '../ui/link.tsx';
import { Menu } from '../ui/menu.tsx';
import { Empty, Loaded, Missing, Skeleton } from '../ui/states.tsx';
import { Hash, Time } from '../ui/text.tsx';
import { DeploymentHistory } from './deployment-history.tsx';

graphql(`
  fragment DeploymentFacts on Deployment {
    id
    ref
    environment
    target
    digest
    isLive
    startedAt
    startedBy
    reason
    endedAt
    endedBy
    modelVersion {
      id
      version
      aliases
      model {
        id
        name
      }
    }
    previous {
      id
      modelVersion {
        version
        model {
          name
        }
      }
    }
  }
`);

const DeploymentDocument = graphql(`
  query DeploymentPage($id: ID!) {
    deployment(id: $id) {
      ...DeploymentFacts
    }
  }
`);

const RollBackDocument = graphql(`
  mutation RollBack($deployment: ID!, $reason: String) {
    rollBack(deployment: $deployment, reason: $reason) {
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

const EndDocument = graphql(`
  mutation EndDeployment($id: ID!, $reason: String) {
    endDeployment(id: $id, reason: $reason) {
      __typename
      ... on Deployment {
        id
      }
      ...Refusal
    }
  }
`);

const TABS = [
  { id: 'trace', label: 'Trace' },
  { id: 'history', label: 'History' },
] as const;

interface Props {
  /** A node id, or the reference of whatever is live at a target. */
  id: string;
  /** The target, where the address names one. */
  target: { environment: string; target: string } | null;
}

export function DeploymentView({ id, target }: Props) {
  const query = useData(DeploymentDocument, { id });
  return (
    <Loaded query={query} skeleton={<DeploymentSkeleton target={target} />}>
      {({ deployment }) =>
        deployment ? (
          <Page deployment={deployment} byTarget={target !== null} />
        ) : target === null ? (
          <Missing what="deployment" name={id} />
        ) : (
          <NothingLive target={target} />
        )
      }
    </Loaded>
  );
}

function DeploymentSkeleton({ target }: { target: Props['target'] }) {
  return (
    <>
      <Head crumbs={[{ label: 'Deployments', href: '/deployments' }]} title={target?.target ?? 'Deployment'}>
        <div className="tabs" />
      </Head>
      <Thread id={undefined} />
      <div className="page">
        <Skeleton rows={8} />
      </div>
    </>
  );
}

function NothingLive({ target: { environment, target } }: { target: { environment: string; target: string } }) {
  return (
    <>
      <Head
        crumbs={[{ label: 'Deployments', href: '/deployments' }]}
        title={target}
        badges={<Badge>nothing live</Badge>}
        reference={refs.deployment(environment, target)}
      />
      <div className="page">
        <Empty title={`Nothing is live at ${environment} / ${target}`}>
          <p>Deploy a version from its page. What was live here before is listed below.</p>
        </Empty>
        <DeploymentHistory environment={environment} target={target} current={null} />
      </div>
    </>
  );
}

type Ending = 'rollback' | 'end';

function Page({ deployment, byTarget }: { deployment: DeploymentFactsFragment; byTarget: boolean }) {
  const tab = useTab(TABS);
  const [ending, setEnding] = useState<Ending | null>(null);
  const { environment, target, modelVersion, isLive, previous } = deployment;
  const serving = `${modelVersion.model.name} / ${modelVersion.version}`;
  return (
    <>
      <Head
        crumbs={[
          { label: 'Deployments', href: '/deployments' },
          { label: environment, href: `/deployments?environment=${encodeURIComponent(environment)}` },
        ]}
        title={target}
        tabTitle={`${environment} / ${target}`}
        badges={
          <Badge tone={isLive ? 'ok' : 'plain'} dot>
            {isLive ? 'Serving' : 'Served'} <Link href={modelVersionHref(modelVersion.model.name, modelVersion.version)}>{serving}</Link>
          </Badge>
        }
        reference={deployment.ref}
        facts={
          <>
            {deployment.startedBy} · <Time at={deployment.startedAt} />
            {deployment.endedAt ? (
              <>
                {' '}
                – <Time at={deployment.endedAt} />
              </>
            ) : null}
          </>
        }
        actions={
          isLive ? (
            <Menu
              label="Change"
              items={[
                {
                  label: previous
                    ? `Roll back to ${previous.modelVersion.model.name} / ${previous.modelVersion.version}…`
                    : 'Roll back (nothing before it)',
                  disabled: !previous,
                  onSelect: () => setEnding('rollback'),
                },
                { label: 'End this deployment…', danger: true, onSelect: () => setEnding('end') },
              ]}
            />
          ) : byTarget ? undefined : (
            <Link className="button" href={targetHref(environment, target)}>
              What is live now
            </Link>
          )
        }
      >
        <Tabs tabs={TABS} current={tab} />
      </Head>
      {byTarget && !isLive ? (
        <p className="bar tinted" role="note">
          Nothing is live at {environment} / {target} now. This is what was live last, ended <Time at={deployment.endedAt} />
          {deployment.endedBy ? ` by ${deployment.endedBy}` : ''}.
        </p>
      ) : null}
      {tab === 'trace' ? <TracePanel id={deployment.id} /> : null}
      {tab === 'history' ? (
        <>
          <Thread id={deployment.id} />
          <div className="page">
            <p className="note">
              Pinned to digest <Hash value={deployment.digest} copy /> of{' '}
              <Link href={modelHref(modelVersion.model.name)}>{modelVersion.model.name}</Link>
              {deployment.reason === '' ? '.' : `: ${deployment.reason}`}
            </p>
            <DeploymentHistory environment={environment} target={target} current={deployment.id} />
          </div>
        </>
      ) : null}
      <EndDialog deployment={deployment} ending={ending} onClose={() => setEnding(null)} />
    </>
  );
}

function EndDialog({ deployment, ending, onClose }: { deployment: DeploymentFactsFragment; ending: Ending | null; onClose: () => void }) {
  const { environment, target, previous, modelVersion } = deployment;
  const place = `${environment} / ${target}`;
  const serving = `${modelVersion.model.name} / ${modelVersion.version}`;
  const before = previous ? `${previous.modelVersion.model.name} / ${previous.modelVersion.version}` : '';
  const rollBack = useAct(RollBackDocument, {
    failure: 'shown',
    done: () => ({ text: `${place} serves ${before} again.` }),
    then: () => {
      onClose();
      window.location.assign(targetHref(environment, target));
    },
  });
  const end = useAct(EndDocument, { failure: 'shown', done: () => ({ text: `Nothing is live at ${place} now.` }), then: onClose });
  const isRollBack = ending === 'rollback';
  return (
    <Dialog
      open={ending !== null}
      onOpenChange={(open) => {
        if (!open) onClose();
      }}
      title={isRollBack ? `Roll ${place} back to ${before}` : `End the deployment at ${place}`}
      description={
        isRollBack
          ? `${serving} stops being live here, and ${before} is deployed again, pinned to the same digest as before. Both stay in the history.`
          : `${serving} stops being live here, and nothing takes its place. The record and its trace stay; deploy it again from the version’s page.`
      }
    >
      <DialogForm
        submit={isRollBack ? 'Roll back' : 'End deployment'}
        danger={!isRollBack}
        busy={rollBack.isPending || end.isPending}
        error={isRollBack ? rollBack.error : end.error}
        onCancel={onClose}
        onSubmit={(form) => {
          const reason = fieldOf(form, 'reason') || null;
          if (isRollBack) rollBack.mutate({ deployment: deployment.id, reason });
          else end.mutate({ id: deployment.id, reason });
        }}
      >
        <Field label="Why" hint="Kept in the history.">
          <input name="reason" maxLength={1000} autoFocus />
        </Field>
      </DialogForm>
    </Dialog>
  );
}
