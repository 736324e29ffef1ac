// A folder's manifest: the JSON list of its files that DVC stores as an object and calls `<md5>.dir`. The MD5 of these bytes is the folder's name, so they are
// Python's `json.dumps(list, sort_keys=True)` to the byte: files in the order of their code points, `", "` and `": "` between things, all but
// printable ASCII escaped in lower-case hexadecimal. Names are taken as they are: NFC and NFD are two files.
// Reading checks everything, since a manifest from elsewhere decides what is written where.

import { createHash } from 'node:crypto';
import { DomainError } from '@throughline/kernel';
import type { ObjectId, Tree, TreeEntry } from '../types.ts';
import { comparePaths, flawOfPath, folderOf } from './paths.ts';

/** A manifest of ten million files; DVC itself would need hours for it. */
const MAX_MANIFEST_BYTES = 2 ** 31 - 1;
const PLAIN = /^[ !#-[\]-~]*$/;
const ESCAPED = /["\\]|[^\x20-\x7e]/g;
const MD5 = /^[0-9a-f]{32}$/;
const SHORT: Readonly<Record<string, string>> = {
  '"': '\\"',
  '\\': '\\\\',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\b': '\\b',
  '\f': '\\f',
};

/** A string as Python's json module prints it. */
export function quotePython(text: string): string {
  if (PLAIN.test(text)) return `"${text}"`;
  return `"${text.replace(ESCAPED, (unit) => SHORT[unit] ?? `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)}"`;
}

/** The files in the order of a manifest. What is in order already is returned as it is. */
export function sortTree(entries: readonly TreeEntry[]): Tree {
  for (let index = 1; index < entries.length; index++) {
    if (comparePaths(entries[index - 1]?.path ?? '', entries[index]?.path ?? '') > 0)
      return [...entries].sort((a, b) => comparePaths(a.path, b.path));
  }
  return entries;
}

/** How much text is put together before it becomes bytes: a string of a whole manifest with a million files would stand in memory twice. */
const CHUNK_ENTRIES = 10_000;

/** The bytes of a folder's manifest. Files that are out of order are put in order. */
export function encodeManifest(tree: Tree): Buffer {
  const chunks: Buffer[] = [];
  let text = '[';
  let count = 0;
  for (const entry of sortTree(tree)) {
    text += `${count === 0 ? '' : ', '}{"md5": "${entry.md5}", "relpath": ${quotePython(entry.path)}}`;
    count += 1;
    if (count % CHUNK_ENTRIES === 0) {
      chunks.push(Buffer.from(text, 'latin1'));
      text = '';
    }
  }
  chunks.push(Buffer.from(`${text}]`, 'latin1'));
  return chunks.length === 1 ? (chunks[0] ?? Buffer.alloc(0)) : Buffer.concat(chunks);
}

/** The name of a manifest of these bytes. It is always an `md5` one: DVC 2 hashed manifests as they are, too. */
export function manifestId(bytes: Buffer): ObjectId {
  return { hash: 'md5', md5: createHash('md5').update(bytes).digest('hex'), isTree: true };
}

/**
 * The files that a manifest names, in order.
 * @param what What it is, for the messages: `the manifest 0cc1….dir`.
 * @throws DomainError `MANIFEST_DAMAGED` where it is no list of files, or names a path that must not be written (see `checkPath`) or twice, or one that is both file and folder.
 */
export function decodeManifest(bytes: Buffer, what: string): Tree {
  if (bytes.length > MAX_MANIFEST_BYTES) throw damaged(what, `has more than ${MAX_MANIFEST_BYTES} bytes`);
  const list = parseList(bytes, what);
  const entries: TreeEntry[] = [];
  for (const [index, value] of list.entries()) entries.push(entryOf(value, what, index));
  const tree = sortTree(entries);
  checkUnique(tree, what);
  return tree;
}

function parseList(bytes: Buffer, what: string): readonly unknown[] {
  let value: unknown;
  try {
    value = JSON.parse(bytes.toString('utf8'));
  } catch (cause) {
    throw damaged(what, 'is no JSON', cause);
  }
  if (!Array.isArray(value)) throw damaged(what, 'is no list of files');
  return value;
}

function entryOf(value: unknown, what: string, index: number): TreeEntry {
  if (typeof value !== 'object' || value === null) throw damaged(what, `holds something else than a file at place ${index + 1}`);
  const { md5, relpath, size } = value as { md5?: unknown; relpath?: unknown; size?: unknown };
  if (typeof relpath !== 'string') throw damaged(what, `has no "relpath" at place ${index + 1}`);
  const flaw = flawOfPath(relpath);
  if (flaw !== null) throw damaged(what, `names the path ${JSON.stringify(relpath.slice(0, 300))}, which ${flaw}`);
  const digits = typeof md5 === 'string' ? md5.toLowerCase() : '';
  if (!MD5.test(digits)) throw damaged(what, `has no MD5 of 32 hexadecimal digits for ${JSON.stringify(relpath.slice(0, 300))}`);
  if (typeof size === 'number' && Number.isSafeInteger(size) && size >= 0) return { path: relpath, md5: digits, sizeBytes: size };
  return { path: relpath, md5: digits };
}

/** Each path once, and none of them a folder of another. In this order `a`, `a-b`, `a/c` a folder's files need not follow its own name at once, hence the set. */
function checkUnique(tree: Tree, what: string): void {
  let files: Set<string> | null = null;
  let previous: string | null = null;
  let lastFolder = '';
  for (const { path } of tree) {
    if (path === previous) throw damaged(what, `names ${JSON.stringify(path.slice(0, 300))} twice`);
    previous = path;
    if (folderOf(path) === lastFolder) continue;
    lastFolder = folderOf(path);
    files ??= new Set(tree.map((entry) => entry.path));
    for (let folder = lastFolder; folder !== ''; folder = folderOf(folder)) {
      if (files.has(folder)) throw damaged(what, `names ${JSON.stringify(folder.slice(0, 300))} both as a file and as a folder`);
    }
  }
}

function damaged(what: string, problem: string, cause?: unknown): DomainError {
  return new DomainError({
    kind: 'corrupt',
    code: 'MANIFEST_DAMAGED',
    message: `${what} ${problem}.`,
    hint: 'Fetch it again from a remote, or add the folder again.',
    ...(cause === undefined ? {} : { cause }),
  });
}
