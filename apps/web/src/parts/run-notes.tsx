'use client';

// What people write about a run: its name, and a note in Markdown, which MLflow's clients know as its description.

import dynamic from 'next/dynamic';

import { useAct } from '../api/hooks.ts';
import { TagRunDocument } from '../api/run-changes.ts';
import type { RunDetails } from '../api/run.ts';
import { Dialog, DialogForm, Field, fieldOf } from '../ui/dialog.tsx';
import { Section } from '../ui/head.tsx';
import { Skeleton } from '../ui/states.tsx';

/** Where MLflow's clients keep a run's name and description. */
const NAME_TAG = 'mlflow.runName';
const NOTE_TAG = 'mlflow.note.content';
/** What the server takes as the value of a tag. */
const MOST_LETTERS = 8000;

const Markdown = dynamic(() => import('./markdown.tsx'), { loading: () => <Skeleton rows={3} height={24} /> });

function noteOf({ tags }: RunDetails): string {
  return tags.find(({ key }) => key === NOTE_TAG)?.value ?? '';
}

/** The note; nothing where none was written. */
export function RunNote({ run }: { run: RunDetails }) {
  const note = noteOf(run).trim();
  return note === '' ? null : (
    <Section title="About this run">
      <Markdown text={note} home={null} />
    </Section>
  );
}

/** Renames a run and writes its note. */
export function RunNotesDialog({ run, open, onClose }: { run: RunDetails; open: boolean; onClose: () => void }) {
  const save = useAct(TagRunDocument, { failure: 'shown', done: () => ({ text: 'Saved.' }), then: onClose });
  return (
    <Dialog
      open={open}
      onOpenChange={(next) => {
        if (!next) onClose();
      }}
      title={`Rename or describe ${run.name}`}
      description="Its id, its links and everything that stands on it stay as they are."
    >
      <DialogForm
        submit="Save"
        busy={save.isPending}
        error={save.error}
        onCancel={onClose}
        onSubmit={(form) =>
          save.mutate({
            id: run.id,
            tags: [
              { key: NAME_TAG, value: fieldOf(form, 'name') },
              { key: NOTE_TAG, value: fieldOf(form, 'note') },
            ],
          })
        }
      >
        <Field label="Name">
          <input name="name" defaultValue={run.name} required maxLength={500} autoFocus />
        </Field>
        <Field label="About this run" hint="Markdown. MLflow’s clients know it as the description.">
          <textarea name="note" rows={8} maxLength={MOST_LETTERS} defaultValue={noteOf(run)} />
        </Field>
      </DialogForm>
    </Dialog>
  );
}
