// Listing artifacts: MLflow's clients expect one folder at a time, and nothing for a path that is a file.

import type { Call } from '@throughline/database';
import type { ArtifactOwner, Tracking } from '@throughline/tracking';

import { nextPage, presentChild } from './present.ts';

/**
 * Entries of one answer. MLflow's own clients ask for one page and take it for the whole folder, so that it has to be larger than
 * any folder that they make.
 */
export const LISTING_PAGE = 50_000;

/** The files of a folder with their whole paths, and the token of the next page. */
export async function listingOf(
  tracking: Tracking,
  call: Call,
  owner: ArtifactOwner,
  folder: string,
  pageToken: string | undefined,
): Promise<{ files?: object[]; next_page_token?: string }> {
  const page = await tracking.artifacts.listFolder(call, owner, folder.replace(/\/+$/, ''), {
    first: LISTING_PAGE,
    after: pageToken || null,
  });
  const files = page.items.map((child) => presentChild(child, 'path'));
  return { ...(files.length === 0 ? {} : { files }), ...nextPage(page) };
}
