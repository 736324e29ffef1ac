'use client';

import { useState } from 'react';

import { useAct, usePages } from '../api/hooks.ts';
import type { ModelDetails } from '../api/model.ts';
import { graphql } from '../gql/gql.ts';
import { modelVersionHref } from '../logic/links.ts';
import { Badge } from '../ui/badge.tsx';
import { Confirm } from '../ui/dialog.tsx';
import { Section } from '../ui/head.tsx';
import { Link } from '../ui/link.tsx';
import { Loaded } from '../ui/states.tsx';
import { More } from '../ui/table.tsx';
import { Time } from '../ui/text.tsx';

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

/** Who holds which alias of a model, and every attempt to move one. */
export function ModelHistory({ model }: { model: ModelDetails }) {
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
