import type { GraphqlContext, TypeResolvers } from '@throughline/graphql';
import { asResult, callOf } from '@throughline/graphql';

import type { DataVersioning } from '../data-versioning.ts';
import type { DataVersioningCommands, RegisterDatasetVersion, RegisterPushedVersion } from '../commands.ts';
import type { SightingPlace } from '../types.ts';

interface RegisterInput {
  dataset: string;
  files: readonly { path: string; sha256: string; executable?: boolean | null }[];
  single?: boolean | null;
  message?: string | null;
  derivedFrom?: readonly string[] | null;
  sighting?: SightingPlace | null;
  producedBy?: string | null;
}

function unpack(input: RegisterInput): RegisterDatasetVersion {
  return {
    dataset: input.dataset,
    files: input.files.map(({ path, sha256, executable }) => ({ path, sha256, executable: executable ?? false })),
    single: input.single ?? false,
    message: input.message ?? '',
    derivedFrom: input.derivedFrom ?? [],
    sighting: input.sighting ?? null,
    producedBy: input.producedBy ?? null,
  };
}

interface RegisterPushedInput extends Omit<RegisterInput, 'files' | 'single'> {
  object: string;
  executable?: readonly string[] | null;
  description?: string | null;
  tags?: readonly string[] | null;
}

function unpackPushed(input: RegisterPushedInput): RegisterPushedVersion {
  return {
    dataset: input.dataset,
    object: input.object,
    executable: input.executable ?? [],
    message: input.message ?? '',
    description: input.description ?? null,
    tags: input.tags ?? [],
    derivedFrom: input.derivedFrom ?? [],
    sighting: input.sighting ?? null,
    producedBy: input.producedBy ?? null,
  };
}

export function mutationResolvers(
  { datasets, versions, pointers, profiles, readmes, retractions }: DataVersioning,
  commands: DataVersioningCommands,
): TypeResolvers {
  return {
    createDataset: (_: unknown, { input }: { input: { name: string; description?: string | null } }, context: GraphqlContext) =>
      asResult('Dataset', () => datasets.create(callOf(context), { name: input.name, description: input.description ?? '' })),

    updateDataset: (_: unknown, { id, description }: { id: string; description: string }, context: GraphqlContext) =>
      asResult('Dataset', async () => {
        const call = callOf(context);
        return datasets.describe(call, (await datasets.getByRef(call, id)).id, description);
      }),

    updateDatasetReadme: (
      _: unknown,
      { dataset, text, revision }: { dataset: string; text: string; revision: number },
      context: GraphqlContext,
    ) =>
      asResult('Dataset', async () => {
        const call = callOf(context);
        return readmes.write(call, (await datasets.getByRef(call, dataset)).id, { text, revision });
      }),

    deleteDataset: (_: unknown, { id }: { id: string }, context: GraphqlContext) =>
      asResult('Dataset', async () => {
        const call = callOf(context);
        return commands.deleteDataset(call, (await datasets.getByRef(call, id)).id);
      }),

    registerDatasetVersion: (_: unknown, { input }: { input: RegisterInput }, context: GraphqlContext) =>
      asResult('DatasetVersion', () => commands.registerDatasetVersion(callOf(context), unpack(input))),

    registerPushedVersion: (_: unknown, { input }: { input: RegisterPushedInput }, context: GraphqlContext) =>
      asResult('DatasetVersion', async () => (await commands.registerPushedVersion(callOf(context), unpackPushed(input))).version),

    setCurrentVersion: (_: unknown, { version }: { version: string }, context: GraphqlContext) =>
      asResult('Dataset', async () => {
        const call = callOf(context);
        return pointers.setCurrent(call, (await versions.getByRef(call, version)).id);
      }),

    tagDatasetVersion: (_: unknown, { version, tag }: { version: string; tag: string }, context: GraphqlContext) =>
      asResult('DatasetVersion', async () => {
        const call = callOf(context);
        return pointers.tag(call, (await versions.getByRef(call, version)).id, tag);
      }),

    untagDataset: (_: unknown, { dataset, tag }: { dataset: string; tag: string }, context: GraphqlContext) =>
      asResult('Dataset', async () => {
        const call = callOf(context);
        return pointers.untag(call, (await datasets.getByRef(call, dataset)).id, tag);
      }),

    profileDatasetVersion: (_: unknown, { version }: { version: string }, context: GraphqlContext) =>
      asResult('DatasetVersion', async () => {
        const call = callOf(context);
        const found = await versions.getByRef(call, version);
        await profiles.requestAgain(call, found);
        return found;
      }),

    retractDatasetVersion: (_: unknown, { version, reason }: { version: string; reason: string }, context: GraphqlContext) =>
      asResult('DatasetVersion', async () => {
        const call = callOf(context);
        return retractions.retract(call, (await versions.getByRef(call, version)).id, reason);
      }),

    reinstateDatasetVersion: (_: unknown, { version, reason }: { version: string; reason: string }, context: GraphqlContext) =>
      asResult('DatasetVersion', async () => {
        const call = callOf(context);
        return retractions.reinstate(call, (await versions.getByRef(call, version)).id, reason);
      }),

    recordSighting: (_: unknown, { input }: { input: { version: string; sighting: SightingPlace } }, context: GraphqlContext) =>
      asResult('DatasetVersion', async () => {
        const call = callOf(context);
        return commands.recordSighting(call, (await versions.getByRef(call, input.version)).id, input.sighting);
      }),
  };
}
