'use client';

import { useRouter } from 'next/navigation';
import { useState } from 'react';

import { useAct, useData } from '../api/hooks.ts';
import { graphql } from '../gql/gql.ts';
import { modelVersionHref } from '../logic/links.ts';
import { Dialog, DialogForm, Field, fieldOf } from '../ui/dialog.tsx';

const ModelNamesDocument = graphql(`
  query ModelNames {
    models(first: 100) {
      nodes {
        name
        versionCount
      }
    }
  }
`);

const RegisterDocument = graphql(`
  mutation RegisterVersion($input: RegisterVersionInput!) {
    registerVersion(input: $input) {
      __typename
      ... on ModelVersion {
        id
        version
        model {
          name
        }
      }
      ...Refusal
    }
  }
`);

interface Props {
  open: boolean;
  onClose: () => void;
  run: { id: string; name: string } | null;
  loggedModels: readonly { id: string; name: string; modelId: string; status: string }[];
}

const ARTIFACTS = 'artifacts';

/** Makes the next version of a model out of what a run logged. */
export function RegisterDialog({ open, onClose, run, loggedModels }: Props) {
  return (
    <Dialog
      open={open}
      onOpenChange={(next) => {
        if (!next) onClose();
      }}
      title="Register model"
      description="The files are frozen as they are now, and their digest never changes from then on."
    >
      <Form onClose={onClose} run={run} loggedModels={loggedModels} />
    </Dialog>
  );
}

function Form({ onClose, run, loggedModels }: Omit<Props, 'open'>) {
  const router = useRouter();
  const { data } = useData(ModelNamesDocument, {});
  const [source, setSource] = useState(loggedModels[0]?.id ?? ARTIFACTS);
  const register = useAct(RegisterDocument, {
    failure: 'shown',
    done: ({ registerVersion }) =>
      registerVersion.__typename === 'ModelVersion'
        ? { text: `Registered as ${registerVersion.model.name} / ${registerVersion.version}.` }
        : null,
    then: ({ registerVersion }) => {
      onClose();
      if (registerVersion.__typename === 'ModelVersion') router.push(modelVersionHref(registerVersion.model.name, registerVersion.version));
    },
  });
  return (
    <DialogForm
      submit="Register"
      busy={register.isPending}
      error={register.error}
      onCancel={onClose}
      onSubmit={(form) => {
        const path = fieldOf(form, 'path');
        register.mutate({
          input: {
            model: fieldOf(form, 'model'),
            description: fieldOf(form, 'description') || null,
            ...(source === ARTIFACTS ? { run: run?.id ?? null, path: path === '' ? null : path } : { loggedModel: source }),
          },
        });
      }}
    >
      <Field label="Model" hint="A new name makes a new model; an existing one gets its next version.">
        <input
          name="model"
          list="model-names"
          required
          maxLength={256}
          pattern="[^\/:]+"
          title="Neither / nor :"
          autoComplete="off"
          autoFocus
        />
      </Field>
      <datalist id="model-names">
        {data?.models.nodes.map(({ name, versionCount }) => (
          <option key={name} value={name}>
            {versionCount} versions
          </option>
        ))}
      </datalist>
      <Field label="What to register">
        <select value={source} onChange={(event) => setSource(event.currentTarget.value)}>
          {loggedModels.map(({ id, name, modelId, status }) => (
            <option key={id} value={id} disabled={status === 'UPLOAD_FAILED'}>
              {name} ({modelId.slice(0, 10)}…{status === 'READY' ? '' : `, ${status === 'PENDING' ? 'still being sent' : 'sending failed'}`}
              )
            </option>
          ))}
          {run === null ? null : <option value={ARTIFACTS}>A folder of the run’s artifacts</option>}
        </select>
      </Field>
      {source === ARTIFACTS ? (
        <Field label="Folder" hint="All artifacts unless one is named.">
          <input name="path" placeholder="model" autoComplete="off" />
        </Field>
      ) : null}
      <Field label="What is special about this version">
        <textarea name="description" rows={3} maxLength={5000} />
      </Field>
    </DialogForm>
  );
}
