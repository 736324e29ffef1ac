'use client';

import { useState } from 'react';

import { act, useAct, usePages } from '../api/hooks.ts';
import { graphql } from '../gql/gql.ts';
import type { TestWebhookMutation, WebhooksQuery } from '../gql/graphql.ts';
import { eventWord, EVENT_GROUPS, isEvent } from '../logic/webhook-words.ts';
import { Badge } from '../ui/badge.tsx';
import { Confirm, Dialog, DialogForm, Field, fieldOf } from '../ui/dialog.tsx';
import { Section } from '../ui/head.tsx';
import { Menu } from '../ui/menu.tsx';
import { Empty, Loaded } from '../ui/states.tsx';
import { More } from '../ui/table.tsx';
import { Time } from '../ui/text.tsx';
import { Deliveries } from './webhook-deliveries.tsx';

const WebhooksDocument = graphql(`
  query Webhooks($after: String) {
    webhooks(first: 50, after: $after) {
      totalCount
      pageInfo {
        hasNextPage
        endCursor
      }
      nodes {
        id
        name
        description
        url
        events
        hasSecret
        status
        createdAt
      }
    }
  }
`);

const CreateWebhookDocument = graphql(`
  mutation CreateWebhook($input: CreateWebhookInput!) {
    createWebhook(input: $input) {
      __typename
      ... on Webhook {
        id
        name
      }
      ...Refusal
    }
  }
`);

const UpdateWebhookDocument = graphql(`
  mutation UpdateWebhook($id: ID!, $input: UpdateWebhookInput!) {
    updateWebhook(id: $id, input: $input) {
      __typename
      ... on Webhook {
        id
        status
      }
      ...Refusal
    }
  }
`);

const DeleteWebhookDocument = graphql(`
  mutation DeleteWebhook($id: ID!) {
    deleteWebhook(id: $id) {
      __typename
      ... on Webhook {
        id
      }
      ...Refusal
    }
  }
`);

const TestWebhookDocument = graphql(`
  mutation TestWebhook($id: ID!) {
    testWebhook(id: $id) {
      __typename
      ... on WebhookTest {
        success
        responseStatus
        responseBody
        error
      }
      ...Refusal
    }
  }
`);

type Webhook = WebhooksQuery['webhooks']['nodes'][number];
type TestOutcome = Extract<TestWebhookMutation['testWebhook'], { __typename: 'WebhookTest' }>;

/** The addresses that are told of what happens in the registry. */
export function Webhooks() {
  const [making, setMaking] = useState(false);
  const query = usePages(WebhooksDocument, { after: null }, (data) => data.webhooks);
  return (
    <Section
      title="Webhooks of this workspace"
      aside={
        <button type="button" className="button primary" onClick={() => setMaking(true)}>
          Make a webhook
        </button>
      }
    >
      <Loaded query={query}>
        {({ pages }) => {
          const webhooks = pages.flatMap((page) => page.webhooks.nodes);
          return webhooks.length === 0 ? (
            <Empty title="No webhooks yet">
              <p>
                A webhook tells another program over HTTP when something happens in the registry: a version is registered, an alias moves.
                Deliveries are kept through a restart and tried again for hours.
              </p>
            </Empty>
          ) : (
            <>
              {webhooks.map((webhook) => (
                <WebhookCard key={webhook.id} webhook={webhook} />
              ))}
              {query.hasNextPage ? (
                <More query={query} shown={webhooks.length} total={pages[0]?.webhooks.totalCount} noun="webhooks" />
              ) : null}
            </>
          );
        }}
      </Loaded>
      <MakeWebhook open={making} onClose={() => setMaking(false)} />
    </Section>
  );
}

