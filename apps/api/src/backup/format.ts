// What a backup is: a folder that holds one state of a server, whole.
//
//   THROUGHLINE_BACKUP      says what the folder is, from its first moment on
//   backup.json             what belongs to the backup, with hashes; written last: without it, or before it is replaced, nothing is there
//   data-<id>/<table>.copy.zst   the rows of one table in PostgreSQL's text form of COPY, compressed; data-<id>/objects.tsv the stored files
//   objects/<2>/<sha256>    the stored files by their SHA-256, shared by all backups that were ever made into the folder
//
// Text and not PostgreSQL's binary form: the server that reads it may be another release of PostgreSQL, or another machine, and a person can
// read it with two common programs. Files are named by content, so a second backup into the folder copies what is new alone.

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { conflict, invalid } from '@throughline/kernel';
import { z } from 'zod';

import { errnoOf } from './disk.ts';

export const MARK_FILE = 'THROUGHLINE_BACKUP';
export const MANIFEST_FILE = 'backup.json';
export const OBJECTS_FOLDER = 'objects';
export const OBJECTS_LIST = 'objects.tsv';
/** Raised when a reader of the older form could not make sense of the newer. */
const FORMAT = 1;

const HASH = z.string().regex(/^[0-9a-f]{64}$/);
/** Names out of a backup become names of files and of tables: only such as we give. */
const NAME = z.string().regex(/^[a-z_][a-z0-9_]{0,62}$/);
const COUNT = z.number().int().min(0);

const TABLE = z.object({ name: NAME, columns: z.array(NAME).min(1), rows: COUNT, bytes: COUNT, sha256: HASH });

const MANIFEST = z.object({
  format: z.literal(FORMAT),
  /** The release that wrote it. */
  version: z.string(),
  createdAt: z.iso.datetime(),
  /** The folder of this state's rows. */
  data: z.string().regex(/^data-[0-9a-f-]{36}$/),
  migrations: z.array(z.object({ name: z.string().regex(/^\d{14}_[a-z0-9_]{1,60}$/), checksum: HASH })),
  tables: z.array(TABLE),
  sequences: z.array(z.object({ name: NAME, value: z.string().regex(/^-?\d{1,19}$/), isCalled: z.boolean() })),
  objects: z.object({
    count: COUNT,
    bytes: COUNT,
    /** Of the list. */
    sha256: HASH,
    /** Stored files that could not be saved, since the server itself had lost them. */
    lost: z.array(z.object({ sha256: HASH, sizeBytes: COUNT, why: z.enum(['MISSING', 'DAMAGED']) })),
  }),
});

export type BackupManifest = z.infer<typeof MANIFEST>;
export type BackupTable = z.infer<typeof TABLE>;

export function tableFile(folder: string, data: string, table: string): string {
  return join(folder, data, `${table}.copy.zst`);
}

export function objectFile(folder: string, sha256: string): string {
  return join(folder, OBJECTS_FOLDER, sha256.slice(0, 2), sha256);
}

/** The manifest of a folder; null where it holds no complete backup. Throws `invalid` BACKUP_UNREADABLE, `conflict` BACKUP_IS_NEWER. */
export async function readManifest(folder: string): Promise<BackupManifest | null> {
  let text: string;
  try {
    text = await readFile(join(folder, MANIFEST_FILE), 'utf8');
  } catch (error) {
    if (errnoOf(error) === 'ENOENT' || errnoOf(error) === 'ENOTDIR') return null;
    throw error;
  }
  const json = parsed(text);
  const format: unknown = typeof json === 'object' && json !== null ? Reflect.get(json, 'format') : undefined;
  if (typeof format === 'number' && format > FORMAT) {
    throw conflict('BACKUP_IS_NEWER', `The backup in ${folder} has the form ${format}; this release knows forms up to ${FORMAT}.`, {
      hint: 'Restore it with the release that made it, or a newer one.',
    });
  }
  const manifest = MANIFEST.safeParse(json);
  if (manifest.success) return manifest.data;
  const [issue] = manifest.error.issues;
  throw invalid(
    'BACKUP_UNREADABLE',
    `${join(folder, MANIFEST_FILE)} is not what a backup writes: ${issue?.path.join('.') ?? ''} ${issue?.message ?? ''}.`,
    {
      hint: 'It was changed or cut. Take another copy of the backup.',
    },
  );
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** One stored file of the list. */
export interface ListedFile {
  sha256: string;
  sizeBytes: number;
  /** Where the server that was backed up held it. */
  storageKey: string;
}

/** Reads a line of the list. Throws `invalid` BACKUP_UNREADABLE. */
export function readListed(line: string): ListedFile {
  const [sha256 = '', size = '', storageKey = '', ...more] = line.split('\t');
  if (!/^[0-9a-f]{64}$/.test(sha256) || !/^\d{1,15}$/.test(size) || storageKey === '' || more.length > 0) {
    throw invalid('BACKUP_UNREADABLE', `The list of stored files has a line that is none: ${JSON.stringify(line.slice(0, 100))}.`);
  }
  return { sha256, sizeBytes: Number(size), storageKey };
}
