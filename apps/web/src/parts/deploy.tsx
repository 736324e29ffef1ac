'use client';

import { useRouter } from 'next/navigation';
import { useState } from 'react';

import { useAct, useData } from '../api/hooks.ts';
import type { ModelVersionDetails } from '../api/model-version.ts';
import { graphql } from '../gql/gql.ts';
import { deploymentHref } from '../logic/links.ts';
import { Dialog, DialogForm, Field, fieldOf } from '../ui/dialog.tsx';
import { Facts, Hash } from '../ui/text.tsx';
import { WithdrawnWarning } from './withdrawn.tsx';

const DeployDocument = graphql(`
  mutation Deploy($input: DeployInput!) {
    deploy(input: $input) {
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

const TargetsDocument = graphql(`
  query Targets {
    deployments(first: 100) {
      nodes {
        id
        environment
        target
        modelVersion {
          version
          model {
            name
          }
        }
      }
    }
  }
`);

/** Puts a model version live at a target; says what it ends there, and whether it stands on withdrawn data. */
export function DeployDialog({ version, label, onClose }: { version: ModelVersionDetails | null; label: string; onClose: () => void }) {
  return (
    <Dialog
      open={version !== null}
      onOpenChange={(open) => {
        if (!open) onClose();
      }}
      title={`Deploy ${label}`}
      description="Records what serves where, pinned to this digest. What was live at the target before is ended and stays in its history."
    >
      {version === null ? null : <DeployForm version={version} label={label} onClose={onClose} />}
    </Dialog>
  );
}

function DeployForm({ version, label, onClose }: { version: ModelVersionDetails; label: string; onClose: () => void }) {
  const router = useRouter();
  const { data } = useData(TargetsDocument, {});
  const [environment, setEnvironment] = useState('production');
  const [target, setTarget] = useState('');
  const deploy = useAct(DeployDocument, {
    failure: 'shown',
    done: (_, { input }) => ({ text: `${label} is live at ${input.environment} / ${input.target}.` }),
    then: ({ deploy: made }) => {
      onClose();
      if (made.__typename === 'Deployment') router.push(deploymentHref(made.id));
    },
  });
  const known = data?.deployments.nodes ?? [];
  const replaced = known.find((each) => each.environment === environment.trim() && each.target === target.trim());
  return (
    <DialogForm
      submit="Deploy"
      busy={deploy.isPending}
      error={deploy.error}
      onCancel={onClose}
      onSubmit={(form) =>
        deploy.mutate({
          input: { version: version.id, environment: environment.trim(), target: target.trim(), reason: fieldOf(form, 'reason') || null },
        })
      }
    >
      <WithdrawnWarning id={version.id} decision="Deploying it is recorded all the same; its trace is not verified." />
      <Field label="Environment">
        <input
          list="environments"
          value={environment}
          onChange={(event) => setEnvironment(event.currentTarget.value)}
          required
          maxLength={128}
          pattern="[^\/]+"
          title="No /"
          autoComplete="off"
        />
      </Field>
      <Field label="Target" hint="A service, a device, a job.">
        <input
          list="targets"
          value={target}
          onChange={(event) => setTarget(event.currentTarget.value)}
          required
          maxLength={128}
          pattern="[^\/]+"
          title="No /"
          placeholder="api"
          autoComplete="off"
          autoFocus
        />
      </Field>
      <datalist id="environments">
        {[...new Set(['production', 'staging', ...known.map((each) => each.environment)])].map((each) => (
          <option key={each} value={each} />
        ))}
      </datalist>
      <datalist id="targets">
        {[...new Set(known.map((each) => each.target))].map((each) => (
          <option key={each} value={each} />
        ))}
      </datalist>
      <Facts
        rows={[
          ['Digest', <Hash key="digest" value={version.digest} copy />],
          [
            'Ends there',
            replaced === undefined
              ? 'nothing: nothing is live at this target'
              : `${replaced.modelVersion.model.name} / ${replaced.modelVersion.version}`,
          ],
        ]}
      />
      <Field label="Why" hint="Kept in the history.">
        <input name="reason" maxLength={1000} />
      </Field>
    </DialogForm>
  );
}