function WebhookCard({ webhook }: { webhook: Webhook }) {
  const { id, name, url, status, hasSecret, events } = webhook;
  const [showsDeliveries, setShowsDeliveries] = useState(false);
  const [deleting, setDeleting] = useState(false);
  const [outcome, setOutcome] = useState<TestOutcome | null>(null);
  const isActive = status === 'ACTIVE';
  const switchTo = (next: 'ACTIVE' | 'DISABLED') => ({ id, input: { status: next } });
  const update = useAct(UpdateWebhookDocument, {
    done: () =>
      isActive
        ? { text: `${name} is told nothing more.`, undo: { run: () => act(UpdateWebhookDocument, switchTo('ACTIVE')) } }
        : { text: `${name} is told again.` },
  });
  const remove = useAct(DeleteWebhookDocument, {
    failure: 'shown',
    done: () => ({ text: `${name} is deleted.` }),
    then: () => setDeleting(false),
  });
  const test = useAct(TestWebhookDocument, {
    then: ({ testWebhook }) => {
      if (testWebhook.__typename === 'WebhookTest') setOutcome(testWebhook);
    },
  });
  return (
    <article className="webhook" aria-label={name}>
      <header>
        <h3>{name}</h3>
        <Badge tone={isActive ? 'ok' : 'plain'} dot>
          {isActive ? 'active' : 'disabled'}
        </Badge>
        <Badge
          title={
            hasSecret
              ? 'Deliveries carry a signature of the secret; the secret itself is shown to nobody.'
              : 'Whoever knows the address can pretend to be this server.'
          }
        >
          {hasSecret ? 'signed' : 'not signed'}
        </Badge>
        <span className="spacer" />
        <button type="button" className="button small" disabled={test.isPending} onClick={() => test.mutate({ id })}>
          {test.isPending ? 'Testing…' : 'Test'}
        </button>
        <button
          type="button"
          className="button small"
          disabled={update.isPending}
          onClick={() => update.mutate(switchTo(isActive ? 'DISABLED' : 'ACTIVE'))}
        >
          {isActive ? 'Disable' : 'Enable'}
        </button>
        <Menu label="More" items={[{ label: 'Delete webhook…', danger: true, onSelect: () => setDeleting(true) }]} />
      </header>
      <p className="mono clamp" title={url}>
        {url}
      </p>
      {webhook.description === '' ? null : <p>{webhook.description}</p>}
      <p className="note">
        Told of: {events.map(eventWord).join(', ').toLowerCase()} · made <Time at={webhook.createdAt} />
      </p>
      <Outcome outcome={outcome} />
      <button type="button" className="text-button" aria-expanded={showsDeliveries} onClick={() => setShowsDeliveries(!showsDeliveries)}>
        {showsDeliveries ? 'Hide deliveries' : 'Recent deliveries'}
      </button>
      {showsDeliveries ? <Deliveries id={id} /> : null}
      <Confirm
        open={deleting}
        onOpenChange={setDeleting}
        title={`Delete ${name}?`}
        confirm="Delete webhook"
        busy={remove.isPending}
        error={remove.error}
        onConfirm={() => remove.mutate({ id })}
      >
        <p>Its secret, the log of its deliveries and what it was not told yet go with it, for good. Disabling it keeps them.</p>
      </Confirm>
    </article>
  );
}

function Outcome({ outcome }: { outcome: TestOutcome | null }) {
  return (
    <div role="status">
      {outcome === null ? null : (
        <p className={outcome.success ? 'note ok' : 'note warn'}>
          {outcome.responseStatus == null
            ? `The test had no answer: ${outcome.error ?? 'the receiver said nothing'}`
            : `The receiver answered the test with ${outcome.responseStatus}.`}{' '}
          {outcome.responseBody ? <span className="mono">{outcome.responseBody.slice(0, 200)}</span> : null}
        </p>
      )}
    </div>
  );
}

function MakeWebhook({ open, onClose }: { open: boolean; onClose: () => void }) {
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set(['MODEL_VERSION_CREATED', 'MODEL_VERSION_ALIAS_CREATED']));
  const create = useAct(CreateWebhookDocument, {
    failure: 'shown',
    done: (_result, { input }) => ({ text: `${input.name} will be told.` }),
    then: () => close(),
  });
  const close = () => {
    create.reset();
    onClose();
  };
  const toggle = (event: string) =>
    setChosen((before) => new Set(before.has(event) ? [...before].filter((one) => one !== event) : [...before, event]));
  return (
    <Dialog
      open={open}
      onOpenChange={(next) => {
        if (!next) close();
      }}
      title="Make a webhook"
      description="Another program is told over HTTP of what happens in the registry."
      wide
    >
      <DialogForm
        submit="Make webhook"
        busy={create.isPending}
        disabled={chosen.size === 0}
        error={create.error}
        onCancel={close}
        onSubmit={(form) =>
          create.mutate({
            input: {
              name: fieldOf(form, 'name'),
              url: fieldOf(form, 'url'),
              description: fieldOf(form, 'description') || null,
              secret: fieldOf(form, 'secret') || null,
              events: [...chosen].filter(isEvent),
            },
          })
        }
      >
        <Field label="Name" hint="Letters, digits, dots, dashes and underscores.">
          <input name="name" required maxLength={63} pattern="[A-Za-z0-9._\-]+" autoComplete="off" autoFocus />
        </Field>
        <Field label="Address" hint="On the public internet, http or https.">
          <input name="url" type="url" required placeholder="https://example.com/hooks/models" autoComplete="off" />
        </Field>
        <Field label="Secret" hint="Deliveries are signed with it. It is shown to nobody again; without one they are not signed.">
          <input name="secret" type="password" maxLength={1000} autoComplete="new-password" />
        </Field>
        <Field label="What it is for" hint="Optional.">
          <input name="description" maxLength={1000} autoComplete="off" />
        </Field>
        <div className="event-picks">
          {EVENT_GROUPS.map(({ title, events }) => (
            <fieldset key={title}>
              <legend>{title}</legend>
              {events.map(([event, words]) => (
                <label key={event} className="inline-field">
                  <input type="checkbox" checked={chosen.has(event)} onChange={() => toggle(event)} />
                  {words}
                </label>
              ))}
            </fieldset>
          ))}
        </div>
      </DialogForm>
    </Dialog>
  );
}
