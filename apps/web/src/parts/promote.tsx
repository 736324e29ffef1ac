'use client';

import { useState } from 'react';

import { useAct, useData } from '../api/hooks.ts';
import { graphql } from '../gql/gql.ts';
import { Dialog, DialogForm, Field, fieldOf } from '../ui/dialog.tsx';
import { Badge } from '../ui/badge.tsx';
import { Loaded, Skeleton } from '../ui/states.tsx';
import { Facts, Hash, Num, Time } from '../ui/text.tsx';
import { WithdrawnWarning } from './withdrawn.tsx';

const PromotionDocument = graphql(`
  query Promotion($version: ID!) {
    modelVersion(id: $version) {
      id
      version
      digest
      noDigestReason
      model {
        id
        name
        aliases {
          alias
          since
          version {
            id
            version
            digest
            run {
              ...PromotedRun
            }
            deployments(first: 20) {
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
      run {
        ...PromotedRun
      }
    }
  }
`);

graphql(`
  fragment PromotedRun on Run {
    id
    name
    params {
      key
      value
    }
    metrics {
      key
      value
    }
    inputs {
      name
      datasetVersion {
        number
        dataset {
          name
        }
      }
    }
  }
`);

const PromoteDocument = graphql(`
  mutation Promote($input: PromoteInput!) {
    promote(input: $input) {
      __typename
      ... on ModelVersion {
        id
        version
        aliases
      }
      ...Refusal
    }
  }
`);

interface Props {
  /** The version to promote; null while the dialog is closed. */
  version: { id: string; label: string } | null;
  /** Aliases to propose beside the model's own. */
  onClose: () => void;
}

/** Gives an alias to a version, after showing what changes by it. */
export function PromoteDialog({ version, onClose }: Props) {
  return (
    <Dialog
      open={version !== null}
      onOpenChange={(open) => {
        if (!open) onClose();
      }}
      title={`Promote ${version?.label ?? ''}`}
      description="An alias names one version at a time. Whoever loads the model by the alias gets this version from then on; the history keeps who held it before."
      wide
    >
      {version === null ? null : <Form id={version.id} onClose={onClose} />}
    </Dialog>
  );
}

function Form({ id, onClose }: { id: string; onClose: () => void }) {
  const query = useData(PromotionDocument, { version: id }, { staleMs: 0 });
  const [alias, setAlias] = useState('champion');
  const name = alias.trim();
  const promote = useAct(PromoteDocument, {
    failure: 'shown',
    done: (_, { input }) => ({
      text: `${input.alias} is version ${query.data?.modelVersion?.version ?? ''} now.`,
      ...(input.expected ? { undo: { label: 'Take back', run: () => promoteBack(input) } } : {}),
    }),
    then: onClose,
  });
  const back = useAct(PromoteDocument);
  const promoteBack = async ({ alias: taken, expected }: { alias: string; expected?: string | number | null | undefined }) => {
    if (expected)
      await back.mutateAsync({ input: { version: expected, alias: taken, reason: 'Taken back from the message.', expected: id } });
  };
  return (
    <Loaded query={query} skeleton={<Skeleton rows={6} />}>
      {({ modelVersion }) => {
        if (!modelVersion) return <p className="note">This version is gone.</p>;
        const holder = modelVersion.model.aliases.find((each) => each.alias === name);
        const held = holder?.version.id === modelVersion.id;
        return (
          <DialogForm
            submit={name === '' ? 'Promote' : `Promote to ${name}`}
            busy={promote.isPending}
            disabled={held || name === ''}
            error={promote.error}
            onCancel={onClose}
            onSubmit={(form) =>
              promote.mutate({
                input: {
                  version: modelVersion.id,
                  alias: name,
                  reason: fieldOf(form, 'reason') || null,
                  // What this dialog showed must still hold when it is decided: another promotion in between is refused, not overwritten.
                  expected: holder?.version.id ?? null,
                },
              })
            }
          >
            <WithdrawnWarning id={modelVersion.id} decision="Whoever loads the model by the alias gets it all the same." />
            <Field label="Alias" hint="Letters, digits, - and _; never digits alone, and not latest.">
              <input
                list="aliases"
                value={alias}
                onChange={(event) => setAlias(event.currentTarget.value)}
                required
                maxLength={255}
                pattern="[\w\-]+"
                autoComplete="off"
                autoFocus
              />
            </Field>
            <datalist id="aliases">
              {[...new Set(['champion', 'challenger', ...modelVersion.model.aliases.map((each) => each.alias)])].map((each) => (
                <option key={each} value={each} />
              ))}
            </datalist>
            <Changes
              now={holder?.version}
              since={holder?.since}
              then={{ version: modelVersion.version, digest: modelVersion.digest, run: modelVersion.run }}
              model={modelVersion.model.name}
              held={held}
            />
            <Field label="Why" hint="Kept in the alias’s history.">
              <input name="reason" maxLength={1000} />
            </Field>
          </DialogForm>
        );
      }}
    </Loaded>
  );
}

