'use client';

// What is decided of a dataset version by a few words: a tag, its withdrawal, and the taking back of one.

import { TagDocument } from '../api/dataset-version.ts';
import { act, useAct } from '../api/hooks.ts';
import { graphql } from '../gql/gql.ts';
import { Dialog, DialogForm, Field, fieldOf } from '../ui/dialog.tsx';

const RetractDocument = graphql(`
  mutation Retract($version: ID!, $reason: String!) {
    retractDatasetVersion(version: $version, reason: $reason) {
      __typename
      ... on DatasetVersion {
        id
      }
      ...Refusal
    }
  }
`);

const ReinstateDocument = graphql(`
  mutation Reinstate($version: ID!, $reason: String!) {
    reinstateDatasetVersion(version: $version, reason: $reason) {
      __typename
      ... on DatasetVersion {
        id
      }
      ...Refusal
    }
  }
`);

/** The version that is decided about, and what it is called on the page. */
interface Props {
  version: { id: string };
  label: string;
  onClose: () => void;
}

export function TagDialog({ version, label, open, onClose }: Props & { open: boolean }) {
  const tag = useAct(TagDocument, {
    failure: 'shown',
    done: (_, variables) => ({ text: `${variables.tag} names ${label} now.` }),
    then: onClose,
  });
  return (
    <Dialog
      open={open}
      onOpenChange={(next) => {
        if (!next) onClose();
      }}
      title={`Tag ${label}`}
      description="A tag names one version at a time; giving it here takes it from where it was."
    >
      <DialogForm
        submit="Tag"
        busy={tag.isPending}
        error={tag.error}
        onCancel={onClose}
        onSubmit={(form) => tag.mutate({ version: version.id, tag: fieldOf(form, 'tag') })}
      >
        <Field label="Tag" hint="Letters, digits, - and _; never digits alone, and not latest.">
          <input name="tag" required maxLength={255} pattern="[\w\-]+" autoComplete="off" autoFocus />
        </Field>
      </DialogForm>
    </Dialog>
  );
}

export function RetractionDialog({ version, label, open, onClose }: Props & { open: 'retract' | 'reinstate' | null }) {
  const retract = useAct(RetractDocument, {
    failure: 'shown',
    done: () => ({
      text: `${label} is withdrawn.`,
      undo: { run: () => act(ReinstateDocument, { version: version.id, reason: 'Withdrawn by mistake.' }) },
    }),
    then: onClose,
  });
  const reinstate = useAct(ReinstateDocument, { failure: 'shown', done: () => ({ text: `${label} is in use again.` }), then: onClose });
  const retracting = open === 'retract';
  return (
    <Dialog
      open={open !== null}
      onOpenChange={(next) => {
        if (!next) onClose();
      }}
      title={retracting ? `Withdraw ${label}` : `Take the withdrawal of ${label} back`}
      description={
        retracting
          ? 'It shows on every run, model and deployment that stands on it; their traces stop being verified. No byte is removed, and it can be taken back.'
          : 'What stands on it is judged by its bytes and evidence again. The withdrawal stays in the history.'
      }
    >
      <DialogForm
        submit={retracting ? 'Withdraw' : 'Take back'}
        danger={retracting}
        busy={retract.isPending || reinstate.isPending}
        error={retracting ? retract.error : reinstate.error}
        onCancel={onClose}
        onSubmit={(form) => {
          const variables = { version: version.id, reason: fieldOf(form, 'reason') };
          if (retracting) retract.mutate(variables);
          else reinstate.mutate(variables);
        }}
      >
        <Field label="Why">
          <textarea name="reason" rows={3} required maxLength={1000} autoFocus />
        </Field>
      </DialogForm>
    </Dialog>
  );
}
