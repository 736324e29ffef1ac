// What a README may lead to. Its text is a stranger's: a link goes to the web or to a file of the version that it speaks of, and a
// picture is loaded from that version alone, so that nobody elsewhere learns who reads it.

import { datasetVersionHref } from './links.ts';

/** The version whose files a README's relative paths mean; absent where the dataset has none. */
export interface ReadmeHome {
  dataset: string;
  number: number;
}

export interface ReadmeLink {
  href: string;
  /** Whether it leaves this server. */
  isOutside: boolean;
}

/** Where a link leads; null where it may lead nowhere: other schemes, other pages of this server, and parts of a page that has no such parts. */
export function readmeLink(url: string, home: ReadmeHome | null): ReadmeLink | null {
  if (isOutside(url, ['http:', 'https:', 'mailto:'])) return { href: url, isOutside: true };
  const path = pathInVersion(url);
  if (path === null || home === null) return null;
  return { href: `${datasetVersionHref(home.dataset, home.number)}?tab=files&file=${encodeURIComponent(path)}`, isOutside: false };
}

/** The address of a picture among the version's files; null for every other. */
export function readmeImage(url: string, home: ReadmeHome | null): string | null {
  const path = pathInVersion(url);
  if (path === null || home === null) return null;
  const encoded = path.split('/').map(encodeURIComponent).join('/');
  return `/api/v1/datasets/${encodeURIComponent(home.dataset)}/versions/${home.number}/files/${encoded}`;
}

function isOutside(url: string, schemes: readonly string[]): boolean {
  return URL.canParse(url) && schemes.includes(new URL(url).protocol);
}

/** The path of a file beside the README; null where the text is an address, begins at a root, or leaves the version. */
function pathInVersion(url: string): string | null {
  if (URL.canParse(url) || /^([/\\#?]|$)/.test(url)) return null;
  const [written = ''] = url.split(/[?#]/);
  let decoded: string;
  try {
    decoded = decodeURIComponent(written);
  } catch {
    return null;
  }
  const parts: string[] = [];
  for (const part of decoded.split('/')) {
    if (part === '..' && parts.pop() === undefined) return null;
    if (part !== '' && part !== '.' && part !== '..') parts.push(part);
  }
  return parts.length === 0 ? null : parts.join('/');
}

/** The text below the YAML that dataset cards begin with, which is for programs. */
export function withoutFrontMatter(text: string): string {
  return text.replace(/^\uFEFF?---[ \t]*\r?\n(?:[^\n]*\n)*?---[ \t]*(?:\r?\n|$)/, '');
}

/** A text that is being written, and the writing that it began from. */
export interface ReadmeDraft {
  text: string;
  revision: number;
}

export function writeDraft(draft: ReadmeDraft): string {
  return JSON.stringify(draft);
}

/** A draft that was kept; null where there is none, or one that nobody can read any more. */
export function readDraft(kept: string | null): ReadmeDraft | null {
  if (kept === null) return null;
  try {
    const value: unknown = JSON.parse(kept);
    if (typeof value !== 'object' || value === null || !('text' in value) || !('revision' in value)) return null;
    const { text, revision } = value;
    return typeof text === 'string' && typeof revision === 'number' && Number.isInteger(revision) ? { text, revision } : null;
  } catch {
    return null;
  }
}
