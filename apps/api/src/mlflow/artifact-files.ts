// What a path of MLflow's artifact proxy names: a file or a folder of a run or a logged model, or of the frozen files of a model version. A
// path is taken apart here and checked by the domain; it never becomes a path of this machine.

import type { FileInfo, FolderChild } from '@throughline/content';
import type { Call } from '@throughline/database';
import { invalid, isUuid, notFound } from '@throughline/kernel';
import type { Page, PageRequest } from '@throughline/kernel';
import type { ArtifactOwner } from '@throughline/tracking';

import type { Services } from '../services.ts';

const FROZEN = /^model-versions\/([^/]+)(?:\/(.*))?$/s;
/** How often a path is decoded to see whether it climbs: nobody who means well encodes it more often. */
const DECODINGS = 3;

/** Refuses a path that climbs, is absolute or has a backslash or NUL, however often it is percent-encoded. */
export function checkProxyPath(path: string): string {
  let decoded = path;
  for (let round = 0; round < DECODINGS; round += 1) {
    if (/(?:^|\/)\.\.?(?:\/|$)|\\|\0|^\/|\/\//.test(decoded))
      throw invalid('INVALID_PATH', 'Invalid path: it must be relative, without empty parts, . or .. .');
    try {
      decoded = decodeURIComponent(decoded);
    } catch {
      break; // A percent sign that is just that.
    }
  }
  return path;
}

/** The last part of a path: what a file is saved as. */
export function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

/** The file at a location. Throws `not_found`. */
export async function getFile(services: Services, call: Call, path: string): Promise<FileInfo> {
  const frozen = FROZEN.exec(path);
  const file = frozen === null ? await findOwned(services, call, path) : await findFrozen(services, call, frozen[1] ?? '', frozen[2] ?? '');
  if (file === null) throw nothingAt(path);
  return file;
}

/** The file of a run or a logged model. Throws `not_found`. */
export async function getFileOf({ tracking }: Services, call: Call, owner: ArtifactOwner, path: string): Promise<FileInfo> {
  const file = await tracking.artifacts.find(call, owner, path);
  if (file === null) throw nothingAt(path);
  return file;
}

function nothingAt(path: string): Error {
  return notFound('ARTIFACT_NOT_FOUND', `There is no artifact at '${path.slice(0, 200)}'.`);
}

async function findOwned({ tracking }: Services, call: Call, path: string): Promise<FileInfo | null> {
  const owner = await tracking.artifacts.ownerOf(call, path);
  return owner.path === '' ? null : tracking.artifacts.find(call, owner, owner.path);
}

async function manifestOf({ registry }: Services, call: Call, versionId: string): Promise<string> {
  const version = isUuid(versionId) ? (await registry.versions.findMany(call, [versionId])).get(versionId) : undefined;
  if (version?.manifestId == null)
    throw notFound('MODEL_VERSION_NOT_FOUND', 'There is no model version with files of its own at this location.');
  return version.manifestId;
}

async function findFrozen(services: Services, call: Call, versionId: string, path: string): Promise<FileInfo | null> {
  return path === '' ? null : services.content.findEntry(call, await manifestOf(services, call, versionId), path);
}

/** One page of what lies directly in the folder at a location. */
export async function listFolder(services: Services, call: Call, path: string, page: PageRequest): Promise<Page<FolderChild>> {
  const { content, tracking } = services;
  const frozen = FROZEN.exec(path);
  if (frozen !== null) return content.listFolder(call, await manifestOf(services, call, frozen[1] ?? ''), frozen[2] ?? '', page);
  const owner = await tracking.artifacts.ownerOf(call, path);
  return tracking.artifacts.listFolder(call, owner, owner.path, page);
}

/** Whose files a location is among, for who wants to change them. Throws `invalid` for those of a model version, which never change. */
export async function ownerForChange({ tracking }: Services, call: Call, path: string): Promise<ArtifactOwner> {
  if (FROZEN.test(path)) throw invalid('VERSION_IS_FROZEN', 'The files of a registered model version never change.');
  return tracking.artifacts.ownerOf(call, path);
}

/** Whose a file at a location is to be. Throws before a byte of it is taken where the owner takes none from this caller. */
export async function ownerForFile(services: Services, call: Call, path: string): Promise<ArtifactOwner> {
  const owner = await ownerForChange(services, call, path);
  if (owner.path === '') throw invalid('INVALID_PATH', 'Name the file that is to be written.');
  await services.tracking.artifacts.requireWritable(call, owner);
  return owner;
}
