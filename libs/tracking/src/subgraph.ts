// Tracking as a federation subgraph: the contract, its resolvers, and the commands that need other domains.

import { readFileSync } from 'node:fs';

import type { FileInfo } from '@throughline/content';
import type { Call } from '@throughline/database';
import type { Subgraph } from '@throughline/graphql';
import { defineSubgraph } from '@throughline/graphql';

import type { Tracking } from './api.ts';
import { datasetInputResolvers } from './resolvers/DatasetInput.ts';
import { datasetVersionResolvers } from './resolvers/DatasetVersion.ts';
import { experimentResolvers } from './resolvers/Experiment.ts';
import { createLoaders } from './resolvers/loaders.ts';
import { loggedModelResolvers } from './resolvers/LoggedModel.ts';
import { mutationResolvers } from './resolvers/Mutation.ts';
import { queryResolvers } from './resolvers/Query.ts';
import { runResolvers } from './resolvers/Run.ts';
import type { DatasetInput, Run } from './types.ts';

/** What a run read, by node ids or references; the command finds out what they are. */
export interface LogInputCommand {
  run: string;
  datasetVersion: string;
  context?: string | null | undefined;
  /** Every file that was read, with its SHA-256 in hexadecimal. */
  files?: readonly { path: string; sha256: string }[] | null | undefined;
}

/** The commands that tracking's schema offers and that need other domains too; the composition root gives them. */
export interface TrackingCommands {
  /** Records what a run read, as strongly as what is known allows. */
  logInput(call: Call, input: LogInputCommand): Promise<Run>;
  /** Says which dataset version an unresolved input was. */
  resolveInput(call: Call, input: { input: string; datasetVersion: string }): Promise<DatasetInput>;
  /** Records a dataset version that a run produced. */
  logDatasetOutput(call: Call, input: { run: string; datasetVersion: string }): Promise<Run>;
  /** Puts an uploaded file among the files of a run or a logged model. */
  putArtifact(call: Call, input: { owner: string; path: string; sha256: string }): Promise<FileInfo>;
}

/** Tracking's contract, without the shared prelude. */
export const trackingTypeDefs: string = readFileSync(new URL('./schema.graphql', import.meta.url), 'utf8');

export function createTrackingSubgraph(tracking: Tracking, commands: TrackingCommands): Subgraph {
  const loaders = createLoaders(tracking);
  return defineSubgraph({
    name: 'tracking',
    typeDefs: trackingTypeDefs,
    resolvers: {
      Query: queryResolvers(tracking),
      Mutation: mutationResolvers(tracking, commands),
      Experiment: experimentResolvers(loaders),
      Run: runResolvers(tracking, loaders),
      DatasetInput: datasetInputResolvers(loaders),
      LoggedModel: loggedModelResolvers(tracking, loaders),
      DatasetVersion: datasetVersionResolvers(loaders),
    },
  });
}
