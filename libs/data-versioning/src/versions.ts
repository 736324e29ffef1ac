// Versions: immutable manifests under a dataset's name. Registering is idempotent by the digest: the same files are the same version,
// whoever sends them and however often, and the version becomes the current one (again, where it was it before: the history tells).
// A dataset's row lock orders those who register at once; the unique constraints over number and digest would catch a defect here.

import { on, within } from '@throughline/database';
import type { Call, Tx } from '@throughline/database';
import type { ManifestDiff, ManifestInfo } from '@throughline/content';
import {
  decodeCursor,
  encodeCursor,
  formatRef,
  invalid,
  invariant,
  newId,
  pageOf,
  parseNodeId,
  parseRef,
  requireWrite,
} from '@throughline/kernel';
import type { Evidence, Page, PageRequest } from '@throughline/kernel';

import {
  datasetOfOthers,
  derivedFromItself,
  foreignWorkspace,
  matchedByClient,
  tooManySources,
  versionNotFound,
  versionRetracted,
} from './errors.ts';
import { checkDatasetName, checkText, CURRENT, MAX_MESSAGE_CHARACTERS, MAX_NAME_CHARACTERS } from './names.ts';
import type { Parts } from './parts.ts';
import type { Pointers } from './pointers.ts';
import { isSameRepository, namesAt } from './repository.ts';
import { checkPlace } from './sightings.ts';
import type { Profiles } from './tables/profiles.ts';
import type { VersionSelector } from './store/store.ts';
import type { Dataset, DatasetVersion, Derivation, SightingPlace } from './types.ts';

export interface NewVersion {
  /** The dataset's name; made where there is none. */
  dataset: string;
  /**
   * Whether nobody chose the name: it is only the path. Where the dataset of that name was seen in other repositories alone, it is not the same data:
   * then the repository is put before it.
   */
  impliedName?: boolean | undefined;
  /** A manifest of the workspace, made in the same transaction or before. */
  manifestId: string;
  message?: string | undefined;
  /** Ids of the versions that it was made from, at most 100. */
  derivedFrom?: readonly string[] | undefined;
  /** How that is known; ASSERTED unless the command found out more. Never MATCHED. */
  derivedEvidence?: Evidence | undefined;
  /** Where in Git it was seen. */
  sighting?: SightingPlace | undefined;
}

export interface Versions {
  /**
   * Registers a manifest as a version and makes it the current one. The same manifest again is the same version (`isNew` false; its
   * message stays, sources and sightings are added). Throws `conflict` VERSION_RETRACTED, and `invalid` or `not_found` for bad input.
   */
  register(call: Call, input: NewVersion): Promise<{ version: DatasetVersion; isNew: boolean }>;
  /** Throws what `register` would for input that is bad by itself, for a command that makes the manifest before it. */
  checkNew(call: Call, input: Omit<NewVersion, 'manifestId'>): void;
  /** A dataset's versions, newest first. */
  list(call: Call, datasetId: string, page: PageRequest): Promise<Page<DatasetVersion>>;
  /** The first pages of many datasets' versions in one statement, in the order asked for. */
  listMany(call: Call, requests: readonly { datasetId: string; page: PageRequest }[]): Promise<Page<DatasetVersion>[]>;
  /** By ids, those of deleted datasets included; unknown ones are left out. */
  byIds(call: Call, ids: readonly string[]): Promise<Map<string, DatasetVersion>>;
  /**
   * A version of a live dataset by node id or reference: `data:penguins@2`, `@<tag>`, `@sha256:<digest>`, `@current`; `data:penguins`
   * and a dataset's node id are the current one. Null where there is none. Throws `invalid` for a text that is neither.
   *
   * In an open transaction the dataset cannot be deleted any more until that ends: who records an edge to a version finds it so.
   */
  findByRef(call: Call, text: string): Promise<DatasetVersion | null>;
  /**
   * The same for many references, and no node ids, in one statement; by the text, those that there are none of left out. What a
   * transaction does not find, it may write down as missing: `beforeWaiting` waits for it.
   */
  findByRefs(call: Call, texts: readonly string[]): Promise<Map<string, DatasetVersion>>;
  /**
   * For the transaction that registered a version, before it looks for what waits for that, and after it took every other lock: waits for
   * transactions that did not find the version, and makes those that would look for it wait in turn. So one of two sees the other.
   */
  beforeWaiting(call: Call & { tx: Tx }, version: DatasetVersion, dvcMd5: string): Promise<void>;
  /**
   * The newest version of each of these contents, by what DVC calls them (`<md5>`, `<md5>.dir`); those that there are none of left out. In an open
   * transaction, of what is not found the same holds as for `findByRefs`.
   */
  findByDvcNames(call: Call, dvcMd5s: readonly string[]): Promise<Map<string, DatasetVersion>>;
  /** As `findByRef`, but throws `not_found` DATASET_VERSION_NOT_FOUND. */
  getByRef(call: Call, text: string): Promise<DatasetVersion>;
  /** The versions of live datasets that have one of these digests, oldest first: the same files may be known under several names. */
  byDigests(call: Call, digests: readonly string[]): Promise<DatasetVersion[]>;
  /** The manifests of all versions of the workspace, those of deleted datasets too, from one on, in a fixed order. */
  manifestIds(call: Call, from: string | null, limit: number): Promise<string[]>;
  /** Which versions were made from which: those made from (`source`) these, or what these were made from (`derived`). */
  derivations(call: Call, versionIds: readonly string[], side: 'derived' | 'source'): Promise<Derivation[]>;
  /** What differs from one version to another, of the same dataset or not. */
  diff(call: Call, from: DatasetVersion, to: DatasetVersion, page: PageRequest): Promise<ManifestDiff>;
}

