// Which paths are let in. What other people wrote (manifests, `.dvc` files, dvc.yaml, dvc.lock) names files that we then write, so a path must be relative,
// normal, and end nowhere near Git's or DVC's own files. Git refuses its own folder's name in any case, since file systems that ignore
// case would take `.GIT/hooks` for the real one; the same rule holds here for both folders.

import { invalid } from '@throughline/kernel';

/** What file systems take at most, with room: a name has 255 bytes on all of them. */
const MAX_PATH_BYTES = 4096;
const DRIVE = /^[A-Za-z]:(?:[\\/]|$)/;
const OWN_FOLDER = /(?:^|\/)\.(?:git|dvc)(?:\/|$)/i;
/** What macOS leaves out of names when it compares them, and other file systems do not. */
const UNSEEN = /[\u200c-\u200f\u202a-\u202e\u206a-\u206f\ufeff]/g;
/** How Windows knows those folders as well: blanks and dots behind the name, a stream of it, and its short form. */
const OWN_FOLDER_OF_WINDOWS = /(?:^|\/)(?:\.(?:git|dvc)[ .]*(?::[^/]*)?|(?:git|dvc)~\d)(?:\/|$)/i;

/** Only names with one of these can be other systems' names of those folders; a million paths are asked. */
const ODD = /[~: \u200c-\u206f\ufeff]|\.(?:\/|$)/;

/** What is wrong with a path, in words that follow "it"; null where nothing is. */
export function flawOfPath(path: string): string | null {
  if (path === '') return 'is empty';
  // A UTF-16 unit is at most three bytes of UTF-8: only long ones are measured.
  if (path.length > MAX_PATH_BYTES / 3 && Buffer.byteLength(path) > MAX_PATH_BYTES) return `is longer than ${MAX_PATH_BYTES} bytes`;
  if (path.includes('\0')) return 'contains a NUL character';
  if (path.startsWith('/')) return 'is absolute';
  if (DRIVE.test(path)) return 'begins with a drive';
  if (process.platform === 'win32' && path.includes('\\')) return 'contains a backslash';
  if (path.endsWith('/') || path.includes('//')) return 'has an empty part';
  if (path.includes('.')) {
    for (const part of path.split('/')) if (part === '.' || part === '..') return `has the part ${JSON.stringify(part)}`;
    if (OWN_FOLDER.test(path)) return "lies in Git's or DVC's own folder";
  }
  if (ODD.test(path) && OWN_FOLDER_OF_WINDOWS.test(path.replace(UNSEEN, '')))
    return "lies in Git's or DVC's own folder as other systems see it";
  return path.isWellFormed() ? null : 'is no valid Unicode';
}

/**
 * The path itself, where it may be written below a folder: relative, with "/" between its parts, normal, and nowhere in `.git` or `.dvc`.
 * @param what What names it, for the message: `the manifest 0cc1….dir`, `data.dvc`.
 * @throws DomainError `PATH_REFUSED`.
 */
export function checkPath(path: string, what: string): string {
  const flaw = flawOfPath(path);
  if (flaw !== null) {
    throw invalid('PATH_REFUSED', `${what} names the path ${JSON.stringify(path.slice(0, 300))}, which ${flaw}.`, {
      hint: 'Paths are relative, have no "." or ".." in them, and lie outside .git and .dvc.',
    });
  }
  return path;
}

/** Puts two relative paths together and takes "." and ".." out; null where the way leads out of the root. */
export function joinPaths(base: string, path: string): string | null {
  const parts: string[] = [];
  for (const part of `${base}/${path}`.split('/')) {
    if (part === '' || part === '.') continue;
    if (part !== '..') parts.push(part);
    else if (parts.pop() === undefined) return null;
  }
  return parts.join('/');
}

/** `a/b` of `a/b/c`; empty for what lies at the root. */
export function folderOf(path: string): string {
  return path.slice(0, Math.max(path.lastIndexOf('/'), 0));
}

/** `c` of `a/b/c`. */
export function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

/** Whether a path is a folder's own or lies inside of it; everything lies inside of the root, which is empty. */
export function isInside(path: string, folder: string): boolean {
  return folder === '' || path === folder || (path.startsWith(folder) && path[folder.length] === '/');
}

/** Orders by Unicode code points, which is the order of the UTF-8 bytes; JavaScript's own order is by UTF-16 units and differs for astral characters. */
export function comparePaths(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let index = 0; index < length; index++) {
    const x = a.charCodeAt(index);
    const y = b.charCodeAt(index);
    if (x === y) continue;
    // Surrogates (0xD800 to 0xDFFF) stand for characters above all others: they are moved above 0xFFFF's neighbours.
    const isXSurrogate = x >= 0xd800 && x <= 0xdfff;
    const isYSurrogate = y >= 0xd800 && y <= 0xdfff;
    if (isXSurrogate !== isYSurrogate) return isXSurrogate ? 1 : -1;
    return x - y;
  }
  return a.length - b.length;
}

/** An address of S3 without the version that it names behind its path, and that version. */
export function splitVersion(url: string): { url: string; version: string | null } {
  const match = /^(s3:\/\/[^?#]*)\?(?:[^#]*&)?versionId=([^&#]+)/i.exec(url);
  return match?.[1] === undefined || match[2] === undefined ? { url, version: null } : { url: match[1], version: match[2] };
}
