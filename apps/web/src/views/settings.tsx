'use client';

import { useState } from 'react';

import { useAct, useData, usePages } from '../api/hooks.ts';
import { graphql } from '../gql/gql.ts';
import type { CollectMutation, TokenScope, TokensQuery } from '../gql/graphql.ts';
import { counted, formatCount } from '../logic/format.ts';
import { Badge } from '../ui/badge.tsx';
import { Confirm, Dialog, DialogForm, Field, fieldOf } from '../ui/dialog.tsx';
import { Head, Section, Tabs, useTab } from '../ui/head.tsx';
import { Loaded, useOrigin } from '../ui/states.tsx';
import type { Column } from '../ui/table.tsx';
import { More, Table } from '../ui/table.tsx';
import { Bytes, Code, Facts, Time } from '../ui/text.tsx';

const ViewerDocument = graphql(`
  query Viewer {
    viewer {
      name
      scope
      isLocal
      workspace {
        name
      }
    }
  }
`);

const TokensDocument = graphql(`
  query Tokens($after: String) {
    tokens(first: 50, after: $after) {
      pageInfo {
        hasNextPage
        endCursor
      }
      nodes {
        id
        name
        hint
        principal
        scope
        createdAt
        expiresAt
        lastUsedAt
        revokedAt
      }
    }
  }
`);

const CreateTokenDocument = graphql(`
  mutation CreateToken($input: CreateTokenInput!) {
    createToken(input: $input) {
      __typename
      ... on CreatedToken {
        secret
        token {
          id
          name
        }
      }
      ... on Problem {
        kind
        code
        message
        hint
      }
    }
  }
`);

const RevokeTokenDocument = graphql(`
  mutation RevokeToken($id: ID!) {
    revokeToken(id: $id) {
      __typename
      ... on Token {
        id
      }
      ... on Problem {
        kind
        code
        message
        hint
      }
    }
  }
`);

const CollectDocument = graphql(`
  mutation Collect($dryRun: Boolean!) {
    collect(dryRun: $dryRun) {
      dryRun
      manifests
      fileSets
      blobs
      objects
      uploads
      bytes
    }
  }
`);

const TABS = [
  { id: 'connect', label: 'Connect' },
  { id: 'tokens', label: 'Tokens' },
  { id: 'storage', label: 'Storage' },
] as const;

const SCOPES: Readonly<Record<TokenScope, string>> = {
  READ: 'Read everything in the workspace',
  WRITE: 'Log, register, promote and deploy as well',
  ADMIN: 'Manage tokens and storage as well',
};

export function SettingsView() {
  const tab = useTab(TABS);
  const query = useData(ViewerDocument, {}, { staleMs: 30_000 });
  const viewer = query.data?.viewer;
  return (
    <>
      <Head
        title="Settings"
        facts={
          viewer === undefined ? undefined : (
            <>
              {viewer.name} in {viewer.workspace.name} · <span title={SCOPES[viewer.scope]}>{viewer.scope.toLowerCase()}</span>
            </>
          )
        }
        actions={viewer === undefined || viewer.isLocal ? undefined : <SignOut />}
      >
        <Tabs tabs={TABS} current={tab} />
      </Head>
      <div className="page">
        {tab === 'connect' ? <Loaded query={query}>{({ viewer: { isLocal } }) => <Connect isLocal={isLocal} />}</Loaded> : null}
        {tab === 'tokens' ? <Tokens /> : null}
        {tab === 'storage' ? <Storage /> : null}
      </div>
    </>
  );
}

function SignOut() {
  const leave = async () => {
    await fetch('/api/v1/session', { method: 'DELETE', credentials: 'same-origin' });
    window.location.assign('/sign-in');
  };
  return (
    <button type="button" className="button" onClick={() => void leave()}>
      Sign out
    </button>
  );
}

function Connect({ isLocal }: { isLocal: boolean }) {
  const origin = useOrigin();
  return (
    <div className="columns">
      <div>
        <Section title="Point MLflow here">
          <Code
            label="Variables for MLflow’s client"
            text={`export MLFLOW_TRACKING_URI=${origin}${isLocal ? '' : '\nexport MLFLOW_TRACKING_TOKEN=tl_…'}`}
          />
          <p className="note">
            {isLocal
              ? 'This server listens on this machine only and needs no token. Every call is the local user’s.'
              : 'Make a token under Tokens. MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD work too: any name, with the token as the password.'}
          </p>
        </Section>
        <Section title="Or in code">
          <Code
            label="Log from Python"
            text={`import mlflow\nmlflow.set_tracking_uri("${origin}")\nmlflow.set_experiment("penguins")\nmlflow.autolog()\nwith mlflow.start_run():\n    ...`}
          />
        </Section>
      </div>
      <div>
        <Section title="Ask the API">
          <Facts
            rows={[
              [
                'GraphQL',
                <a key="graphql" className="mono" href="/graphql">
                  {origin}/graphql
                </a>,
              ],
              [
                'MLflow’s protocol',
                <span key="mlflow" className="mono">
                  {origin}/api/2.0/mlflow/…
                </span>,
              ],
              [
                'Files by hash',
                <span key="files" className="mono">
                  {origin}/api/v1/files/SHA256
                </span>,
              ],
              [
                'Files of a dataset',
                <span key="data" className="mono">
                  {origin}/api/v1/datasets/NAME/versions/1/files/PATH
                </span>,
              ],
            ]}
          />
        </Section>
      </div>
    </div>
  );
}