const MAX_SOURCES = 100;
/** The most derivations that are answered at once. */
const MAX_DERIVATIONS = 5000;

/** The readable reference of a version. */
export function versionRef(version: DatasetVersion): string {
  return formatRef({ kind: 'data', name: version.datasetName, number: version.number });
}

export function createVersions(
  { database, content, clock, store }: Parts,
  pointers: Pointers,
  profiles: Pick<Profiles, 'request'>,
): Versions {
  /** What is found inside a transaction is about to be referred to: its dataset stays until then. */
  const holding = (call: Call) => ({ hold: call.tx !== undefined });

  const live = async (call: Call, id: string): Promise<DatasetVersion | null> =>
    (await store.liveVersions(on(database, call), call.caller.workspaceId, [id], holding(call)))[0] ?? null;

  const findByRef = async (call: Call, text: string): Promise<DatasetVersion | null> => {
    const node = parseNodeId(text);
    if (node?.kind === 'datasetVersion') return live(call, node.id);
    if (node?.kind === 'dataset') {
      const [dataset] = await store.datasetsByIds(on(database, call), call.caller.workspaceId, [node.id]);
      const currentId = dataset?.currentVersionId ?? null;
      return currentId === null ? null : live(call, currentId);
    }
    if (node !== null) throw notOfVersion(text);
    return (await findByRefs(call, [text])).get(text) ?? null;
  };

  const findByRefs = async (call: Call, texts: readonly string[]): Promise<Map<string, DatasetVersion>> => {
    const distinct = [...new Set(texts)];
    const wanted = distinct.map(selectionOf);
    if (wanted.length === 0) return new Map();
    const { workspaceId } = call.caller;
    const find = () => store.findVersions(on(database, call), workspaceId, wanted, holding(call));
    let found = await find();
    const missing = wanted.filter((_, index) => found[index] === null).map(({ dataset }) => dataset);
    if (call.tx !== undefined && missing.length > 0) {
      // Somebody may be registering it, unseen: wait for them and look again, or make them wait and see what this transaction writes.
      await store.lockNames(call.tx, workspaceId, missing, 'SHARED');
      found = await find();
    }
    return new Map(
      distinct.flatMap((text, index) => {
        const version = found[index] ?? null;
        return version === null ? [] : [[text, version] as const];
      }),
    );
  };

  /** The dataset of this name, locked; made where there is none. */
  const lockOrCreate = async (tx: Tx, workspaceId: string, name: string): Promise<Dataset> => {
    // Whoever is found on the way in may be deleted before the lock is ours; then the name is free, and the next round takes it.
    for (let attempt = 0; attempt < 5; attempt += 1) {
      const dataset = await store.lockDataset(tx, workspaceId, { name });
      if (dataset !== null) return dataset;
      const at = clock.now();
      await store.insertDataset(tx, { id: newId(at.getTime()), workspaceId, name, description: '', at });
    }
    throw new Error('a dataset could neither be found nor made');
  };

  /** The dataset that a path of a repository is, locked: the first by whose name nothing else is meant. From shorter to longer names, so that two of these pass. */
  const lockOwn = async (tx: Tx, workspaceId: string, name: string, { repository }: SightingPlace): Promise<Dataset> => {
    for (const one of namesAt(name, repository).filter(({ length }) => length <= MAX_NAME_CHARACTERS)) {
      const dataset = await lockOrCreate(tx, workspaceId, one);
      const seenIn = await store.repositoriesOf(tx, dataset.id);
      if (seenIn.length === 0 || seenIn.some((other) => isSameRepository(other, repository))) return dataset;
    }
    throw datasetOfOthers(name);
  };

  const insert = async (
    tx: Tx,
    call: Call,
    dataset: Dataset,
    { manifest, message }: { manifest: ManifestInfo; message: string },
  ): Promise<DatasetVersion> => {
    const at = clock.now();
    const id = newId(at.getTime());
    const { workspaceId, name: createdBy } = call.caller;
    const { id: manifestId, digest } = manifest;
    await store.insertVersion(tx, { id, workspaceId, datasetId: dataset.id, manifestId, digest, message, createdBy, at });
    return getVersion(tx, workspaceId, id);
  };

  const getVersion = async (tx: Tx, workspaceId: string, id: string): Promise<DatasetVersion> => {
    const [version] = await store.versionsByIds(tx, workspaceId, [id]);
    invariant(version !== undefined, 'a version is there once it is inserted');
    return version;
  };

  const derive = async (
    tx: Tx,
    call: Call,
    version: DatasetVersion,
    sources: { ids: readonly string[]; evidence: Evidence },
  ): Promise<void> => {
    if (sources.ids.length === 0) return;
    if (sources.ids.includes(version.id)) throw derivedFromItself(version);
    const known = await store.liveVersions(tx, call.caller.workspaceId, sources.ids, { hold: true });
    const unknown = sources.ids.find((id) => !known.some((one) => one.id === id));
    if (unknown !== undefined) throw versionNotFound(unknown);
    const { name: actor } = call.caller;
    await store.linkDerivations(tx, {
      versionId: version.id,
      fromVersionIds: sources.ids,
      evidence: sources.evidence,
      actor,
      at: clock.now(),
    });
  };

  const listMany = async (call: Call, requests: readonly { datasetId: string; page: PageRequest }[]): Promise<Page<DatasetVersion>[]> => {
    const wanted = requests.map(({ datasetId, page }) => ({ datasetId, first: page.first + 1, below: belowOf(page.after) }));
    const found = wanted.length === 0 ? [] : await store.listVersions(on(database, call), call.caller.workspaceId, wanted);
    return requests.map(({ page }, index) => pageOf(found[index] ?? [], page.first, (version) => encodeCursor([version.number])));
  };

  return {
    register(call, input) {
      const { name, impliedName, message, evidence, ids, place } = checkedNew(call, input);
      return within(database, call, async (tx) => {
        const inside = { ...call, tx };
        const { workspaceId } = call.caller;
        // Before the dataset is locked: it takes a lock of its own, and the collector takes them in this order too.
        await content.keepManifests(inside, [input.manifestId]);
        const manifest = (await content.getManifests(inside, [input.manifestId])).get(input.manifestId);
        invariant(manifest !== undefined, 'a manifest that is kept is there');
        const dataset =
          impliedName && place !== null ? await lockOwn(tx, workspaceId, name, place) : await lockOrCreate(tx, workspaceId, name);
        const same = { dataset: dataset.name, selector: { digest: manifest.digest } };
        const [known = null] = await store.findVersions(tx, workspaceId, [same], { hold: true });
        if (known !== null && known.retraction !== null) throw versionRetracted(known);
        const version = known ?? (await insert(tx, call, dataset, { manifest, message }));
        await derive(tx, call, version, { ids, evidence });
        if (place !== null) {
          const seenAt = clock.now();
          const { name: actor } = call.caller;
          await store.insertSighting(tx, { id: newId(seenAt.getTime()), workspaceId, versionId: version.id, ...place, actor, seenAt });
        }
        await pointers.moveCurrent(tx, call, dataset, version.id);
        if (known === null) await profiles.request(inside, version);
        return { version, isNew: known === null };
      });
    },

    checkNew(call, input) {
      checkedNew(call, input);
    },

    async list(call, datasetId, page) {
      const [only] = await listMany(call, [{ datasetId, page }]);
      invariant(only !== undefined, 'one request has one answer');
      return only;
    },

    listMany,

    async byIds(call, ids) {
      const rows = await store.versionsByIds(on(database, call), call.caller.workspaceId, ids);
      return new Map(rows.map((version) => [version.id, version]));
    },

    findByRef,
    findByRefs,

    beforeWaiting: (call, version, dvcMd5) =>
      store.lockNames(call.tx, call.caller.workspaceId, [version.datasetName, lockOf(dvcMd5)], 'ALONE'),

    async findByDvcNames(call, dvcMd5s) {
      const { workspaceId } = call.caller;
      const find = async () => {
        const digests = await content.digestsOfDvc(call, dvcMd5s);
        const found = await store.versionsByDigests(on(database, call), workspaceId, [...new Set(digests.values())].flat());
        return new Map(
          [...digests].flatMap(([name, some]) => {
            // Of several, what was registered last is what people speak of now.
            const newest = found.findLast(({ digest }) => some.includes(digest));
            return newest === undefined ? [] : [[name, newest] as const];
          }),
        );
      };
      const found = dvcMd5s.length === 0 ? new Map<string, DatasetVersion>() : await find();
      const missing = dvcMd5s.filter((name) => !found.has(name));
      if (call.tx === undefined || missing.length === 0) return found;
      await store.lockNames(call.tx, workspaceId, missing.map(lockOf), 'SHARED');
      return find();
    },

    async getByRef(call, text) {
      const version = await findByRef(call, text);
      if (version === null) throw versionNotFound(text);
      return version;
    },

    byDigests: (call, digests) => store.versionsByDigests(on(database, call), call.caller.workspaceId, digests.map(checkDigest)),

    manifestIds: (call, from, limit) => store.manifestIds(on(database, call), call.caller.workspaceId, from, limit),

    derivations: (call, versionIds, side) =>
      store.derivations(on(database, call), call.caller.workspaceId, versionIds, side, MAX_DERIVATIONS),

    diff: (call, from, to, page) => content.diffManifests(call, from.manifestId, to.manifestId, page),
  };
}