interface ChangedRun {
  name: string;
  params: readonly { key: string; value: string }[];
  metrics: readonly { key: string; value: number | string }[];
  inputs: readonly { name: string; datasetVersion?: { number: number; dataset: { name: string } } | null }[];
}

interface Holder {
  version: number;
  digest?: string | null;
  run?: ChangedRun | null;
  deployments?: { nodes: readonly { id: string; environment: string; target: string; isLive: boolean }[] };
}

function Changes({
  now,
  since,
  then,
  model,
  held,
}: {
  now: Holder | undefined;
  since: string | undefined;
  then: Holder;
  model: string;
  held: boolean;
}) {
  if (held) return <p className="note">This version holds the alias already.</p>;
  const live = now?.deployments?.nodes.filter(({ isLive }) => isLive) ?? [];
  const before = now?.run;
  const after = then.run;
  return (
    <section aria-label="What changes">
      <Facts
        rows={[
          [
            'Now',
            now === undefined ? (
              'nobody holds it'
            ) : (
              <span key="now">
                <span className="mono">
                  {model} / {now.version}
                </span>{' '}
                since <Time at={since} /> <Hash value={now.digest} />
              </span>
            ),
          ],
          [
            'Then',
            <span key="then">
              <span className="mono">
                {model} / {then.version}
              </span>{' '}
              {then.digest ? <Hash value={then.digest} /> : <Badge tone="warn">no digest: it cannot be deployed</Badge>}
            </span>,
          ],
          live.length > 0
            ? [
                'Still serving the old one',
                <span key="live">
                  {live.map(({ environment, target }) => `${environment} / ${target}`).join(', ')} (pinned; deploy the new one there)
                </span>,
              ]
            : null,
          before && after ? ['Data', dataChange(before, after)] : null,
          ...(before && after ? paramChanges(before, after) : []),
          ...(before && after ? metricChanges(before, after) : []),
        ]}
      />
    </section>
  );
}

function dataChange(before: ChangedRun, after: ChangedRun): string {
  const names = (run: ChangedRun) =>
    run.inputs
      .map(({ name, datasetVersion }) => (datasetVersion ? `${datasetVersion.dataset.name}@${datasetVersion.number}` : name))
      .sort()
      .join(', ') || 'not known';
  return names(before) === names(after) ? `the same: ${names(after)}` : `${names(before)} → ${names(after)}`;
}

function paramChanges(before: ChangedRun, after: ChangedRun) {
  const old = new Map(before.params.map(({ key, value }) => [key, value]));
  return after.params
    .filter(({ key, value }) => old.get(key) !== value)
    .slice(0, 6)
    .map(
      ({ key, value }) =>
        [
          <span key="key" className="mono">
            {key}
          </span>,
          <span key="value" className="mono">{`${old.get(key) ?? 'unset'} → ${value}`}</span>,
        ] as const,
    );
}

function metricChanges(before: ChangedRun, after: ChangedRun) {
  const old = new Map(before.metrics.map(({ key, value }) => [key, value]));
  return after.metrics
    .filter(({ key }) => old.has(key) && !key.startsWith('system/'))
    .slice(0, 6)
    .map(
      ({ key, value }) =>
        [
          <span key="key" className="mono">
            {key}
          </span>,
          <span key="value" className="mono">
            <Num value={old.get(key)} /> → <Num value={value} />
          </span>,
        ] as const,
    );
}
