// Previews: what a file holds, shortly, for a page. Rows come from the process that reads tables, out of the file's beginning where that suffices, and
// otherwise out of all of it, up to a bound; texts and pictures are looked at here, in bounded pieces.

import { buffer } from 'node:stream/consumers';
import { Readable } from 'node:stream';

import type { FileInfo } from '@throughline/content';
import type { Call } from '@throughline/database';
import { DomainError, invalid, notFound } from '@throughline/kernel';

import type { Parts } from '../parts.ts';
import type { DatasetVersion } from '../types.ts';
import { createGate } from './gate.ts';
import type { Gate } from './gate.ts';
import { HEAD_BYTES, headRows, headText } from './heads.ts';
import { pictureOf } from './pictures.ts';
import type { Picture } from './pictures.ts';
import { askTables, QUESTION_LIMITS } from './run.ts';
import { saveTable } from './scratch.ts';
import type { Scratch } from './scratch.ts';
import { endingOf, tableKindOf } from './types.ts';
import type { TableKind, TablePreview } from './types.ts';

export interface FilePreview {
  path: string;
  sizeBytes: number;
  kind: 'TABLE' | 'TEXT' | 'IMAGE' | 'NONE';
  mediaType: string | null;
  table: TablePreview | null;
  text: { text: string; hasMore: boolean } | null;
  picture: Picture | null;
  notes: readonly string[];
  /** Why it is not shown as what its name says. */
  problem: DomainError | null;
}

export interface Previews {
  /** Throws `not_found` FILE_NOT_FOUND, `invalid` INVALID_ROWS, `unavailable` where the server or its store is. */
  preview(call: Call, version: DatasetVersion, path: string, rows: number): Promise<FilePreview>;
  /** Which picture a file of the workspace is, as long as a page may show it; null for whatever else. */
  pictureOf(call: Call, file: Pick<FileInfo, 'sha256' | 'sizeBytes'>): Promise<Picture | null>;
}

export const DEFAULT_ROWS = 50;
const MAX_ROWS = 500;
/** The largest file that is fetched whole for its first rows. */
const WHOLE_BYTES = 128 * 2 ** 20;
/** The largest picture that is shown, in bytes and in pixels: a browser takes four bytes for each. */
const PICTURE_BYTES = 32 * 2 ** 20;
const PICTURE_PIXELS = 100_000_000;
/** Answers that are kept, in characters of all together: asking again for the same page costs a process otherwise. */
const KEPT_CHARACTERS = 4_000_000;

const TABLE_TYPES = {
  csv: 'text/csv',
  tsv: 'text/tab-separated-values',
  parquet: 'application/vnd.apache.parquet',
  json: 'application/json',
  arrow: 'application/vnd.apache.arrow.file',
} as const;

/** Beginnings of files that are read at once: each is a connection to the store and a quarter of a megabyte. */
const HEADS = { atOnce: 8, waiting: 1_000, patienceMs: 30_000 };

