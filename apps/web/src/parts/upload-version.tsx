'use client';

import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useRouter } from 'next/navigation';
import { useEffect, useRef, useState } from 'react';

import { act, ApiError } from '../api/client.ts';
import { graphql } from '../gql/gql.ts';
import { counted, formatBytes } from '../logic/format.ts';
import { datasetVersionHref } from '../logic/links.ts';
import type { ChosenFile } from '../logic/upload.ts';
import { chosenFiles, sendFile, sha256Of, whyNot } from '../logic/upload.ts';
import { Dialog, DialogForm, Field, fieldOf } from '../ui/dialog.tsx';
import { toast } from '../ui/toast.tsx';

const RegisterDocument = graphql(`
  mutation RegisterUploaded($input: RegisterDatasetVersionInput!) {
    registerDatasetVersion(input: $input) {
      __typename
      ... on DatasetVersion {
        id
        number
        dataset {
          id
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
  /** The dataset that gets the version; asked for where there is none yet. */
  dataset?: string;
}

/** Uploads files from this browser and registers them as a version. The same files again are the same version. */
export function UploadVersion({ open, onClose, dataset }: Props) {
  return (
    <Dialog
      open={open}
      onOpenChange={(next) => {
        if (!next) onClose();
      }}
      title={dataset === undefined ? 'Upload a dataset' : `Upload a version of ${dataset}`}
      description="Files are hashed in this browser, sent where the server does not have them yet, and fixed as one version with one digest."
    >
      {open ? <Form onClose={onClose} dataset={dataset} /> : null}
    </Dialog>
  );
}

interface Registered {
  name: string;
  number: number;
}

interface Progress {
  what: string;
  doneBytes: number;
  totalBytes: number;
}

function Form({ onClose, dataset }: { onClose: () => void; dataset: string | undefined }) {
  const router = useRouter();
  const client = useQueryClient();
  const [files, setFiles] = useState<readonly ChosenFile[]>([]);
  const [folder, setFolder] = useState(false);
  const [progress, setProgress] = useState<Progress | null>(null);
  const stop = useRef(new AbortController());
  useEffect(() => {
    const { current } = stop;
    return () => current.abort();
  }, []);

  const upload = useMutation<Registered, ApiError, { name: string; message: string }>({
    mutationFn: ({ name, message }) => register(name, message, files, stop.current.signal, setProgress),
    onSuccess: async ({ name, number }) => {
      await client.invalidateQueries();
      toast({ text: `${name}@${number} is registered.` });
      onClose();
      router.push(datasetVersionHref(name, number));
    },
    onSettled: () => setProgress(null),
  });

  const totalBytes = files.reduce((sum, { file }) => sum + file.size, 0);
  const refusal =
    whyNot(files) ??
    (globalThis.isSecureContext ? null : 'Browsers hash files on https or localhost only. Use Python, or reach this server by https.');
  return (
    <DialogForm
      submit="Upload and register"
      busy={upload.isPending}
      disabled={files.length === 0 || refusal !== null}
      error={upload.error}
      onCancel={onClose}
      onSubmit={(form) => upload.mutate({ name: dataset ?? fieldOf(form, 'name'), message: fieldOf(form, 'message') })}
    >
      {dataset === undefined ? (
        <Field label="Dataset" hint="Made where there is none of this name.">
          <input name="name" required maxLength={255} placeholder="penguins" autoFocus />
        </Field>
      ) : null}
      <Field label={folder ? 'Folder' : 'Files'}>
        <input
          key={String(folder)}
          type="file"
          multiple
          {...(folder ? { webkitdirectory: '' } : {})}
          onChange={(event) => setFiles(chosenFiles([...(event.currentTarget.files ?? [])]))}
        />
      </Field>
      <label className="check">
        <input
          type="checkbox"
          checked={folder}
          onChange={(event) => {
            setFolder(event.currentTarget.checked);
            setFiles([]);
          }}
        />
        <span>A whole folder</span>
      </label>
      <Field label="What changed">
        <input name="message" maxLength={10_000} placeholder="Rows with missing values dropped" />
      </Field>
      {refusal === null || files.length === 0 ? (
        <p className="note" role="status">
          {progress === null
            ? files.length === 0
              ? 'Nothing chosen yet.'
              : `${counted(files.length, 'file')}, ${formatBytes(totalBytes)}`
            : `${progress.what}: ${formatBytes(progress.doneBytes)} of ${formatBytes(progress.totalBytes)}`}
        </p>
      ) : (
        <p className="note bad" role="alert">
          {refusal}
        </p>
      )}
      {progress === null ? null : (
        <progress
          className="upload-progress"
          value={progress.doneBytes}
          max={Math.max(1, progress.totalBytes)}
          aria-label={progress.what}
        />
      )}
    </DialogForm>
  );
}

async function register(
  name: string,
  message: string,
  files: readonly ChosenFile[],
  signal: AbortSignal,
  onProgress: (progress: Progress) => void,
): Promise<Registered> {
  const totalBytes = files.reduce((sum, { file }) => sum + file.size, 0);
  const hashed: { path: string; file: File; sha256: string }[] = [];
  let doneBytes = 0;
  for (const { path, file } of files) {
    onProgress({ what: 'Hashing', doneBytes, totalBytes });
    hashed.push({ path, file, sha256: await sha256Of(file) });
    signal.throwIfAborted();
    doneBytes += file.size;
  }
  doneBytes = 0;
  for (const { file, sha256 } of hashed) {
    const onSent = (sent: number) => {
      doneBytes += sent;
      onProgress({ what: 'Sending', doneBytes, totalBytes });
    };
    await sendFile(file, sha256, { signal, onSent });
  }
  const [first] = hashed;
  const single = hashed.length === 1 && first?.file.webkitRelativePath === '';
  const input = { dataset: name, single, message, files: hashed.map(({ path, sha256 }) => ({ path, sha256 })) };
  const { registerDatasetVersion: version } = await act(RegisterDocument, { input });
  if (version.__typename !== 'DatasetVersion') throw new ApiError('The version was not registered.', { code: 'UNEXPECTED' });
  return { name: version.dataset.name, number: version.number };
}
