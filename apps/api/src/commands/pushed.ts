// What was pushed becomes a version: its manifest is made here, of the files that the workspace holds, so that nobody has to send hashes that
// this server can look up. And what a run read of it, told by whoever checked the bytes out.

import { buffer } from 'node:stream/consumers';

import { checkPath } from '@throughline/content';
import type { BlobInfo, ManifestInfo } from '@throughline/content';
import { decodeManifest, parseObjectId } from '@throughline/data-versioning/formats';
import { versionRef } from '@throughline/data-versioning';
import type { DatasetVersion, RegisteredVersion, RegisterPushedVersion } from '@throughline/data-versioning';
import type { Call } from '@throughline/database';
import { conflict, formatRef, invalid, requireWrite } from '@throughline/kernel';

import { registerManifest } from './datasets.ts';
import type { ReadFile } from './evidence.ts';
import { logInput, logInputs } from './inputs.ts';
import type { Parts } from './parts.ts';

/** What a file alone is called in its version, where neither its place nor its dataset gives a name. */
const NAMELESS = 'data';

interface PushedFile {
  path: string;
  sha256: string;
}

/** Registers an object that was pushed before. The same content again is the same version. Throws `conflict` MISSING_FILES with what is not here. */
export async function registerPushedVersion(parts: Parts, call: Call, input: RegisterPushedVersion): Promise<RegisteredVersion> {
  requireWrite(call.caller);
  const { object, executable, tags, description, ...about } = input;
  const make = () => manifestOf(parts, call, { object, executable: [...new Set(executable)], path: nameIn(input.sighting?.path) });
  return registerManifest(parts, call, about, make, async (inside, version) => {
    for (const tag of tags) await parts.data.pointers.tag(inside, version.id, tag);
    if (description !== null) await parts.data.datasets.describe(inside, version.datasetId, description);
  });
}

/** The manifest of an object: the one that there is, or made of its files. `path` is what a file alone is called in it. */
async function manifestOf(
  parts: Parts,
  call: Call,
  { object, executable, path }: { object: string; executable: readonly string[]; path: string },
): Promise<ManifestInfo> {
  const id = parseObjectId(object, 'md5');
  // Of a file alone, '' is itself.
  const marked = id.isTree ? executable : executable.map((one) => (one === '' ? path : one));
  for (const one of marked) checkPath(one);
  const known = await parts.content.findManifestOfDvc(call, { dvcMd5: object, executable: marked, path: id.isTree ? null : path });
  if (known !== null) return known;
  const files = id.isTree ? await filesOfTree(parts, call, id.md5) : [{ path, sha256: (await fileNamed(parts, call, id.md5)).sha256 }];
  const left = new Set(marked);
  const entries = files.map((file) => ({ ...file, executable: left.delete(file.path) }));
  const [stranger] = left;
  if (stranger !== undefined) throw invalid('NOT_A_FILE_OF_VERSION', `${object} has no file '${stranger.slice(0, 200)}' to be executable.`);
  return parts.content.createManifest(call, { kind: id.isTree ? 'DIR' : 'FILE', entries });
}

function nameIn(path: string | undefined): string {
  const name = path?.replace(/\/+$/, '').split('/').at(-1) ?? '';
  return name === '' ? NAMELESS : name;
}

function missing(ids: readonly string[]): Error {
  const named = ids.slice(0, 20).join(', ');
  return conflict('MISSING_FILES', `This workspace does not hold ${named}${ids.length > 20 ? ` and ${ids.length - 20} more` : ''}.`, {
    hint: 'Push it first: throughline push, or dvc push.',
    details: { missing: ids.slice(0, 10_000), count: ids.length },
  });
}

async function fileNamed({ content }: Parts, call: Call, md5: string): Promise<BlobInfo> {
  const file = (await content.findPushedFiles(call, [md5], { legacy: true })).get(md5);
  if (file === undefined) throw missing([md5]);
  return file;
}

async function filesOfTree({ content }: Parts, call: Call, md5: string): Promise<PushedFile[]> {
  const naming = { legacy: true };
  const list = (await content.findPushedTrees(call, [md5], naming)).get(md5);
  if (list === undefined) throw missing([`${md5}.dir`]);
  const entries = decodeManifest(await buffer((await content.openBlob(call, list.sha256)).body), `The list ${md5}.dir`);
  const names = [...new Set(entries.map((entry) => entry.md5))];
  const found = await content.findPushedFiles(call, names, naming);
  const absent = names.filter((name) => !found.has(name));
  if (absent.length > 0) throw missing(absent);
  return entries.flatMap((entry) => {
    const blob = found.get(entry.md5);
    return blob === undefined ? [] : [{ path: entry.path, sha256: blob.sha256 }];
  });
}

/** What was read inside a run, checked out from this server or a cache. */
export interface ReadReport {
  /** The run, by the id that MLflow's clients use. */
  run: string;
  /** What DVC calls it. */
  object: string;
  /** The version's digest, where the reader knows which one it was. */
  digest: string | null;
  files: readonly ReadFile[];
}

/**
 * Records that a run read an object: as the version that it is, matched where the run itself sent the hashes of all files, or, while no version
 * is known, as an input that waits for one. Throws `invalid` HASH_DIFFERS where what was read is not that.
 */
export async function logRead(parts: Parts, call: Call, { run: runId, object, digest, files }: ReadReport): Promise<DatasetVersion | null> {
  const { content, data } = parts;
  const id = parseObjectId(object, 'md5');
  const version = digest === null ? await newestOf(parts, call, object) : ((await data.versions.byDigests(call, [digest])).at(-1) ?? null);
  if (version === null) {
    const input = { name: object, digest: object, sourceType: 'dvc', source: `dvc:${object}` };
    await logInputs(parts, call, { runId }, { datasets: [input], models: [] });
    return null;
  }
  // A file alone has the name in its version that it had where it was registered.
  const only = id.isTree ? undefined : (await content.firstEntriesOf(call, [version.manifestId], 1)).get(version.manifestId)?.[0]?.path;
  const named = only === undefined ? files : files.map((file) => ({ ...file, path: only }));
  await logInput(parts, call, { run: formatRef({ kind: 'run', runId }), datasetVersion: versionRef(version), context: null, files: named });
  return version;
}

async function newestOf({ data }: Parts, call: Call, object: string): Promise<DatasetVersion | null> {
  return (await data.versions.findByDvcNames(call, [object])).get(object) ?? null;
}