/** `signal` ends what is being read. */
export function createPreviews(
  { content }: Pick<Parts, 'content'>,
  { scratch, gate, signal }: { scratch: Scratch; gate: Gate; signal: AbortSignal },
): Previews {
  const heads = createGate(HEADS);
  const kept = createCache(KEPT_CHARACTERS);

  /** The first bytes of a file; all of it where it is short, and then they are checked. */
  const headOf = async (call: Call, { sha256, sizeBytes }: Pick<FileInfo, 'sha256' | 'sizeBytes'>): Promise<Buffer> => {
    if (sizeBytes === 0) return Buffer.alloc(0);
    const range = sizeBytes > HEAD_BYTES ? { start: 0, end: HEAD_BYTES - 1 } : undefined;
    return heads(async () => buffer((await content.openBlob(call, sha256, range)).body));
  };

  /** What the reader is given: the head's whole rows, or the file. */
  const givenOf = async (call: Call, file: FileInfo, { kind, head }: { kind: TableKind; head: Buffer }) => {
    const isWhole = file.sizeBytes <= HEAD_BYTES;
    const rows = isWhole ? head : await headRows(head, kind);
    if (rows !== null)
      return {
        kind: isWhole ? kind : { ...kind, isGzipped: false },
        sizeBytes: rows.length,
        body: () => Readable.from([rows]),
        isHead: !isWhole,
      };
    if (file.sizeBytes > WHOLE_BYTES) throw tooLargeToShow();
    return { kind, sizeBytes: file.sizeBytes, body: async () => (await content.openBlob(call, file.sha256)).body, isHead: false };
  };

  const tableOf = async (call: Call, file: FileInfo, asked: { kind: TableKind; head: Buffer; rows: number }): Promise<TablePreview> => {
    const key = `${file.sha256}${endingOf(asked.kind)} ${asked.rows}`;
    const known = kept.get(key);
    if (known !== undefined) return known;
    const given = await givenOf(call, file, asked).catch((error: unknown) => {
      if (error instanceof DomainError) throw error;
      throw invalid('TABLE_UNREADABLE', `It cannot be read as a table: ${error instanceof Error ? error.message : String(error)}.`);
    });
    const shown = await gate(() =>
      scratch.use(async (folder) => {
        const { kind, sizeBytes } = given;
        const table = await saveTable(folder, 'given', { kind, sizeBytes, body: await given.body(), signal });
        return askTables({ kind: 'preview', folder, table, rows: asked.rows }, { limits: QUESTION_LIMITS, signal });
      }),
    );
    const told = { ...shown, hasMoreRows: shown.hasMoreRows || given.isHead };
    kept.set(key, told);
    return told;
  };

  return {
    async preview(call, version, path, rows) {
      if (!Number.isInteger(rows) || rows < 1 || rows > MAX_ROWS) {
        throw invalid('INVALID_ROWS', `'rows' must be a whole number from 1 to ${MAX_ROWS}; it was ${rows}.`);
      }
      const file = await content.findEntry(call, version.manifestId, path);
      if (file === null) throw fileNotFound(version, path);
      const head = await headOf(call, file);
      const kind = tableKindOf(path);
      const nothing = { path: file.path, sizeBytes: file.sizeBytes, table: null, text: null, picture: null, notes: [], problem: null };
      if (kind === null) return { ...nothing, ...untabled(path, head, file.sizeBytes) };
      const mediaType = kind.isGzipped ? 'application/gzip' : TABLE_TYPES[kind.format];
      try {
        const table = await tableOf(call, file, { kind, head, rows });
        return { ...nothing, kind: 'TABLE', mediaType, table, notes: table.notes };
      } catch (error) {
        // What is wrong with the file is shown beside what can be shown of it; that the server is busy is not the file's doing.
        if (!(error instanceof DomainError) || !['invalid', 'exhausted'].includes(error.kind)) throw error;
        const text = headText(head, file.sizeBytes <= HEAD_BYTES);
        return { ...nothing, kind: text === null ? 'NONE' : 'TEXT', mediaType, text, problem: error };
      }
    },

    async pictureOf(call, file) {
      const picture = file.sizeBytes > PICTURE_BYTES ? null : pictureOf(await headOf(call, file));
      return picture === null || picture.width * picture.height > PICTURE_PIXELS ? null : picture;
    },
  };
}

/** What is shown of a file whose name is no table's. */
function untabled(path: string, head: Buffer, sizeBytes: number): Pick<FilePreview, 'kind' | 'mediaType' | 'text' | 'picture' | 'notes'> {
  const nothing = { mediaType: null, text: null, picture: null, notes: [] };
  const picture = pictureOf(head);
  if (picture !== null) {
    const { mediaType, width, height } = picture;
    if (sizeBytes <= PICTURE_BYTES && width * height <= PICTURE_PIXELS) return { ...nothing, kind: 'IMAGE', mediaType, picture };
    return { ...nothing, kind: 'NONE', mediaType, notes: [`The picture of ${width} × ${height} pixels is too large to be shown.`] };
  }
  const text = headText(head, sizeBytes <= HEAD_BYTES);
  if (text === null) return { ...nothing, kind: 'NONE', notes: ['It is no text in UTF-8.'] };
  return { ...nothing, kind: 'TEXT', mediaType: /\.(?:md|markdown)$/i.test(path) ? 'text/markdown' : 'text/plain', text };
}

/** Keeps what was used last, up to so many characters. */
function createCache(mostCharacters: number) {
  const kept = new Map<string, string>();
  let characters = 0;
  const forget = (key: string) => {
    characters -= kept.get(key)?.length ?? 0;
    kept.delete(key);
  };
  return {
    get(key: string): TablePreview | undefined {
      const text = kept.get(key);
      if (text === undefined) return undefined;
      kept.delete(key);
      kept.set(key, text);
      return JSON.parse(text) as TablePreview;
    },
    set(key: string, preview: TablePreview): void {
      const text = JSON.stringify(preview);
      if (text.length > mostCharacters / 4) return;
      forget(key);
      kept.set(key, text);
      characters += text.length;
      for (const oldest of kept.keys()) {
        if (characters <= mostCharacters) break;
        forget(oldest);
      }
    },
  };
}

/** A version has no such file. */
export function fileNotFound({ datasetName, number }: DatasetVersion, path: string): DomainError {
  return notFound(
    'FILE_NOT_FOUND',
    `Version ${number} of ${JSON.stringify(datasetName)} has no file ${JSON.stringify(path.slice(0, 200))}.`,
  );
}

function tooLargeToShow(): DomainError {
  return new DomainError({
    kind: 'exhausted',
    code: 'TOO_LARGE_TO_SHOW',
    message: `Rows of such a file are shown up to ${WHOLE_BYTES / 2 ** 20} MB, since all of it has to be read for them.`,
    hint: 'Its profile tells what it holds; the file can be downloaded.',
  });
}
