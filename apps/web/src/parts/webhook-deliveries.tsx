'use client';

import { useAct, usePages } from '../api/hooks.ts';
import { graphql } from '../gql/gql.ts';
import type { WebhookDeliveriesQuery } from '../gql/graphql.ts';
import { DELIVERY_WORDS, eventWord } from '../logic/webhook-words.ts';
import { Badge } from '../ui/badge.tsx';
import { Loaded } from '../ui/states.tsx';
import type { Column } from '../ui/table.tsx';
import { More, Table } from '../ui/table.tsx';
import { Nothing, Time } from '../ui/text.tsx';

const DeliveriesDocument = graphql(`
  query WebhookDeliveries($id: ID!, $after: String) {
    webhook(id: $id) {
      id
      deliveries(first: 20, after: $after) {
        pageInfo {
          hasNextPage
          endCursor
        }
        nodes {
          id
          deliveryId
          event
          state
          attempts
          createdAt
          nextAttemptAt
          responseStatus
          error
        }
      }
    }
  }
`);

const RedeliverDocument = graphql(`
  mutation RedeliverWebhook($delivery: ID!) {
    redeliverWebhook(delivery: $delivery) {
      __typename
      ... on WebhookDelivery {
        id
        state
      }
      ...Refusal
    }
  }
`);

type Delivery = NonNullable<WebhookDeliveriesQuery['webhook']>['deliveries']['nodes'][number];

const POLL_MS = 2_000;

/** What a webhook was told lately, and whether it heard. */
export function Deliveries({ id }: { id: string }) {
  const query = usePages(DeliveriesDocument, { id, after: null }, (data) => data.webhook?.deliveries, {
    pollMs: (pages) => (pages.some((page) => page.webhook?.deliveries.nodes.some(({ state }) => state === 'PENDING')) ? POLL_MS : false),
  });
  const redeliver = useAct(RedeliverDocument, { done: () => ({ text: 'It is sent once more.' }) });
  const columns: readonly Column<Delivery>[] = [
    { id: 'event', head: 'Event', cell: ({ event, deliveryId }) => <span title={deliveryId}>{eventWord(event)}</span> },
    { id: 'at', head: 'Happened', width: 120, cell: ({ createdAt }) => <Time at={createdAt} /> },
    {
      id: 'state',
      head: 'State',
      width: 120,
      cell: ({ state }) => (
        <Badge tone={DELIVERY_WORDS[state].tone} dot>
          {DELIVERY_WORDS[state].word}
        </Badge>
      ),
    },
    { id: 'answer', head: 'Answer', width: 200, cell: ({ responseStatus, error }) => <Answer status={responseStatus} error={error} /> },
    { id: 'attempts', head: 'Attempts', kind: 'number', width: 84, cell: ({ attempts }) => attempts },
    { id: 'next', head: 'Next', width: 110, cell: ({ nextAttemptAt }) => (nextAttemptAt ? <Time at={nextAttemptAt} /> : <Nothing />) },
    {
      id: 'again',
      head: '',
      width: 104,
      cell: (delivery) =>
        delivery.state === 'PENDING' ? null : (
          <button
            type="button"
            className="button small"
            disabled={redeliver.isPending}
            onClick={() => redeliver.mutate({ delivery: delivery.id })}
          >
            Send again
          </button>
        ),
    },
  ];
  return (
    <Loaded query={query}>
      {({ pages }) => {
        const deliveries = pages.flatMap((page) => page.webhook?.deliveries.nodes ?? []);
        return deliveries.length === 0 ? (
          <p className="note">Nothing was to be told yet. The log goes back 30 days.</p>
        ) : (
          <>
            <Table label="Deliveries" columns={columns} rows={deliveries} keyOf={({ id: key }) => key} minWidth={860} />
            {query.hasNextPage ? <More query={query} shown={deliveries.length} noun="deliveries" /> : null}
          </>
        );
      }}
    </Loaded>
  );
}

function Answer({ status, error }: { status: number | null | undefined; error: string | null | undefined }) {
  if (status == null && !error) return <Nothing />;
  return (
    <span title={error ?? undefined}>
      {status ?? ''} {error ?? ''}
    </span>
  );
}
