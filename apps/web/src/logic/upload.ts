// Sending files by their hash: hashed here, sent where the server does not have them yet, in pieces that a lost connection costs one
// of. The same files again cost their hashing alone.

import { ApiError } from '../api/client.ts';

/** A file that was chosen, and the path that it gets in the version. */
export interface ChosenFile {
  path: string;
  file: File;
}

/** Hashing needs the whole file in memory in a browser; larger ones are for the command line or Python. */
export const MAX_FILE_BYTES = 2 ** 30;
/** What the registration of one version takes through a browser. */
export const MAX_FILES = 10_000;

const PIECE_BYTES = 16 * 2 ** 20;
const TRIES = 4;

/** Paths of files from a picker: those of a folder lose the folder's own name, single files keep theirs. In path order. */
export function chosenFiles(files: readonly File[]): ChosenFile[] {
  return files
    .map((file) => ({
      path: file.webkitRelativePath === '' ? file.name : file.webkitRelativePath.slice(file.webkitRelativePath.indexOf('/') + 1),
      file,
    }))
    .sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** Why these files cannot be registered from here; null where they can. */
export function whyNot(files: readonly ChosenFile[]): string | null {
  if (files.length > MAX_FILES)
    return `${files.length.toLocaleString('en')} files are more than a browser should register at once; the limit here is 10,000.`;
  const large = files.find(({ file }) => file.size > MAX_FILE_BYTES);
  if (large !== undefined) return `${large.path} is larger than 1 GiB, which is more than a browser can hash. Send it with Python.`;
  const paths = new Set(files.map(({ path }) => path));
  return paths.size < files.length ? 'Two of the files have the same name; choose the folder that they are in instead.' : null;
}

/** SHA-256 in hexadecimal. Browsers offer it on secure origins alone: https, or localhost. */
export async function sha256Of(file: Blob): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', await file.arrayBuffer());
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('');
}

interface UploadState {
  id: string | null;
  offsetBytes: number;
  complete: boolean;
}

async function answerOf(response: Response): Promise<UploadState> {
  const body: unknown = await response.json().catch(() => null);
  if (response.ok) return body as UploadState;
  const error =
    typeof body === 'object' && body !== null && 'error' in body ? (body.error as { code?: string; message?: string; hint?: string }) : {};
  throw new ApiError(error.message ?? `The server answered ${response.status}.`, {
    code: response.status >= 500 ? 'UNAVAILABLE' : (error.code ?? 'REFUSED'),
    hint: error.hint ?? null,
  });
}

async function send(path: string, init: RequestInit): Promise<UploadState> {
  let response: Response;
  try {
    response = await fetch(path, { credentials: 'same-origin', ...init });
  } catch (error) {
    if (init.signal?.aborted === true) throw error;
    throw new ApiError('The connection was lost.', { code: 'OFFLINE', hint: 'What arrived is kept; choose the same files to go on.' });
  }
  return answerOf(response);
}

/** Tries again where the failure may pass. */
async function persistently<T>(work: () => Promise<T>): Promise<T> {
  for (let tried = 1; ; tried += 1) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof ApiError) || !error.isPassing || tried === TRIES) throw error;
      await new Promise((resolve) => setTimeout(resolve, 500 * 2 ** tried));
    }
  }
}

/** Sends one file where the workspace does not have it yet, beginning where an earlier try stopped. `onSent` is told of bytes. */
export async function sendFile(
  file: Blob,
  sha256: string,
  { signal, onSent }: { signal: AbortSignal; onSent: (bytes: number) => void },
): Promise<void> {
  if (file.size === 0) {
    await persistently(() => send(`/api/v1/files/${sha256}`, { method: 'PUT', body: file, signal }));
    return;
  }
  const start = {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ sha256, sizeBytes: file.size }),
    signal,
  };
  let state = await persistently(() => send('/api/v1/uploads', start));
  onSent(state.complete ? file.size : state.offsetBytes);
  while (!state.complete) {
    const before = state.offsetBytes;
    state = await persistently(async () => {
      // After a lost connection the server knows better than we do how far it got.
      const { id, offsetBytes, complete } = await send('/api/v1/uploads', start);
      if (complete) return { id, offsetBytes, complete };
      const piece = file.slice(offsetBytes, offsetBytes + PIECE_BYTES);
      return send(`/api/v1/uploads/${id ?? ''}`, {
        method: 'PATCH',
        headers: { 'upload-offset': String(offsetBytes) },
        body: piece,
        signal,
      });
    });
    onSent((state.complete ? file.size : state.offsetBytes) - before);
  }
}
