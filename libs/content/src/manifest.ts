// A manifest's canonical form 1, which people cite by its SHA-256 for ever, so nothing in this file may change what it writes:
//   UTF-8, LF after every line. First line `throughline-manifest 1 dir` or `throughline-manifest 1 file`. Then one line an entry, sorted
//   by the UTF-8 bytes of the paths: `<sha256> <md5> <size> <x or -> <path as a JSON string>`.
// Paths hold no control characters, so the JSON string escapes the quotation mark alone. Reading is strict: what does not encode back to
// the same bytes is no manifest. Pure: no database, no object store.

import { createHash } from 'node:crypto';

import { invalid } from '@throughline/kernel';

import { invalidManifest } from './errors.ts';
import { checkMd5, checkSha256 } from './hashes.ts';
import { checkPath, checkTree, compareUtf8 } from './paths.ts';

export type ManifestKind = 'DIR' | 'FILE';

export interface ManifestEntry {
  path: string;
  sha256: string;
  md5: string;
  sizeBytes: number;
  executable: boolean;
}

export interface ManifestContent {
  kind: ManifestKind;
  /** In the order of their paths' UTF-8 bytes. */
  entries: readonly ManifestEntry[];
}

/** The most entries of one manifest. */
export const MAX_ENTRIES = 1_000_000;

const HEADERS = { DIR: 'throughline-manifest 1 dir', FILE: 'throughline-manifest 1 file' } satisfies Record<ManifestKind, string>;
const LINE = /^([0-9a-f]{64}) ([0-9a-f]{32}) (0|[1-9]\d{0,15}) ([x-]) (".*")$/s;
/** Lines are joined to pieces of about this size, so that a million entries are not a million writes. */
const PIECE_CHARACTERS = 64 * 1024;

/** Sorts entries canonically. Throws `invalid` for a bad or doubled path, a file that is a folder too, too many, or a FILE of not one entry. */
export function sortEntries<Entry extends { path: string }>(kind: ManifestKind, entries: readonly Entry[]): Entry[] {
  if (entries.length > MAX_ENTRIES)
    throw invalid('TOO_MANY_FILES', `A manifest has at most ${MAX_ENTRIES} files; this one would have ${entries.length}.`);
  if (kind === 'FILE' && entries.length !== 1) {
    throw invalid('INVALID_MANIFEST', `A manifest of a single file has exactly one entry; this one would have ${entries.length}.`);
  }
  const paths = new Set<string>();
  for (const { path } of entries) {
    checkPath(path);
    if (paths.has(path)) throw invalid('DUPLICATE_PATH', `The path ${JSON.stringify(path.slice(0, 200))} is named twice.`);
    paths.add(path);
  }
  checkTree(paths);
  return [...entries].sort((a, b) => compareUtf8(a.path, b.path));
}

function line(entry: ManifestEntry): string {
  return `${entry.sha256} ${entry.md5} ${entry.sizeBytes} ${entry.executable ? 'x' : '-'} ${JSON.stringify(entry.path)}\n`;
}

/** The canonical bytes piece by piece, of entries that `sortEntries` has sorted. */
export function* encodePieces(content: ManifestContent): Generator<Uint8Array, void, undefined> {
  let piece = `${HEADERS[content.kind]}\n`;
  for (const entry of content.entries) {
    piece += line(entry);
    if (piece.length >= PIECE_CHARACTERS) {
      yield Buffer.from(piece, 'utf8');
      piece = '';
    }
  }
  if (piece !== '') yield Buffer.from(piece, 'utf8');
}

/** The canonical bytes. Throws `invalid` where the entries cannot be a manifest. */
export function encodeManifest(content: ManifestContent): Buffer {
  const entries = sortEntries(content.kind, content.entries);
  entries.forEach(checkEntry);
  return Buffer.concat([...encodePieces({ kind: content.kind, entries })]);
}

function checkEntry(entry: ManifestEntry): void {
  checkSha256(entry.sha256);
  checkMd5(entry.md5);
  if (!Number.isSafeInteger(entry.sizeBytes) || entry.sizeBytes < 0) {
    throw invalid('INVALID_SIZE', `${entry.sizeBytes} is not the size of a file in bytes.`);
  }
}

/** Reads canonical bytes. Throws `invalid` INVALID_MANIFEST, INVALID_PATH and so on for everything that is not in canonical form. */
export function parseManifest(bytes: Uint8Array): ManifestContent {
  const lines = decodeUtf8(bytes).split('\n');
  if (lines.pop() !== '') throw invalidManifest('the last line does not end');
  const kind = kindOf(lines.shift());
  if (lines.length > MAX_ENTRIES) throw invalidManifest(`it has more than ${MAX_ENTRIES} entries`);
  const entries = lines.map(parseLine);
  if (kind === 'FILE' && entries.length !== 1) throw invalidManifest('a single file has exactly one entry');
  for (let index = 1; index < entries.length; index += 1) {
    if (compareUtf8(entries[index - 1]?.path ?? '', entries[index]?.path ?? '') >= 0) {
      throw invalidManifest(`line ${index + 2} is out of order or doubled`);
    }
  }
  checkTree(new Set(entries.map((entry) => entry.path)));
  return { kind, entries };
}

