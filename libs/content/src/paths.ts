// Paths inside manifests and file sets: relative, normal, and safe to write to a disk of any system. They come from clients and end up
// in other people's folders, so what could climb out of one is refused here, once, for every way in.

import { invalidPath, pathConflict } from './errors.ts';

/** Paths are keys of an index, and PostgreSQL refuses keys over about 2,700 bytes; S3 takes 1,024. */
export const MAX_PATH_BYTES = 2048;
/** What every common file system allows for one name. */
export const MAX_SEGMENT_BYTES = 255;

const DRIVE = /^[A-Za-z]:/;
// Percent-encoded, however often, a dot or a separator: a careless reader that decodes once more must not climb out either.
const ENCODED_DOT = /%(?:25)*2e/gi;
const ENCODED_SEPARATOR = /%(?:25)*(?:2f|5c)/gi;

/** Throws `invalid` INVALID_PATH unless the text is a relative, normal path; answers it unchanged. */
export function checkPath(path: string): string {
  if (path === '') throw invalidPath(path, 'is empty');
  if (Buffer.byteLength(path) > MAX_PATH_BYTES) throw invalidPath(path, `is longer than ${MAX_PATH_BYTES} bytes`);
  if (!path.isWellFormed()) throw invalidPath(path, 'is not well-formed Unicode');
  if (hasControl(path)) throw invalidPath(path, 'contains a control character');
  if (path.includes('\\')) throw invalidPath(path, 'contains a backslash');
  if (path.startsWith('/')) throw invalidPath(path, 'is absolute');
  if (DRIVE.test(path)) throw invalidPath(path, 'begins with a drive letter');
  for (const segment of path.split('/')) checkSegment(path, segment);
  if (path.includes('%')) checkDecoded(path);
  return path;
}

function checkSegment(path: string, segment: string): void {
  if (segment === '') throw invalidPath(path, 'has an empty part');
  if (segment === '.' || segment === '..') throw invalidPath(path, `has the part '${segment}'`);
  if (Buffer.byteLength(segment) > MAX_SEGMENT_BYTES) throw invalidPath(path, `has a part longer than ${MAX_SEGMENT_BYTES} bytes`);
}

function checkDecoded(path: string): void {
  const segments = path.replace(ENCODED_SEPARATOR, '/').replace(ENCODED_DOT, '.').split('/');
  if (segments.some((segment) => segment === '.' || segment === '..')) throw invalidPath(path, "has an encoded '.' or '..'");
}

function hasControl(path: string): boolean {
  for (let index = 0; index < path.length; index += 1) {
    const unit = path.charCodeAt(index);
    if (unit < 0x20 || unit === 0x7f) return true;
  }
  return false;
}

/** The order of two well-formed texts by their UTF-8 bytes, which is that of their code points and not of JavaScript's UTF-16 units. */
export function compareUtf8(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let index = 0; index < length; index += 1) {
    const left = a.charCodeAt(index);
    const right = b.charCodeAt(index);
    if (left !== right) return rank(left) - rank(right);
  }
  return a.length - b.length;
}

/** Surrogates stand for code points behind U+FFFF, but lie in front of U+E000: move them behind. */
function rank(unit: number): number {
  if (unit < 0xd800) return unit;
  return unit < 0xe000 ? unit + 0x2000 : unit - 0x800;
}

/** The folders that a path lies in, outermost first: `a/b/c` lies in `a` and `a/b`. */
export function foldersOf(path: string): string[] {
  const folders: string[] = [];
  for (let slash = path.indexOf('/'); slash !== -1; slash = path.indexOf('/', slash + 1)) folders.push(path.slice(0, slash));
  return folders;
}

/** Throws `invalid` PATH_CONFLICT where one path lies inside another, which can be no folder since it is a file. */
export function checkTree(paths: ReadonlySet<string>): void {
  for (const path of paths) {
    const file = foldersOf(path).find((folder) => paths.has(folder));
    if (file !== undefined) throw pathConflict(file, path);
  }
}

/**
 * The least text behind every text that begins with the prefix, in the order of UTF-8 bytes; null where there is none. With it a prefix
 * is a range of an index, which ends where the prefix does.
 */
export function behindPrefix(prefix: string): string | null {
  const points = Array.from(prefix, (character) => character.codePointAt(0) ?? 0);
  for (let last = points.pop(); last !== undefined; last = points.pop()) {
    if (last === 0x10ffff) continue;
    return String.fromCodePoint(...points, last === 0xd7ff ? 0xe000 : last + 1);
  }
  return null;
}