/** No dataset has such a name: it would end in a blank. */
function lockOf(dvcMd5: string): string {
  return `dvc ${dvcMd5} `;
}

/** What `register` takes, in the form in which it is kept. */
function checkedNew({ caller }: Call, input: Omit<NewVersion, 'manifestId'>) {
  requireWrite(caller);
  const name = checkDatasetName(input.dataset);
  const message = checkText('message', input.message ?? '', MAX_MESSAGE_CHARACTERS);
  const evidence = input.derivedEvidence ?? 'ASSERTED';
  if (evidence === 'MATCHED') throw matchedByClient();
  const ids = [...new Set(input.derivedFrom ?? [])];
  if (ids.length > MAX_SOURCES) throw tooManySources(MAX_SOURCES);
  const place = input.sighting === undefined ? null : checkPlace(input.sighting);
  return { name, impliedName: input.impliedName === true, message, evidence, ids, place };
}

/** The version that a reference names, within its dataset. */
function selectionOf(text: string): { dataset: string; selector: VersionSelector } {
  const parsed = parseRef(text);
  if (parsed?.ref.kind !== 'data') throw notOfVersion(text);
  if (parsed.workspace !== null) throw foreignWorkspace(text);
  const { name, number, tag, digest } = parsed.ref;
  return { dataset: checkDatasetName(name), selector: selectorOf({ number, tag, digest }) };
}

interface Selection {
  number: number | undefined;
  tag: string | undefined;
  digest: string | undefined;
}

function selectorOf({ number, tag, digest }: Selection): VersionSelector {
  if (number !== undefined) return { number };
  if (digest !== undefined) return { digest };
  if (tag === undefined || tag.toLowerCase() === CURRENT) return { pointer: CURRENT };
  return { pointer: checkText('tag', tag, 255) };
}

function belowOf(after: string | null): number | null {
  if (after === null) return null;
  const [number] = decodeCursor(after, 1);
  if (typeof number === 'number' && Number.isInteger(number) && number >= 1 && number <= 2 ** 31 - 1) return number;
  throw invalid('INVALID_CURSOR', "'after' is not a cursor of this list; pass the endCursor of the page before.");
}

function checkDigest(digest: string): string {
  if (/^[0-9a-f]{64}$/.test(digest)) return digest;
  throw invalid('INVALID_DIGEST', `'${digest.slice(0, 80)}' is not a digest: 64 hexadecimal characters in lower case.`);
}

function notOfVersion(text: string): Error {
  return invalid(
    'INVALID_ID',
    `'${text.slice(0, 120)}' is not the id or reference of a dataset version; it would look like data:penguins@2.`,
  );
}
