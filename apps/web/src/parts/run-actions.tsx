'use client';

// What can be done with the runs that are selected in a table, or with all that it shows.

import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';

import { act, ApiError } from '../api/client.ts';
import { DeleteRunDocument, RestoreRunDocument } from '../api/run-changes.ts';
import { exportRuns, MOST_EXPORTED } from '../api/run-export.ts';
import type { RunExport } from '../api/run-export.ts';
import type { TypedDocumentString } from '../gql/graphql.ts';
import { counted } from '../logic/format.ts';
import { refs } from '../logic/links.ts';
import { quoted } from '../logic/url-state.ts';
import { Confirm } from '../ui/dialog.tsx';
import { Menu } from '../ui/menu.tsx';
import { toast } from '../ui/toast.tsx';

type Change = TypedDocumentString<object, { id: string }>;

interface Props {
  experiment: { id: string; name: string };
  /** By the ids of MLflow's clients. */
  selected: readonly string[];
  view: 'ACTIVE' | 'DELETED';
  filter: string;
  orderBy: string[];
  metrics: string[];
  params: string[];
  onDone: () => void;
}

export function RunActions({ experiment, selected, view, filter, orderBy, metrics, params, onDone }: Props) {
  const [deleting, setDeleting] = useState(false);
  const many = counted(selected.length, 'run');
  const remove = useChanges(DeleteRunDocument, {
    words: (count) => `${counted(count, 'run')} deleted.`,
    undo: RestoreRunDocument,
    then: () => {
      setDeleting(false);
      onDone();
    },
  });
  const restore = useChanges(RestoreRunDocument, {
    words: (count) => `${counted(count, 'run')} brought back.`,
    undo: DeleteRunDocument,
    then: onDone,
  });
  const download = useMutation<RunExport, ApiError>({
    mutationFn: () => {
      const only = selected.length === 0 ? filter : chosenFilter(selected);
      return exportRuns({ id: experiment.id, filter: only === '' ? null : only, orderBy, view, metrics, params });
    },
    onSuccess: ({ csv, runCount, isCut }) => {
      save(csv, `${experiment.name.replaceAll(/[^\w.-]+/g, '-')}.csv`);
      toast({
        text: `${counted(runCount, 'run')} saved.`,
        ...(isCut ? { hint: `There are more: a file holds the first ${MOST_EXPORTED.toLocaleString('en')}.` } : {}),
      });
    },
    onError: (error) => toast({ text: error.message, tone: 'bad', ...(error.hint === null ? {} : { hint: error.hint }) }),
  });
  return (
    <>
      <Menu
        label="More actions"
        items={[
          {
            label: download.isPending ? 'Being saved…' : selected.length > 0 ? `Save ${many} as CSV` : 'Save as CSV',
            disabled: download.isPending,
            onSelect: () => download.mutate(),
          },
          view === 'DELETED'
            ? { label: `Restore ${many}`, disabled: selected.length === 0 || restore.isPending, onSelect: () => restore.mutate(selected) }
            : { label: `Delete ${many}…`, danger: true, disabled: selected.length === 0, onSelect: () => setDeleting(true) },
        ]}
      >
        More
      </Menu>
      <Confirm
        open={deleting}
        onOpenChange={setDeleting}
        title={`Delete ${many}?`}
        confirm={`Delete ${many}`}
        busy={remove.isPending}
        error={remove.error}
        onConfirm={() => remove.mutate(selected)}
      >
        <p>
          They disappear from lists and from MLflow’s clients. Their metrics, artifacts and lineage are kept, model versions made from them
          keep their frozen files, and they can be restored.
        </p>
      </Confirm>
    </>
  );
}

function chosenFilter(runIds: readonly string[]): string {
  return `attributes.run_id IN (${runIds.flatMap((id) => quoted(id) ?? []).join(', ')})`;
}

/** One change to many runs, one after the other. Where one is refused, those before it stay changed, and the message says how many. */
function useChanges(document: Change, { words, undo, then }: { words: (count: number) => string; undo: Change; then: () => void }) {
  const client = useQueryClient();
  const change = async (by: Change, runIds: readonly string[]) => {
    let done = 0;
    try {
      for (const runId of runIds) {
        await act(by, { id: refs.run(runId) });
        done += 1;
      }
    } catch (error) {
      if (!(error instanceof ApiError) || done === 0) throw error;
      throw new ApiError(`${words(done)} Then: ${error.message}`, error);
    } finally {
      await client.invalidateQueries();
    }
    return done;
  };
  return useMutation<number, ApiError, readonly string[]>({
    mutationFn: (runIds) => change(document, runIds),
    onSuccess: (done, runIds) => {
      toast({ text: words(done), action: { label: 'Undo', run: () => change(undo, runIds) } });
      then();
    },
    onError: (error) => {
      if (document === RestoreRunDocument) toast({ text: error.message, tone: 'bad' });
    },
  });
}

function save(text: string, name: string): void {
  const address = URL.createObjectURL(new Blob([text], { type: 'text/csv;charset=utf-8' }));
  const link = document.createElement('a');
  link.href = address;
  link.download = name;
  link.click();
  URL.revokeObjectURL(address);
}
