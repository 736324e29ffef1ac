'use client';

import { useState } from 'react';

import { useAct, usePages } from '../api/hooks.ts';
import { graphql } from '../gql/gql.ts';
import type { TokenScope, TokensQuery } from '../gql/graphql.ts';
import { Badge } from '../ui/badge.tsx';
import { Confirm, Dialog, DialogForm, Field, fieldOf } from '../ui/dialog.tsx';
import { Section } from '../ui/head.tsx';
import { Loaded, useOrigin } from '../ui/states.tsx';
import type { Column } from '../ui/table.tsx';
import { More, Table } from '../ui/table.tsx';
import { Code, Time } from '../ui/text.tsx';

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
      ...Refusal
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
      ...Refusal
    }
  }
`);

/** What each scope lets its token do. */
export const SCOPES: Readonly<Record<TokenScope, string>> = {
  READ: 'Read everything in the workspace',
  WRITE: 'Log, register, promote and deploy as well',
  ADMIN: 'Manage tokens and storage as well',
};

type Token = TokensQuery['tokens']['nodes'][number];

/** The tokens of the workspace: made, shown once, revoked. */
export function Tokens() {
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
    { id: 'ends', head: 'Ends', width: 150, cell: ({ expiresAt }) => (expiresAt ? <Time at={expiresAt} /> : 'never') },
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
                minWidth={900}
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