type Token = TokensQuery['tokens']['nodes'][number];

function Tokens() {
  const [making, setMaking] = useState(false);
  const [revoking, setRevoking] = useState<Token | null>(null);
  const query = usePages(TokensDocument, { after: null }, (data) => data.tokens);
  const revoke = useAct(RevokeTokenDocument, {
    failure: 'shown',
    done: () => ({ text: `${revoking?.name ?? 'The token'} is revoked.` }),
    then: () => setRevoking(null),
  });
  const columns: readonly Column<Token>[] = [
    { id: 'name', head: 'Name', cell: ({ name }) => <span title={name}>{name}</span> },
    { id: 'hint', head: 'Begins with', kind: 'mono', width: 110, cell: ({ hint }) => `${hint}…` },
    { id: 'who', head: 'Stands for', width: 140, cell: ({ principal }) => principal },
    { id: 'scope', head: 'May', width: 90, cell: ({ scope }) => <Badge title={SCOPES[scope]}>{scope.toLowerCase()}</Badge> },
    { id: 'used', head: 'Last used', width: 110, cell: ({ lastUsedAt }) => <Time at={lastUsedAt} /> },
    { id: 'ends', head: 'Ends', width: 120, cell: ({ expiresAt }) => (expiresAt ? <Time at={expiresAt} /> : 'never') },
    { id: 'made', head: 'Made', width: 110, cell: ({ createdAt }) => <Time at={createdAt} /> },
    {
      id: 'revoke',
      head: '',
      width: 96,
      cell: (token) =>
        token.revokedAt ? (
          <Badge tone="bad">revoked</Badge>
        ) : (
          <button type="button" className="button small" onClick={() => setRevoking(token)}>
            Revoke
          </button>
        ),
    },
  ];
  return (
    <Section
      title="Tokens of this workspace"
      aside={
        <button type="button" className="button primary" onClick={() => setMaking(true)}>
          Make a token
        </button>
      }
    >
      <Loaded query={query}>
        {({ pages }) => {
          const tokens = pages.flatMap((page) => page.tokens.nodes);
          return tokens.length === 0 ? (
            <p className="note">None yet. A token lets a program, or a person on another machine, act here; only its hash is kept.</p>
          ) : (
            <>
              <Table
                label="Tokens"
                columns={columns}
                rows={tokens}
                keyOf={({ id }) => id}
                faded={({ revokedAt }) => !!revokedAt}
                minWidth={820}
              />
              {query.hasNextPage ? <More query={query} shown={tokens.length} noun="tokens" /> : null}
            </>
          );
        }}
      </Loaded>
      <MakeToken open={making} onClose={() => setMaking(false)} />
      <Confirm
        open={revoking !== null}
        onOpenChange={(open) => {
          if (!open) setRevoking(null);
        }}
        title={`Revoke ${revoking?.name ?? ''}?`}
        confirm="Revoke"
        busy={revoke.isPending}
        error={revoke.error}
        onConfirm={() => {
          if (revoking !== null) revoke.mutate({ id: revoking.id });
        }}
      >
        <p>Whatever uses it is refused at once. This cannot be undone; another token can be made.</p>
      </Confirm>
    </Section>
  );
}

