'use client';

// Removing for good, in two steps: a dry run that says what would go and what would stay, and only then the real one, of the same things: what
// was deleted after the dry run was asked for is left alone.

import { useState } from 'react';

import { useAct, useData } from '../api/hooks.ts';
import { graphql } from '../gql/gql.ts';
import type { PurgeJobQuery, PurgeKeptReason, PurgeWait } from '../gql/graphql.ts';
import { counted, formatCount } from '../logic/format.ts';
import { Confirm } from '../ui/dialog.tsx';
import { FailureLine } from '../ui/states.tsx';
import { Bytes, Facts } from '../ui/text.tsx';

const PurgeDocument = graphql(`
  mutation Purge($input: PurgeInput!) {
    purge(input: $input) {
      __typename
      ... on PurgeJob {
        id
      }
      ...Refusal
    }
  }
`);

const JobDocument = graphql(`
  query PurgeJob($id: ID!) {
    purgeJob(id: $id) {
      id
      state
      phase
      waitsFor
      dryRun
      runs {
        found
        removed
        kept
      }
      loggedModels {
        found
        removed
        kept
      }
      experiments {
        found
        removed
        kept
      }
      kept(first: 100) {
        id
        reason
      }
      collected {
        blobs
        bytes
      }
      error
    }
  }
`);

type Job = NonNullable<PurgeJobQuery['purgeJob']>;

const POLL_MS = 700;

const WAITS: Readonly<Record<PurgeWait, string>> = {
  WORKER: 'Waiting for a server to work on it.',
  BACKUP: 'Removed, but for stored files: they wait for the end of a backup.',
};

const REASONS: Readonly<Record<PurgeKeptReason, string>> = {
  MODEL_VERSION: 'a model version came from it',
  LOGGED_MODEL: 'a logged model that stays came from it, or was measured by it',
  DATASET_VERSION: 'a dataset version was made by it',
  CHILD_RUN: 'a run that stays is part of it',
  STARTED_FROM: 'a run that stays started from it',
  HOLDS_KEPT: 'it holds something that stays',
  DEFAULT_EXPERIMENT: 'it is the first experiment, which is always there',
  RESTORED: 'it was brought back',
};

const isOver = ({ state }: Job) => state === 'DONE' || state === 'FAILED';

/** Counts what a purge would remove, and then removes it. `names` are those of what is in the trash, by id. */
export function PurgeButton({ names }: { names: ReadonlyMap<string, string> }) {
  const [jobId, setJobId] = useState<string | null>(null);
  const [countedAtMs, setCountedAtMs] = useState(0);
  const [asking, setAsking] = useState(false);
  const query = useData(
    JobDocument,
    { id: jobId ?? '' },
    { enabled: jobId !== null, staleMs: 0, pollMs: (data) => (data?.purgeJob && isOver(data.purgeJob) ? false : POLL_MS) },
  );
  const purge = useAct(PurgeDocument, {
    failure: 'shown',
    then: ({ purge: made }) => {
      if (made.__typename === 'PurgeJob') setJobId(made.id);
      setAsking(false);
    },
  });
  const job = jobId === null ? null : (query.data?.purgeJob ?? null);
  const isBusy = purge.isPending || (jobId !== null && (job === null || !isOver(job)));
  const goes = job === null ? 0 : job.runs.removed + job.loggedModels.removed + job.experiments.removed;
  const mayGo = job !== null && isOver(job) && job.dryRun && goes > 0;
  const count = () => {
    setCountedAtMs(Date.now());
    purge.mutate({ input: { dryRun: true } });
  };
  return (
    <>
      <p className="actions">
        <button type="button" className="button" disabled={isBusy} onClick={count}>
          {isBusy ? 'Working…' : 'Count what would go'}
        </button>
        <button type="button" className="button" disabled={!mayGo} onClick={() => setAsking(true)}>
          Purge…
        </button>
      </p>
      {asking ? null : <FailureLine error={purge.error ?? query.error} />}
      {job === null ? null : <Report job={job} names={names} />}
      <Confirm
        open={asking}
        onOpenChange={setAsking}
        title="Remove these for good?"
        confirm="Purge"
        busy={purge.isPending}
        error={purge.error}
        onConfirm={() => {
          purge.mutate({ input: { dryRun: false, olderThanSeconds: secondsSince(countedAtMs) } });
        }}
      >
        {job === null ? null : (
          <>
            <p>
              {counted(job.experiments.removed, 'experiment')}, {counted(job.runs.removed, 'run')} and{' '}
              {counted(job.loggedModels.removed, 'logged model')} go with their metrics, params, tags and artifacts. This cannot be undone.
            </p>
            <p>
              {job.kept.length === 0
                ? 'Nothing else stands on them.'
                : `${counted(job.runs.kept + job.loggedModels.kept + job.experiments.kept, 'thing')} stay: something stands on them.`}
            </p>
          </>
        )}
      </Confirm>
    </>
  );
}

/** How long ago a moment of this browser's clock is, in whole seconds: what was deleted after it is not meant. */
function secondsSince(atMs: number): number {
  return Math.max(0, Math.ceil((Date.now() - atMs) / 1000));
}

function Report({ job, names }: { job: Job; names: ReadonlyMap<string, string> }) {
  const { runs, loggedModels, experiments, kept, collected, dryRun, state, waitsFor, error } = job;
  const verb = dryRun ? 'would go' : 'gone';
  const row = (label: string, { found, removed, kept: stays }: Job['runs']): readonly [string, string] => [
    label,
    `${formatCount(removed)} ${verb} of ${formatCount(found)}${stays > 0 ? `, ${formatCount(stays)} stay` : ''}`,
  ];
  return (
    <div role="status" aria-live="polite">
      {state === 'FAILED' ? (
        <p className="note warn">It could not go on: {error}. What is removed is removed; the rest is as it was.</p>
      ) : (
        <p className="note">
          {isOver(job)
            ? dryRun
              ? 'Counted. Nothing was changed.'
              : 'Done.'
            : dryRun
              ? 'Counting…'
              : `${waitsFor == null ? 'Removing.' : WAITS[waitsFor]} It goes on if you leave, and after a restart.`}
        </p>
      )}
      <Facts
        rows={[
          row('Experiments', experiments),
          row('Runs', runs),
          row('Logged models', loggedModels),
          ...(collected == null
            ? []
            : [[dryRun ? 'Files that this frees now' : 'Files freed', <Bytes key="bytes" value={collected.bytes} />] as const]),
        ]}
      />
      {kept.length === 0 ? null : (
        <>
          <h3 className="sub">What stays, and why</h3>
          <ul className="lines">
            {kept.map(({ id, reason }) => (
              <li key={id}>
                <span title={id}>{names.get(id) ?? id}</span>
                <span className="quiet">{REASONS[reason]}</span>
              </li>
            ))}
          </ul>
        </>
      )}
    </div>
  );
}