function decodeUtf8(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw invalidManifest('it is not UTF-8');
  }
}

function kindOf(header: string | undefined): ManifestKind {
  if (header === HEADERS.DIR) return 'DIR';
  if (header === HEADERS.FILE) return 'FILE';
  throw invalidManifest(`its first line is neither '${HEADERS.DIR}' nor '${HEADERS.FILE}'`);
}

function parseLine(text: string, index: number): ManifestEntry {
  const bad = () => invalidManifest(`line ${index + 2} is not '<sha256> <md5> <size> <x or -> <path>'`);
  const match = LINE.exec(text);
  if (match === null) throw bad();
  const [, sha256 = '', md5 = '', size = '', mark, quoted = ''] = match;
  const path = parseJsonString(quoted);
  const sizeBytes = Number(size);
  if (path === null || !Number.isSafeInteger(sizeBytes)) throw bad();
  return { path: checkPath(path), sha256, md5, sizeBytes, executable: mark === 'x' };
}

/** A JSON string in the one spelling that JSON.stringify gives it; null for any other. */
function parseJsonString(quoted: string): string | null {
  try {
    const value: unknown = JSON.parse(quoted);
    return typeof value === 'string' && JSON.stringify(value) === quoted ? value : null;
  } catch {
    return null;
  }
}

/** The SHA-256 of the canonical bytes: what people cite. Throws as `encodeManifest` does. */
export function digestOf(content: ManifestContent): string {
  return createHash('sha256').update(encodeManifest(content)).digest('hex');
}

const SHORT_ESCAPES: Readonly<Record<string, string>> = {
  '"': '\\"',
  '\\': '\\\\',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\b': '\\b',
  '\f': '\\f',
};

/** A JSON string as Python's json.dumps writes it: everything outside printable ASCII escaped, per UTF-16 unit. */
function pythonString(text: string): string {
  const escaped = text.replace(
    /["\\]|[^\x20-\x7e]/g,
    (unit) => SHORT_ESCAPES[unit] ?? `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
  return `"${escaped}"`;
}

/**
 * The bytes of DVC's `.dir` list for the same files, of sorted entries: Python's `json.dumps(list, sort_keys=True)` over md5 and relpath
 * (dvc_data/hashfile/tree.py). It knows no sizes and no executable bits.
 */
export function* dvcDirPieces(entries: Iterable<{ path: string; md5: string }>): Generator<string, void, undefined> {
  let piece = '[';
  let separator = '';
  for (const { path, md5 } of entries) {
    piece += `${separator}{"md5": "${md5}", "relpath": ${pythonString(path)}}`;
    separator = ', ';
    if (piece.length >= PIECE_CHARACTERS) {
      yield piece;
      piece = '';
    }
  }
  yield `${piece}]`;
}

/** What DVC calls the content: a file's MD5, or the MD5 of the `.dir` list with `.dir` behind it. The entries must be sorted. */
export function dvcMd5Of(content: ManifestContent): string {
  const [only] = content.entries;
  if (content.kind === 'FILE' && only !== undefined) return only.md5;
  const md5 = createHash('md5');
  for (const piece of dvcDirPieces(content.entries)) md5.update(piece, 'latin1');
  return `${md5.digest('hex')}.dir`;
}

/** How many files lie under each folder, and their bytes, by the folder's path. Throws `invalid` TOO_MANY_FOLDERS over a million. */
export function folderTotals(entries: Iterable<ManifestEntry>): Map<string, { fileCount: number; totalBytes: number }> {
  const totals = new Map<string, { fileCount: number; totalBytes: number }>();
  for (const { path, sizeBytes } of entries) {
    for (let slash = path.indexOf('/'); slash !== -1; slash = path.indexOf('/', slash + 1)) {
      const folder = path.slice(0, slash);
      const total = totals.get(folder);
      if (total === undefined) {
        // Deep paths that share nothing make far more folders than files, so those need a limit of their own.
        if (totals.size >= MAX_ENTRIES) throw invalid('TOO_MANY_FOLDERS', `A manifest has at most ${MAX_ENTRIES} folders.`);
        totals.set(folder, { fileCount: 1, totalBytes: sizeBytes });
      } else {
        total.fileCount += 1;
        total.totalBytes += sizeBytes;
      }
    }
  }
  return totals;
}