function MakeToken({ open, onClose }: { open: boolean; onClose: () => void }) {
  const [secret, setSecret] = useState<string | null>(null);
  const origin = useOrigin();
  const create = useAct(CreateTokenDocument, {
    failure: 'shown',
    then: ({ createToken }) => {
      if (createToken.__typename === 'CreatedToken') setSecret(createToken.secret);
    },
  });
  const close = () => {
    setSecret(null);
    create.reset();
    onClose();
  };
  return (
    <Dialog
      open={open}
      onOpenChange={(next) => {
        if (!next) close();
      }}
      title={secret === null ? 'Make a token' : 'The token, shown this once'}
      description={
        secret === null
          ? 'It acts in this workspace, as the name it stands for.'
          : 'Copy it now: only its hash is kept, and nobody can show it again.'
      }
    >
      {secret === null ? (
        <DialogForm
          submit="Make token"
          busy={create.isPending}
          error={create.error}
          onCancel={close}
          onSubmit={(form) => {
            const days = Number(fieldOf(form, 'days'));
            create.mutate({
              input: {
                name: fieldOf(form, 'name'),
                scope: scopeIn(fieldOf(form, 'scope')),
                principal: fieldOf(form, 'principal') || null,
                expiresInDays: days > 0 ? days : null,
              },
            });
          }}
        >
          <Field label="Name" hint="What it is for, such as “training jobs”.">
            <input name="name" required maxLength={120} autoComplete="off" autoFocus />
          </Field>
          <Field label="May">
            <select name="scope" defaultValue="WRITE">
              {(Object.entries(SCOPES) as [TokenScope, string][]).map(([scope, words]) => (
                <option key={scope} value={scope}>
                  {scope.toLowerCase()}: {words.toLowerCase()}
                </option>
              ))}
            </select>
          </Field>
          <Field label="Stands for" hint="As histories show it; you, unless another name is given.">
            <input name="principal" maxLength={120} autoComplete="off" />
          </Field>
          <Field label="Ends after, in days" hint="Never, unless given.">
            <input name="days" type="number" min={1} max={3650} />
          </Field>
        </DialogForm>
      ) : (
        <div className="form">
          <Code label="The token" text={secret} />
          <Code label="For MLflow’s client" text={`export MLFLOW_TRACKING_URI=${origin}\nexport MLFLOW_TRACKING_TOKEN=${secret}`} />
          <div className="form-foot">
            <button type="button" className="button primary" onClick={close}>
              I copied it
            </button>
          </div>
        </div>
      )}
    </Dialog>
  );
}

function scopeIn(text: string): TokenScope {
  return text === 'READ' || text === 'ADMIN' ? text : 'WRITE';
}

function Storage() {
  const [report, setReport] = useState<CollectMutation['collect'] | null>(null);
  const [asking, setAsking] = useState(false);
  const collect = useAct(CollectDocument, {
    failure: 'shown',
    done: ({ collect: made }) => (made.dryRun ? null : { text: 'What nothing referenced is removed.' }),
    then: ({ collect: made }) => {
      setReport(made);
      setAsking(false);
    },
  });
  const found = report === null ? 0 : report.manifests + report.fileSets + report.blobs + report.objects + report.uploads;
  return (
    <Section title="Collect what nothing references">
      <p className="note">
        Files stay while any version, run, logged model, alias, deployment, tag or sighting reaches them. What was deleted for good, and
        uploads that were given up, leave bytes behind; collecting removes those older than a day. Counting first changes nothing.
      </p>
      <p className="actions">
        <button type="button" className="button" disabled={collect.isPending} onClick={() => collect.mutate({ dryRun: true })}>
          {collect.isPending && !asking ? 'Counting…' : 'Count'}
        </button>
        <button
          type="button"
          className="button"
          disabled={report === null || !report.dryRun || found === 0}
          onClick={() => setAsking(true)}
        >
          Collect…
        </button>
      </p>
      {collect.error === null || asking ? null : (
        <p className="failure-line" role="alert">
          {collect.error.message} {collect.error.hint}
        </p>
      )}
      {report !== null && found === 0 ? (
        <p className="note">{report.dryRun ? 'Nothing to collect.' : 'Nothing was left to collect.'}</p>
      ) : null}
      {report === null || found === 0 ? null : (
        <Facts
          rows={[
            [report.dryRun ? 'Would free' : 'Freed', <Bytes key="bytes" value={report.bytes} />],
            ['Manifests that nothing names', formatCount(report.manifests)],
            ['File sets that nothing owns', formatCount(report.fileSets)],
            ['Blobs that nothing names', formatCount(report.blobs)],
            ['Stored objects without a blob', formatCount(report.objects)],
            ['Uploads given up', formatCount(report.uploads)],
          ]}
        />
      )}
      <Confirm
        open={asking}
        onOpenChange={setAsking}
        title="Remove what nothing references?"
        confirm="Collect"
        busy={collect.isPending}
        error={collect.error}
        onConfirm={() => collect.mutate({ dryRun: false })}
      >
        <p>
          This removes {counted(report?.blobs ?? 0, 'blob')} and {counted(report?.objects ?? 0, 'object')}, <Bytes value={report?.bytes} />{' '}
          in all, for good. Everything that a version, run or deployment reaches stays.
        </p>
      </Confirm>
    </Section>
  );
}
