/* eslint-disable */
/** Internal type. DO NOT USE DIRECTLY. */
type Exact<T extends { [key: string]: unknown }> = { [K in keyof T]: T[K] };
/** Internal type. DO NOT USE DIRECTLY. */
export type Incremental<T> = T | { [P in keyof T]?: P extends ' $fragmentName' | '__typename' ? T[P] : never };
import type { DocumentTypeDecoration } from '@graphql-typed-document-node/core';
/** What was tried. */
export type AliasAction =
  /** To make the alias name a version. */
  | 'PROMOTE'
  /** To take it away. */
  | 'REMOVE';

/** What came of it. */
export type AliasOutcome =
  /** It was done. */
  | 'APPLIED'
  /** It was refused. */
  | 'REFUSED';

/** What happened to a column. */
export type ColumnChangeKind =
  /** It is new. */
  | 'ADDED'
  /** It is gone. */
  | 'REMOVED'
  /** It has another type. */
  | 'RETYPED';

/** How a column's values are summed up. */
export type ColumnKind =
  /** True or false. */
  | 'BOOLEAN'
  /** Numbers. */
  | 'NUMBER'
  /** Lists, structs and whatever else has no order that says something. */
  | 'OTHER'
  /** Texts. */
  | 'TEXT'
  /** Dates and times. */
  | 'TIME';

/** What to make a token of. */
export type CreateTokenInput = {
  /** After how many days it ends; never unless given. At most 3650. */
  readonly expiresInDays?: number | null | undefined;
  /** What to call it, up to 120 characters. */
  readonly name: string;
  /** Who it stands for; made where unknown. The caller unless given. */
  readonly principal?: string | null | undefined;
  /** The run that it is for: what is read with it counts as observed for that run. */
  readonly run?: string | number | null | undefined;
  /** What it may do. */
  readonly scope: TokenScope;
};

/** What to make a webhook of. */
export type CreateWebhookInput = {
  /** What it is for. */
  readonly description?: string | null | undefined;
  /** What it is told of; at least one. */
  readonly events: ReadonlyArray<WebhookEvent>;
  /** Its name: 1 to 63 letters, digits, '.', '_' and '-'. */
  readonly name: string;
  /** What deliveries are signed with. */
  readonly secret?: string | null | undefined;
  /** Whether it is told of what happens; active unless given. */
  readonly status?: WebhookStatus | null | undefined;
  /** Where deliveries go: an http or https address of the public internet. */
  readonly url: string;
};

/** What to deploy where. */
export type DeployInput = {
  /** The environment, such as production. */
  readonly environment: string;
  /** Why. */
  readonly reason?: string | null | undefined;
  /** The target, such as api. */
  readonly target: string;
  /** The version, by id or reference (`model:penguins@champion`). */
  readonly version: string | number;
};

/** How an edge is known. */
export type Evidence =
  /** A client said so. */
  | 'ASSERTED'
  /** The reader sent full content hashes, and they equal the manifest's. */
  | 'MATCHED'
  /** This server itself served every byte of it to that run. */
  | 'OBSERVED';

/** What happened to a path. */
export type FileChange =
  /** It is new. */
  | 'ADDED'
  /** It has other bytes. */
  | 'CHANGED'
  /** It is gone. */
  | 'REMOVED';

/** What kind of thing is missing. */
export type GapKind =
  /** A model version has no digest, since its files are elsewhere. */
  | 'NO_DIGEST'
  /** A run names no data at all. */
  | 'NO_INPUTS'
  /** A model version names no run. */
  | 'NO_RUN'
  /** A dataset version was withdrawn. */
  | 'RETRACTED_DATA'
  /** A run names data that is no registered version. */
  | 'UNRESOLVED_INPUT';

/** What the last check of stored bytes found. */
export type Integrity =
  /** They are missing, or hash to something else. */
  | 'DAMAGED'
  /** They still hash to what they were stored under. */
  | 'INTACT'
  /** They were not hashed again since they were stored. */
  | 'UNCHECKED';

/** Where a job stands. */
export type JobState =
  /** Ended. */
  | 'DONE'
  /** Could not go on. */
  | 'FAILED'
  /** Waiting. */
  | 'QUEUED'
  /** At work. */
  | 'RUNNING';

/** Whether a thing is in use or deleted (and restorable). */
export type Lifecycle =
  /** In use. */
  | 'ACTIVE'
  /** Deleted; can be restored. */
  | 'DELETED';

/** Which of the two a list shows. */
export type LifecycleView =
  /** Those in use. */
  | 'ACTIVE'
  /** Both. */
  | 'ALL'
  /** Those deleted. */
  | 'DELETED';

/** Which way to look. */
export type LineageDirection =
  /** Toward deployments. */
  | 'DOWNSTREAM'
  /** Toward data. */
  | 'UPSTREAM';

/** What a node is. */
export type LineageNodeKind =
  /** A version of a dataset. */
  | 'DATASET_VERSION'
  /** A deployment. */
  | 'DEPLOYMENT'
  /** A model as a run logged it. */
  | 'LOGGED_MODEL'
  /** A version of a registered model. */
  | 'MODEL_VERSION'
  /** A run. */
  | 'RUN'
  /** What a run says that it read, and nobody knows which version that was. */
  | 'UNRESOLVED_INPUT';

/** Whether a logged model's files are all there. */
export type LoggedModelStatus =
  /** Being sent. */
  | 'PENDING'
  /** All there. */
  | 'READY'
  /** Sending failed. */
  | 'UPLOAD_FAILED';

/** As what a file can be shown. */
export type PreviewKind =
  /** As a picture. */
  | 'IMAGE'
  /** Not at all. */
  | 'NONE'
  /** As rows. */
  | 'TABLE'
  /** As lines. */
  | 'TEXT';

/** What class of thing went wrong with a command. */
export type ProblemKind =
  /** The state of the thing does not allow it: a name is taken, another caller was faster. */
  | 'CONFLICT'
  /** Stored bytes are not what they were. */
  | 'CORRUPT'
  /** A limit was reached: a size, a count, a disk. */
  | 'EXHAUSTED'
  /** The caller may not do this. */
  | 'FORBIDDEN'
  /** The input is wrong; trying it again will not help. */
  | 'INVALID'
  /** What was named does not exist, or not for this caller. */
  | 'NOT_FOUND'
  /** Something that this needs does not answer right now; trying it again later may help. */
  | 'UNAVAILABLE'
  /** This server does not do that. */
  | 'UNIMPLEMENTED';

/** How far the profile of a table is. */
export type ProfileState =
  /** It is there. */
  | 'DONE'
  /** It could not be made; the problem says why. It is not tried again unless somebody asks. */
  | 'FAILED'
  /** It waits for its turn. */
  | 'PENDING'
  /** It is being made. */
  | 'RUNNING'
  /** It is not made; the problem says which limit that is for. */
  | 'SKIPPED';

/** Who is to hold an alias. */
export type PromoteInput = {
  /** The alias. */
  readonly alias: string;
  /** The version that must hold the alias now; explicit null: nobody must. No condition unless given. */
  readonly expected?: string | number | null | undefined;
  /** Why. */
  readonly reason?: string | null | undefined;
  /** The version, by id or reference. */
  readonly version: string | number;
};

/** What to remove for good. Where any ids are given only those are, and each must be deleted; otherwise everything that is. */
export type PurgeInput = {
  /** Whether nothing is to be removed, and only counted. */
  readonly dryRun: boolean;
  /** Experiments with all that is in them, by the ids of MLflow's clients. */
  readonly experimentIds?: ReadonlyArray<string> | null | undefined;
  /** Logged models, by the ids of MLflow's clients. */
  readonly loggedModelIds?: ReadonlyArray<string> | null | undefined;
  /** Only what was deleted at least so many seconds ago; 0 unless given. */
  readonly olderThanSeconds?: number | null | undefined;
  /** Runs, by the ids of MLflow's clients. */
  readonly runIds?: ReadonlyArray<string> | null | undefined;
};

/** Why something that was deleted is kept. */
export type PurgeKeptReason =
  /** A run that stays is part of it. */
  | 'CHILD_RUN'
  /** A dataset version was made by it. */
  | 'DATASET_VERSION'
  /** It is the first experiment, which is always there. */
  | 'DEFAULT_EXPERIMENT'
  /** It holds something that was kept. */
  | 'HOLDS_KEPT'
  /** A logged model that stays came from it, or was measured by it. */
  | 'LOGGED_MODEL'
  /** A version of a registered model came from it. */
  | 'MODEL_VERSION'
  /** It was brought back meanwhile. */
  | 'RESTORED'
  /** A run that stays started from it. */
  | 'STARTED_FROM';

/** What a job does now. */
export type PurgePhase =
  /** Removing files that nothing needs any more. */
  | 'COLLECT'
  /** Removing runs, logged models and experiments. */
  | 'DELETE'
  /** Finding out what is due, and what something stands on. */
  | 'PLAN';

/** What keeps a purge from going on. */
export type PurgeWait =
  /** The end of a backup that is being made: no stored file is removed meanwhile. */
  | 'BACKUP'
  /** Somebody to work on it: the server that did has gone. Another one, or it when it starts again, goes on within half a minute. */
  | 'WORKER';

/** What to register as a version. */
export type RegisterDatasetVersionInput = {
  /** The dataset's name; made where there is none. */
  readonly dataset: string;
  /** The versions that it was made from, by id or reference. */
  readonly derivedFrom?: ReadonlyArray<string | number> | null | undefined;
  /** The files, uploaded before. A version of one file without a folder around it says so by `single`. */
  readonly files: ReadonlyArray<VersionFileInput>;
  /** What changed. */
  readonly message?: string | null | undefined;
  /** The run that produced it. */
  readonly producedBy?: string | number | null | undefined;
  /** Where in Git it was seen. */
  readonly sighting?: SightingInput | null | undefined;
  /** Whether the version is one file rather than a folder. */
  readonly single?: boolean | null | undefined;
};

/** What to register. */
export type RegisterVersionInput = {
  /** What is special about this version. */
  readonly description?: string | null | undefined;
  /** The logged model to register; either this or run is needed. */
  readonly loggedModel?: string | number | null | undefined;
  /** The model's name; made where there is none. */
  readonly model: string;
  /** The folder of the run's artifacts; all of them unless given. */
  readonly path?: string | null | undefined;
  /** The run whose artifacts to register. */
  readonly run?: string | number | null | undefined;
  /** Its tags. */
  readonly tags?: ReadonlyArray<TagInput> | null | undefined;
};

/** What happened to a row. */
export type RowChangeKind =
  /** It is new. */
  | 'ADDED'
  /** Its key is in both tables, with other values. */
  | 'CHANGED'
  /** It is gone. */
  | 'REMOVED';

/** Where a run stands. */
export type RunStatus =
  /** Ended with an error. */
  | 'FAILED'
  /** Ended well. */
  | 'FINISHED'
  /** Ended by somebody. */
  | 'KILLED'
  /** At work. */
  | 'RUNNING'
  /** Waiting to begin. */
  | 'SCHEDULED';

/** A place in Git. */
export type SightingInput = {
  /** The full commit id. */
  readonly commit: string;
  /** The path in it. */
  readonly path: string;
  /** The repository's address; credentials in it are dropped. */
  readonly repository: string;
};

/** From a step to a step, both included. */
export type StepRange = {
  /** The first step. */
  readonly from?: string | null | undefined;
  /** The last step. */
  readonly to?: string | null | undefined;
};

/** How tables are kept in files. */
export type TableFormat =
  /** Arrow IPC, as a file (Feather 2) or a stream. */
  | 'ARROW'
  /** Values with commas, or another character that the file uses, between them; compressed by gzip or not. */
  | 'CSV'
  /** A list of JSON objects, or one object a line; compressed by gzip or not. */
  | 'JSON'
  /** Apache Parquet. */
  | 'PARQUET'
  /** Values with tabs between them; compressed by gzip or not. */
  | 'TSV';

/** A tag to set. */
export type TagInput = {
  /** Unique on its thing; setting it again replaces the value. */
  readonly key: string;
  /** Free text. */
  readonly value: string;
};

/** What a token may do; each contains the ones before it. */
export type TokenScope =
  /** Manage tokens and storage as well. */
  | 'ADMIN'
  /** Read everything in the workspace. */
  | 'READ'
  /** Log, register, promote and deploy as well. */
  | 'WRITE';

/** What a file is for the trace. */
export type TracedFileRole =
  /** What was learnt from. */
  | 'DATA'
  /** What was learnt. */
  | 'MODEL';

/** What to change of a webhook; the rest stays. */
export type UpdateWebhookInput = {
  /** What it is for. */
  readonly description?: string | null | undefined;
  /** What it is told of; at least one. */
  readonly events?: ReadonlyArray<WebhookEvent> | null | undefined;
  /** Its name. */
  readonly name?: string | null | undefined;
  /** What deliveries are signed with; empty takes it away. */
  readonly secret?: string | null | undefined;
  /** Whether it is told of what happens. */
  readonly status?: WebhookStatus | null | undefined;
  /** Where deliveries go. */
  readonly url?: string | null | undefined;
};

/** A file of a version. */
export type VersionFileInput = {
  /** Whether it can be executed. */
  readonly executable?: boolean | null | undefined;
  /** Its path, relative, with / between folders. */
  readonly path: string;
  /** SHA-256 of its bytes in hexadecimal. */
  readonly sha256: string;
};

/** How far a delivery has come. */
export type WebhookDeliveryState =
  /** The receiver answered with a status from 200 to 299. */
  | 'DELIVERED'
  /** It was given up: the receiver refused it for good, or every attempt failed. */
  | 'FAILED'
  /** It is tried, or waits for its next attempt. */
  | 'PENDING';

/** Something that happens in the registry, and that a webhook can be told of. */
export type WebhookEvent =
  /** An alias was given to a version. */
  | 'MODEL_VERSION_ALIAS_CREATED'
  /** An alias was taken away. */
  | 'MODEL_VERSION_ALIAS_DELETED'
  /** A version of a model was registered. */
  | 'MODEL_VERSION_CREATED'
  /** A tag of a version was taken away. */
  | 'MODEL_VERSION_TAG_DELETED'
  /** A tag of a version was set. */
  | 'MODEL_VERSION_TAG_SET'
  /** An alias was given to a prompt's version. */
  | 'PROMPT_ALIAS_CREATED'
  /** An alias of a prompt was taken away. */
  | 'PROMPT_ALIAS_DELETED'
  /** A prompt was made. */
  | 'PROMPT_CREATED'
  /** A tag of a prompt was taken away. */
  | 'PROMPT_TAG_DELETED'
  /** A tag of a prompt was set. */
  | 'PROMPT_TAG_SET'
  /** A version of a prompt was made. */
  | 'PROMPT_VERSION_CREATED'
  /** A tag of a prompt's version was taken away. */
  | 'PROMPT_VERSION_TAG_DELETED'
  /** A tag of a prompt's version was set. */
  | 'PROMPT_VERSION_TAG_SET'
  /** A registered model was made. */
  | 'REGISTERED_MODEL_CREATED';

/** Whether a webhook is told of what happens. */
export type WebhookStatus =
  /** It is. */
  | 'ACTIVE'
  /** It is not, and what it was not told before waits. */
  | 'DISABLED';

export type RefusalFragment = { readonly kind: ProblemKind, readonly code: string, readonly message: string, readonly hint: string | null };

export type DatasetVersionPageQueryVariables = Exact<{
  id: string | number;
}>;


export type DatasetVersionPageQuery = { readonly datasetVersion: { readonly id: string, readonly ref: string, readonly number: number, readonly digest: string, readonly dvcMd5: string, readonly message: string, readonly tags: ReadonlyArray<string>, readonly isCurrent: boolean, readonly fileCount: number, readonly totalBytes: string, readonly integrity: Integrity, readonly checkedAt: string | null, readonly createdBy: string, readonly createdAt: string, readonly dataset: { readonly id: string, readonly name: string, readonly versionCount: number, readonly current: { readonly id: string, readonly number: number } | null, readonly tags: ReadonlyArray<{ readonly name: string, readonly version: { readonly id: string } }> }, readonly derivedFrom: ReadonlyArray<{ readonly id: string, readonly number: number, readonly dataset: { readonly name: string }, readonly retraction: { readonly reason: string } | null }>, readonly derivatives: ReadonlyArray<{ readonly id: string, readonly number: number, readonly dataset: { readonly name: string } }>, readonly producedBy: { readonly runId: string, readonly name: string } | null, readonly sightings: ReadonlyArray<{ readonly repository: string, readonly path: string, readonly commit: string, readonly actor: string, readonly seenAt: string }>, readonly retraction: { readonly reason: string, readonly actor: string, readonly at: string } | null } | null };

export type TagVersionMutationVariables = Exact<{
  version: string | number;
  tag: string;
}>;


export type TagVersionMutation = { readonly tagDatasetVersion:
    | { readonly __typename: 'DatasetVersion', readonly id: string }
    | { readonly __typename: 'Problem', readonly kind: ProblemKind, readonly code: string, readonly message: string, readonly hint: string | null }
   };

export type SetCurrentVersionMutationVariables = Exact<{
  version: string | number;
}>;


export type SetCurrentVersionMutation = { readonly setCurrentVersion:
    | { readonly __typename: 'Dataset', readonly id: string, readonly current: { readonly number: number } | null }
    | { readonly __typename: 'Problem', readonly kind: ProblemKind, readonly code: string, readonly message: string, readonly hint: string | null }
   };

export type ExperimentPageQueryVariables = Exact<{
  id: string | number;
}>;


export type ExperimentPageQuery = { readonly experiment: { readonly id: string, readonly ref: string, readonly experimentId: string, readonly name: string, readonly artifactLocation: string, readonly lifecycle: Lifecycle, readonly createdAt: string, readonly updatedAt: string, readonly runCount: number, readonly metricKeys: ReadonlyArray<string>, readonly paramKeys: ReadonlyArray<string>, readonly tags: ReadonlyArray<{ readonly key: string, readonly value: string }> } | null };

export type ModelVersionPageQueryVariables = Exact<{
  id: string | number;
}>;


export type ModelVersionPageQuery = { readonly modelVersion: { readonly id: string, readonly ref: string, readonly version: number, readonly description: string, readonly aliases: ReadonlyArray<string>, readonly stage: string, readonly source: string, readonly digest: string | null, readonly noDigestReason: string | null, readonly fileCount: number, readonly totalBytes: string, readonly integrity: Integrity, readonly runEvidence: Evidence, readonly createdBy: string, readonly createdAt: string, readonly tags: ReadonlyArray<{ readonly key: string, readonly value: string }>, readonly model: { readonly id: string, readonly name: string }, readonly run: { readonly runId: string, readonly name: string } | null, readonly loggedModel: { readonly modelId: string, readonly name: string } | null, readonly copiedFrom: { readonly version: number, readonly model: { readonly name: string } } | null, readonly deployments: { readonly nodes: ReadonlyArray<{ readonly id: string, readonly environment: string, readonly target: string, readonly isLive: boolean, readonly startedAt: string, readonly startedBy: string, readonly endedAt: string | null }> } } | null };

export type ModelPageQueryVariables = Exact<{
  id: string | number;
}>;


export type ModelPageQuery = { readonly model: { readonly id: string, readonly ref: string, readonly name: string, readonly description: string, readonly createdAt: string, readonly updatedAt: string, readonly versionCount: number, readonly tags: ReadonlyArray<{ readonly key: string, readonly value: string }>, readonly aliases: ReadonlyArray<{ readonly alias: string, readonly since: string, readonly version: { readonly id: string, readonly version: number } }>, readonly latestVersion: { readonly id: string, readonly version: number } | null } | null };

export type DeleteRunMutationVariables = Exact<{
  id: string | number;
}>;


export type DeleteRunMutation = { readonly deleteRun:
    | { readonly __typename: 'Problem', readonly kind: ProblemKind, readonly code: string, readonly message: string, readonly hint: string | null }
    | { readonly __typename: 'Run', readonly id: string }
   };

export type RestoreRunMutationVariables = Exact<{
  id: string | number;
}>;


export type RestoreRunMutation = { readonly restoreRun:
    | { readonly __typename: 'Problem', readonly kind: ProblemKind, readonly code: string, readonly message: string, readonly hint: string | null }
    | { readonly __typename: 'Run', readonly id: string }
   };

export type TagRunMutationVariables = Exact<{
  id: string | number;
  tags: ReadonlyArray<TagInput> | TagInput;
}>;


export type TagRunMutation = { readonly logBatch:
    | { readonly __typename: 'Problem', readonly kind: ProblemKind, readonly code: string, readonly message: string, readonly hint: string | null }
    | { readonly __typename: 'Run', readonly id: string }
   };

export type UntagRunMutationVariables = Exact<{
  id: string | number;
  key: string;
}>;


export type UntagRunMutation = { readonly deleteRunTag:
    | { readonly __typename: 'Problem', readonly kind: ProblemKind, readonly code: string, readonly message: string, readonly hint: string | null }
    | { readonly __typename: 'Run', readonly id: string }
   };

export type ExportedRunsQueryVariables = Exact<{
  id: string | number;
  filter?: string | null | undefined;
  orderBy?: ReadonlyArray<string> | string | null | undefined;
  view?: LifecycleView | null | undefined;
  metrics?: ReadonlyArray<string> | string | null | undefined;
  params?: ReadonlyArray<string> | string | null | undefined;
  after?: string | null | undefined;
}>;


export type ExportedRunsQuery = { readonly experiment: { readonly id: string, readonly runs: { readonly pageInfo: { readonly hasNextPage: boolean, readonly endCursor: string | null }, readonly nodes: ReadonlyArray<{ readonly runId: string, readonly name: string, readonly status: RunStatus, readonly user: string, readonly startedAt: string | null, readonly durationMs: string | null, readonly metrics: ReadonlyArray<{ readonly key: string, readonly value: number | string }>, readonly params: ReadonlyArray<{ readonly key: string, readonly value: string }>, readonly inputs: ReadonlyArray<{ readonly name: string, readonly datasetVersion: { readonly number: number, readonly dataset: { readonly name: string } } | null }> }> } } | null };

export type RunPageQueryVariables = Exact<{
  id: string | number;
}>;


export type RunPageQuery = { readonly run: { readonly id: string, readonly ref: string, readonly runId: string, readonly name: string, readonly status: RunStatus, readonly lifecycle: Lifecycle, readonly user: string, readonly startedAt: string | null, readonly endedAt: string | null, readonly durationMs: string | null, readonly pointCount: string, readonly artifactUri: string, readonly commit: string | null, readonly source: string | null, readonly experiment: { readonly experimentId: string, readonly name: string }, readonly parent: { readonly runId: string, readonly name: string } | null, readonly children: { readonly totalCount: number, readonly nodes: ReadonlyArray<{ readonly id: string, readonly runId: string, readonly name: string, readonly status: RunStatus }> }, readonly params: ReadonlyArray<{ readonly key: string, readonly value: string }>, readonly metrics: ReadonlyArray<{ readonly key: string, readonly value: number | string, readonly step: string, readonly timestamp: string, readonly min: number | string, readonly max: number | string }>, readonly tags: ReadonlyArray<{ readonly key: string, readonly value: string }>, readonly inputs: ReadonlyArray<{ readonly id: string, readonly name: string, readonly digest: string, readonly sourceType: string, readonly source: string, readonly schema: string | null, readonly context: string | null, readonly evidence: Evidence, readonly resolvedBy: string | null, readonly datasetVersion: { readonly id: string, readonly number: number, readonly integrity: Integrity, readonly checkedAt: string | null, readonly retraction: { readonly reason: string } | null, readonly dataset: { readonly name: string } } | null }>, readonly producedDatasets: ReadonlyArray<{ readonly id: string, readonly number: number, readonly digest: string, readonly dataset: { readonly name: string } }>, readonly loggedModels: ReadonlyArray<{ readonly id: string, readonly modelId: string, readonly name: string, readonly modelType: string | null, readonly status: LoggedModelStatus, readonly createdAt: string, readonly modelVersions: ReadonlyArray<{ readonly id: string }> }>, readonly modelVersions: ReadonlyArray<{ readonly id: string, readonly version: number, readonly digest: string | null, readonly aliases: ReadonlyArray<string>, readonly integrity: Integrity, readonly model: { readonly name: string } }> } | null };

export type ExperimentRunsQueryVariables = Exact<{
  id: string | number;
  filter?: string | null | undefined;
  orderBy?: ReadonlyArray<string> | string | null | undefined;
  view?: LifecycleView | null | undefined;
  metrics?: ReadonlyArray<string> | string | null | undefined;
  params?: ReadonlyArray<string> | string | null | undefined;
  after?: string | null | undefined;
}>;


export type ExperimentRunsQuery = { readonly experiment: { readonly id: string, readonly runs: { readonly totalCount: number, readonly pageInfo: { readonly hasNextPage: boolean, readonly endCursor: string | null }, readonly nodes: ReadonlyArray<{ readonly id: string, readonly runId: string, readonly name: string, readonly status: RunStatus, readonly lifecycle: Lifecycle, readonly user: string, readonly startedAt: string | null, readonly durationMs: string | null, readonly metrics: ReadonlyArray<{ readonly key: string, readonly value: number | string, readonly step: string, readonly min: number | string, readonly max: number | string }>, readonly params: ReadonlyArray<{ readonly key: string, readonly value: string }>, readonly inputs: ReadonlyArray<{ readonly id: string, readonly name: string, readonly datasetVersion: { readonly id: string, readonly number: number, readonly dataset: { readonly name: string } } | null }>, readonly withdrawnData: ReadonlyArray<{ readonly label: string, readonly reason: string }> | null, readonly modelVersions: ReadonlyArray<{ readonly id: string, readonly version: number, readonly aliases: ReadonlyArray<string>, readonly model: { readonly name: string } }> }> } } | null };

export type MetricSeriesQueryVariables = Exact<{
  run: string | number;
  key: string;
  range?: StepRange | null | undefined;
  buckets?: number | null | undefined;
}>;


export type MetricSeriesQuery = { readonly metricSeries: { readonly key: string, readonly pointCount: string, readonly columns: { readonly fromStep: readonly number[], readonly toStep: readonly number[], readonly last: readonly (number | string)[], readonly min: readonly (number | string)[], readonly max: readonly (number | string)[], readonly toTimestampMs: readonly number[], readonly count: readonly number[] } } };

export type RetractMutationVariables = Exact<{
  version: string | number;
  reason: string;
}>;


export type RetractMutation = { readonly retractDatasetVersion:
    | { readonly __typename: 'DatasetVersion', readonly id: string }
    | { readonly __typename: 'Problem', readonly kind: ProblemKind, readonly code: string, readonly message: string, readonly hint: string | null }
   };

export type ReinstateMutationVariables = Exact<{
  version: string | number;
  reason: string;
}>;


export type ReinstateMutation = { readonly reinstateDatasetVersion:
    | { readonly __typename: 'DatasetVersion', readonly id: string }
    | { readonly __typename: 'Problem', readonly kind: ProblemKind, readonly code: string, readonly message: string, readonly hint: string | null }
   };

export type DeployMutationVariables = Exact<{
  input: DeployInput;
}>;


export type DeployMutation = { readonly deploy:
    | { readonly __typename: 'Deployment', readonly id: string, readonly environment: string, readonly target: string }
    | { readonly __typename: 'Problem', readonly kind: ProblemKind, readonly code: string, readonly message: string, readonly hint: string | null }
   };

export type TargetsQueryVariables = Exact<{ [key: string]: never; }>;


export type TargetsQuery = { readonly deployments: { readonly nodes: ReadonlyArray<{ readonly id: string, readonly environment: string, readonly target: string, readonly modelVersion: { readonly version: number, readonly model: { readonly name: string } } }> } };

export type DatasetDiffQueryVariables = Exact<{
  from: string | number;
  to: string | number;
  after?: string | null | undefined;
}>;


export type DatasetDiffQuery = { readonly datasetDiff: { readonly addedCount: number, readonly removedCount: number, readonly changedCount: number, readonly unchangedCount: number, readonly bytesDelta: string, readonly from: { readonly number: number, readonly digest: string }, readonly to: { readonly number: number, readonly digest: string }, readonly differences: ReadonlyArray<{ readonly path: string, readonly change: FileChange, readonly before: { readonly sizeBytes: string, readonly sha256: string, readonly downloadUrl: string } | null, readonly after: { readonly sizeBytes: string, readonly sha256: string, readonly downloadUrl: string } | null }>, readonly pageInfo: { readonly hasNextPage: boolean, readonly endCursor: string | null } } };

export type FolderFragment = { readonly nodes: ReadonlyArray<{ readonly path: string, readonly name: string, readonly isFolder: boolean, readonly sizeBytes: string | null, readonly file: { readonly path: string, readonly sizeBytes: string, readonly sha256: string, readonly integrity: Integrity, readonly checkedAt: string | null, readonly downloadUrl: string } | null }>, readonly pageInfo: { readonly hasNextPage: boolean, readonly endCursor: string | null } };

export type RunFolderQueryVariables = Exact<{
  id: string | number;
  path: string;
}>;


export type RunFolderQuery = { readonly run: { readonly artifacts: { readonly nodes: ReadonlyArray<{ readonly path: string, readonly name: string, readonly isFolder: boolean, readonly sizeBytes: string | null, readonly file: { readonly path: string, readonly sizeBytes: string, readonly sha256: string, readonly integrity: Integrity, readonly checkedAt: string | null, readonly downloadUrl: string } | null }>, readonly pageInfo: { readonly hasNextPage: boolean, readonly endCursor: string | null } } } | null };

export type LoggedModelFolderQueryVariables = Exact<{
  id: string | number;
  path: string;
}>;


export type LoggedModelFolderQuery = { readonly loggedModel: { readonly artifacts: { readonly nodes: ReadonlyArray<{ readonly path: string, readonly name: string, readonly isFolder: boolean, readonly sizeBytes: string | null, readonly file: { readonly path: string, readonly sizeBytes: string, readonly sha256: string, readonly integrity: Integrity, readonly checkedAt: string | null, readonly downloadUrl: string } | null }>, readonly pageInfo: { readonly hasNextPage: boolean, readonly endCursor: string | null } } } | null };

export type VersionFolderQueryVariables = Exact<{
  id: string | number;
  path: string;
}>;


export type VersionFolderQuery = { readonly datasetVersion: { readonly entries: { readonly nodes: ReadonlyArray<{ readonly path: string, readonly name: string, readonly isFolder: boolean, readonly sizeBytes: string | null, readonly file: { readonly path: string, readonly sizeBytes: string, readonly sha256: string, readonly integrity: Integrity, readonly checkedAt: string | null, readonly downloadUrl: string } | null }>, readonly pageInfo: { readonly hasNextPage: boolean, readonly endCursor: string | null } } } | null };

export type InputCandidatesQueryVariables = Exact<{
  search?: string | null | undefined;
}>;


export type InputCandidatesQuery = { readonly datasets: { readonly nodes: ReadonlyArray<{ readonly id: string, readonly name: string, readonly versions: { readonly nodes: ReadonlyArray<{ readonly id: string, readonly number: number, readonly digest: string, readonly message: string, readonly createdAt: string, readonly retraction: { readonly reason: string } | null }> } }> } };

export type ResolveInputMutationVariables = Exact<{
  input: string | number;
  datasetVersion: string | number;
}>;


export type ResolveInputMutation = { readonly resolveInput:
    | { readonly __typename: 'DatasetInput', readonly id: string, readonly name: string }
    | { readonly __typename: 'Problem', readonly kind: ProblemKind, readonly code: string, readonly message: string, readonly hint: string | null }
   };

export type SearchQueryVariables = Exact<{
  text: string;
  runs: string;
  experiments: string;
}>;


export type SearchQuery = { readonly experiments: { readonly nodes: ReadonlyArray<{ readonly experimentId: string, readonly name: string, readonly runCount: number }> }, readonly runs: { readonly nodes: ReadonlyArray<{ readonly runId: string, readonly name: string, readonly experiment: { readonly name: string } }> }, readonly models: { readonly nodes: ReadonlyArray<{ readonly name: string, readonly versionCount: number }> }, readonly datasets: { readonly nodes: ReadonlyArray<{ readonly name: string, readonly versionCount: number }> }, readonly deployments: { readonly nodes: ReadonlyArray<{ readonly id: string, readonly environment: string, readonly target: string, readonly modelVersion: { readonly version: number, readonly model: { readonly name: string } } }> } };

export type PromotionQueryVariables = Exact<{
  version: string | number;
}>;


export type PromotionQuery = { readonly modelVersion: { readonly id: string, readonly version: number, readonly digest: string | null, readonly noDigestReason: string | null, readonly model: { readonly id: string, readonly name: string, readonly aliases: ReadonlyArray<{ readonly alias: string, readonly since: string, readonly version: { readonly id: string, readonly version: number, readonly digest: string | null, readonly run: { readonly id: string, readonly name: string, readonly params: ReadonlyArray<{ readonly key: string, readonly value: string }>, readonly metrics: ReadonlyArray<{ readonly key: string, readonly value: number | string }>, readonly inputs: ReadonlyArray<{ readonly name: string, readonly datasetVersion: { readonly number: number, readonly dataset: { readonly name: string } } | null }> } | null, readonly deployments: { readonly nodes: ReadonlyArray<{ readonly id: string, readonly environment: string, readonly target: string, readonly isLive: boolean }> } } }> }, readonly run: { readonly id: string, readonly name: string, readonly params: ReadonlyArray<{ readonly key: string, readonly value: string }>, readonly metrics: ReadonlyArray<{ readonly key: string, readonly value: number | string }>, readonly inputs: ReadonlyArray<{ readonly name: string, readonly datasetVersion: { readonly number: number, readonly dataset: { readonly name: string } } | null }> } | null } | null };

export type PromotedRunFragment = { readonly id: string, readonly name: string, readonly params: ReadonlyArray<{ readonly key: string, readonly value: string }>, readonly metrics: ReadonlyArray<{ readonly key: string, readonly value: number | string }>, readonly inputs: ReadonlyArray<{ readonly name: string, readonly datasetVersion: { readonly number: number, readonly dataset: { readonly name: string } } | null }> };

export type PromoteMutationVariables = Exact<{
  input: PromoteInput;
}>;


export type PromoteMutation = { readonly promote:
    | { readonly __typename: 'ModelVersion', readonly id: string, readonly version: number, readonly aliases: ReadonlyArray<string> }
    | { readonly __typename: 'Problem', readonly kind: ProblemKind, readonly code: string, readonly message: string, readonly hint: string | null }
   };

export type PurgeMutationVariables = Exact<{
  input: PurgeInput;
}>;


export type PurgeMutation = { readonly purge:
    | { readonly __typename: 'Problem', readonly kind: ProblemKind, readonly code: string, readonly message: string, readonly hint: string | null }
    | { readonly __typename: 'PurgeJob', readonly id: string }
   };

export type PurgeJobQueryVariables = Exact<{
  id: string | number;
}>;


export type PurgeJobQuery = { readonly purgeJob: { readonly id: string, readonly state: JobState, readonly phase: PurgePhase, readonly waitsFor: PurgeWait | null, readonly dryRun: boolean, readonly error: string | null, readonly runs: { readonly found: number, readonly removed: number, readonly kept: number }, readonly loggedModels: { readonly found: number, readonly removed: number, readonly kept: number }, readonly experiments: { readonly found: number, readonly removed: number, readonly kept: number }, readonly kept: ReadonlyArray<{ readonly id: string, readonly reason: PurgeKeptReason }>, readonly collected: { readonly blobs: number, readonly bytes: string } | null } | null };

export type RailQueryVariables = Exact<{ [key: string]: never; }>;


export type RailQuery = { readonly viewer: { readonly name: string, readonly workspace: { readonly name: string } }, readonly experiments: { readonly totalCount: number }, readonly datasets: { readonly totalCount: number }, readonly models: { readonly totalCount: number }, readonly deployments: { readonly totalCount: number } };

export type ReadmeQueryVariables = Exact<{
  id: string | number;
}>;


export type ReadmeQuery = { readonly dataset: { readonly id: string, readonly name: string, readonly current: { readonly number: number } | null, readonly readme: { readonly text: string, readonly author: string, readonly at: string, readonly version: { readonly number: number } | null } | null, readonly readmeHistory: { readonly nodes: ReadonlyArray<{ readonly text: string, readonly revision: number, readonly author: string }> } } | null };

export type ReadmeHistoryQueryVariables = Exact<{
  id: string | number;
  after?: string | null | undefined;
}>;


export type ReadmeHistoryQuery = { readonly dataset: { readonly id: string, readonly readmeHistory: { readonly pageInfo: { readonly hasNextPage: boolean, readonly endCursor: string | null }, readonly nodes: ReadonlyArray<{ readonly text: string, readonly revision: number, readonly author: string, readonly at: string }> } } | null };

export type WriteReadmeMutationVariables = Exact<{
  dataset: string | number;
  text: string;
  revision: number;
}>;


export type WriteReadmeMutation = { readonly updateDatasetReadme:
    | { readonly __typename: 'Dataset', readonly id: string }
    | { readonly __typename: 'Problem', readonly kind: ProblemKind, readonly code: string, readonly message: string, readonly hint: string | null }
   };

export type ModelNamesQueryVariables = Exact<{ [key: string]: never; }>;


export type ModelNamesQuery = { readonly models: { readonly nodes: ReadonlyArray<{ readonly name: string, readonly versionCount: number }> } };

export type RegisterVersionMutationVariables = Exact<{
  input: RegisterVersionInput;
}>;


export type RegisterVersionMutation = { readonly registerVersion:
    | { readonly __typename: 'ModelVersion', readonly id: string, readonly version: number, readonly model: { readonly name: string } }
    | { readonly __typename: 'Problem', readonly kind: ProblemKind, readonly code: string, readonly message: string, readonly hint: string | null }
   };

export type RunGroupsQueryVariables = Exact<{
  experiment: string | number;
  by: ReadonlyArray<string> | string;
  metrics?: ReadonlyArray<string> | string | null | undefined;
  filter?: string | null | undefined;
  view?: LifecycleView | null | undefined;
}>;


export type RunGroupsQuery = { readonly runGroups: { readonly hasMore: boolean, readonly groups: ReadonlyArray<{ readonly values: ReadonlyArray<string | null>, readonly runCount: number, readonly metrics: ReadonlyArray<{ readonly key: string, readonly count: number, readonly min: number, readonly max: number, readonly mean: number | null, readonly deviation: number | null, readonly minRun: { readonly runId: string, readonly name: string } | null, readonly maxRun: { readonly runId: string, readonly name: string } | null }> }> } };

export type GroupRunsQueryVariables = Exact<{
  experiment: string | number;
  filter: string;
  orderBy?: ReadonlyArray<string> | string | null | undefined;
  view?: LifecycleView | null | undefined;
  metrics?: ReadonlyArray<string> | string | null | undefined;
}>;


export type GroupRunsQuery = { readonly runs: { readonly totalCount: number, readonly nodes: ReadonlyArray<{ readonly id: string, readonly runId: string, readonly name: string, readonly status: RunStatus, readonly startedAt: string | null, readonly withdrawnData: ReadonlyArray<{ readonly label: string, readonly reason: string }> | null, readonly metrics: ReadonlyArray<{ readonly key: string, readonly value: number | string }> }> } };

export type CollectMutationVariables = Exact<{
  dryRun: boolean;
}>;


export type CollectMutation = { readonly collect: { readonly dryRun: boolean, readonly manifests: number, readonly fileSets: number, readonly blobs: number, readonly objects: number, readonly uploads: number, readonly bytes: string } };

export type TablesToChooseQueryVariables = Exact<{
  id: string | number;
  after?: string | null | undefined;
}>;


export type TablesToChooseQuery = { readonly datasetVersion: { readonly id: string, readonly tables: { readonly pageInfo: { readonly hasNextPage: boolean, readonly endCursor: string | null }, readonly nodes: ReadonlyArray<{ readonly path: string }> } } | null };

export type TableDiffQueryVariables = Exact<{
  from: string | number;
  to: string | number;
  path: string;
  fromPath?: string | null | undefined;
  key?: ReadonlyArray<string> | string | null | undefined;
}>;


export type TableDiffQuery = { readonly tableDiff: { readonly isSame: boolean, readonly rowsBefore: string | null, readonly rowsAfter: string | null, readonly key: ReadonlyArray<string>, readonly addedRows: string, readonly removedRows: string, readonly changedRows: string, readonly sampleColumns: ReadonlyArray<string>, readonly notes: ReadonlyArray<string>, readonly columns: ReadonlyArray<{ readonly name: string, readonly change: ColumnChangeKind, readonly before: string | null, readonly after: string | null }>, readonly changedColumns: ReadonlyArray<{ readonly name: string, readonly rowCount: string }>, readonly sample: ReadonlyArray<{ readonly change: RowChangeKind, readonly before: ReadonlyArray<string | null> | null, readonly after: ReadonlyArray<string | null> | null }> } };

export type ThreadQueryVariables = Exact<{
  id: string | number;
}>;


export type ThreadQuery = { readonly thread: { readonly data: ReadonlyArray<{ readonly id: string, readonly kind: LineageNodeKind, readonly ref: string, readonly label: string, readonly detail: string | null, readonly integrity: Integrity | null, readonly checkedAt: string | null, readonly retraction: string | null }>, readonly run: { readonly id: string, readonly kind: LineageNodeKind, readonly ref: string, readonly label: string, readonly detail: string | null } | null, readonly modelVersion: { readonly id: string, readonly kind: LineageNodeKind, readonly ref: string, readonly label: string, readonly detail: string | null, readonly integrity: Integrity | null, readonly checkedAt: string | null, readonly subject:
        | { readonly aliases: ReadonlyArray<string> }
        | Record<PropertyKey, never>
       | null } | null, readonly deployments: ReadonlyArray<{ readonly id: string, readonly kind: LineageNodeKind, readonly ref: string, readonly label: string, readonly detail: string | null, readonly subject:
        | { readonly isLive: boolean, readonly startedAt: string }
        | Record<PropertyKey, never>
       | null }>, readonly edges: ReadonlyArray<{ readonly from: string, readonly to: string, readonly evidence: Evidence, readonly relation: string }>, readonly gaps: ReadonlyArray<{ readonly node: string, readonly kind: GapKind, readonly message: string, readonly hint: string }> } };

export type TokensQueryVariables = Exact<{
  after?: string | null | undefined;
}>;


export type TokensQuery = { readonly tokens: { readonly pageInfo: { readonly hasNextPage: boolean, readonly endCursor: string | null }, readonly nodes: ReadonlyArray<{ readonly id: string, readonly name: string, readonly hint: string, readonly principal: string, readonly scope: TokenScope, readonly createdAt: string, readonly expiresAt: string | null, readonly lastUsedAt: string | null, readonly revokedAt: string | null }> } };

export type CreateTokenMutationVariables = Exact<{
  input: CreateTokenInput;
}>;


export type CreateTokenMutation = { readonly createToken:
    | { readonly __typename: 'CreatedToken', readonly secret: string, readonly token: { readonly id: string, readonly name: string } }
    | { readonly __typename: 'Problem', readonly kind: ProblemKind, readonly code: string, readonly message: string, readonly hint: string | null }
   };

export type RevokeTokenMutationVariables = Exact<{
  id: string | number;
}>;


export type RevokeTokenMutation = { readonly revokeToken:
    | { readonly __typename: 'Problem', readonly kind: ProblemKind, readonly code: string, readonly message: string, readonly hint: string | null }
    | { readonly __typename: 'Token', readonly id: string }
   };

export type TraceQueryVariables = Exact<{
  id: string | number;
  files?: number | null | undefined;
}>;


export type TraceQuery = { readonly traceDeployment: { readonly fileCount: number, readonly verified: boolean, readonly truncated: boolean, readonly deployment: { readonly id: string }, readonly nodes: ReadonlyArray<{ readonly id: string, readonly kind: LineageNodeKind, readonly ref: string, readonly label: string, readonly detail: string | null, readonly integrity: Integrity | null, readonly checkedAt: string | null, readonly retraction: string | null, readonly subject:
        | { readonly __typename: 'DatasetInput', readonly id: string, readonly name: string, readonly digest: string, readonly source: string }
        | { readonly __typename: 'DatasetVersion' }
        | { readonly __typename: 'Deployment' }
        | { readonly __typename: 'LoggedModel' }
        | { readonly __typename: 'ModelVersion' }
        | { readonly __typename: 'Run' }
       | null }>, readonly edges: ReadonlyArray<{ readonly from: string, readonly to: string, readonly relation: string, readonly evidence: Evidence, readonly context: string | null }>, readonly files: ReadonlyArray<{ readonly path: string, readonly sizeBytes: string, readonly sha256: string, readonly integrity: Integrity, readonly checkedAt: string | null, readonly role: TracedFileRole, readonly node: string }>, readonly integrity: { readonly unchecked: number, readonly intact: number, readonly damaged: number, readonly oldestCheckAt: string | null }, readonly weakest: { readonly from: string, readonly to: string, readonly relation: string, readonly evidence: Evidence } | null, readonly gaps: ReadonlyArray<{ readonly node: string, readonly kind: GapKind, readonly message: string, readonly hint: string }> } };

export type VerifyMutationVariables = Exact<{
  root: string | number;
}>;


export type VerifyMutation = { readonly verify: { readonly id: string } };

export type VerificationQueryVariables = Exact<{
  id: string | number;
}>;


export type VerificationQuery = { readonly verification: { readonly id: string, readonly state: JobState, readonly totalFiles: number, readonly totalBytes: string, readonly checkedFiles: number, readonly checkedBytes: string, readonly damagedFiles: number, readonly error: string | null } | null };

export type TrashedExperimentsQueryVariables = Exact<{
  after?: string | null | undefined;
}>;


export type TrashedExperimentsQuery = { readonly experiments: { readonly totalCount: number, readonly pageInfo: { readonly hasNextPage: boolean, readonly endCursor: string | null }, readonly nodes: ReadonlyArray<{ readonly id: string, readonly experimentId: string, readonly name: string, readonly updatedAt: string }> } };

export type TrashedRunsQueryVariables = Exact<{
  after?: string | null | undefined;
}>;


export type TrashedRunsQuery = { readonly runs: { readonly totalCount: number, readonly pageInfo: { readonly hasNextPage: boolean, readonly endCursor: string | null }, readonly nodes: ReadonlyArray<{ readonly id: string, readonly runId: string, readonly name: string, readonly startedAt: string | null, readonly pointCount: string, readonly experiment: { readonly experimentId: string, readonly name: string, readonly lifecycle: Lifecycle } }> } };

export type RestoreTrashedExperimentMutationVariables = Exact<{
  id: string | number;
}>;


export type RestoreTrashedExperimentMutation = { readonly restoreExperiment:
    | { readonly __typename: 'Experiment', readonly name: string }
    | { readonly __typename: 'Problem', readonly kind: ProblemKind, readonly code: string, readonly message: string, readonly hint: string | null }
   };

export type RestoreTrashedRunMutationVariables = Exact<{
  id: string | number;
}>;


export type RestoreTrashedRunMutation = { readonly restoreRun:
    | { readonly __typename: 'Problem', readonly kind: ProblemKind, readonly code: string, readonly message: string, readonly hint: string | null }
    | { readonly __typename: 'Run', readonly name: string }
   };

export type RegisterUploadedMutationVariables = Exact<{
  input: RegisterDatasetVersionInput;
}>;


export type RegisterUploadedMutation = { readonly registerDatasetVersion:
    | { readonly __typename: 'DatasetVersion', readonly id: string, readonly number: number, readonly dataset: { readonly id: string, readonly name: string } }
    | { readonly __typename: 'Problem', readonly kind: ProblemKind, readonly code: string, readonly message: string, readonly hint: string | null }
   };

export type ComparedTablesQueryVariables = Exact<{
  from: string | number;
  to: string | number;
}>;


export type ComparedTablesQuery = { readonly from: { readonly id: string, readonly tables: { readonly pageInfo: { readonly hasNextPage: boolean }, readonly nodes: ReadonlyArray<{ readonly path: string }> } } | null, readonly to: { readonly id: string, readonly tables: { readonly pageInfo: { readonly hasNextPage: boolean }, readonly nodes: ReadonlyArray<{ readonly path: string }> } } | null };

export type FilePreviewQueryVariables = Exact<{
  id: string | number;
  path: string;
  rows: number;
}>;


export type FilePreviewQuery = { readonly datasetVersion: { readonly id: string, readonly preview: { readonly kind: PreviewKind, readonly columnCount: number, readonly rows: ReadonlyArray<ReadonlyArray<string | null>>, readonly hasMoreRows: boolean, readonly text: string | null, readonly hasMoreText: boolean, readonly width: number | null, readonly height: number | null, readonly address: string | null, readonly notes: ReadonlyArray<string>, readonly columns: ReadonlyArray<{ readonly name: string, readonly type: string }>, readonly problem: { readonly message: string, readonly hint: string | null } | null } } | null };

export type WebhookDeliveriesQueryVariables = Exact<{
  id: string | number;
  after?: string | null | undefined;
}>;


export type WebhookDeliveriesQuery = { readonly webhook: { readonly id: string, readonly deliveries: { readonly pageInfo: { readonly hasNextPage: boolean, readonly endCursor: string | null }, readonly nodes: ReadonlyArray<{ readonly id: string, readonly deliveryId: string, readonly event: WebhookEvent, readonly state: WebhookDeliveryState, readonly attempts: number, readonly createdAt: string, readonly nextAttemptAt: string | null, readonly responseStatus: number | null, readonly error: string | null }> } } | null };

export type RedeliverWebhookMutationVariables = Exact<{
  delivery: string | number;
}>;


export type RedeliverWebhookMutation = { readonly redeliverWebhook:
    | { readonly __typename: 'Problem', readonly kind: ProblemKind, readonly code: string, readonly message: string, readonly hint: string | null }
    | { readonly __typename: 'WebhookDelivery', readonly id: string, readonly state: WebhookDeliveryState }
   };

export type WebhooksQueryVariables = Exact<{
  after?: string | null | undefined;
}>;


export type WebhooksQuery = { readonly webhooks: { readonly totalCount: number, readonly pageInfo: { readonly hasNextPage: boolean, readonly endCursor: string | null }, readonly nodes: ReadonlyArray<{ readonly id: string, readonly name: string, readonly description: string, readonly url: string, readonly events: ReadonlyArray<WebhookEvent>, readonly hasSecret: boolean, readonly status: WebhookStatus, readonly createdAt: string }> } };

export type CreateWebhookMutationVariables = Exact<{
  input: CreateWebhookInput;
}>;


export type CreateWebhookMutation = { readonly createWebhook:
    | { readonly __typename: 'Problem', readonly kind: ProblemKind, readonly code: string, readonly message: string, readonly hint: string | null }
    | { readonly __typename: 'Webhook', readonly id: string, readonly name: string }
   };

export type UpdateWebhookMutationVariables = Exact<{
  id: string | number;
  input: UpdateWebhookInput;
}>;


export type UpdateWebhookMutation = { readonly updateWebhook:
    | { readonly __typename: 'Problem', readonly kind: ProblemKind, readonly code: string, readonly message: string, readonly hint: string | null }
    | { readonly __typename: 'Webhook', readonly id: string, readonly status: WebhookStatus }
   };

export type DeleteWebhookMutationVariables = Exact<{
  id: string | number;
}>;


export type DeleteWebhookMutation = { readonly deleteWebhook:
    | { readonly __typename: 'Problem', readonly kind: ProblemKind, readonly code: string, readonly message: string, readonly hint: string | null }
    | { readonly __typename: 'Webhook', readonly id: string }
   };

export type TestWebhookMutationVariables = Exact<{
  id: string | number;
}>;


export type TestWebhookMutation = { readonly testWebhook:
    | { readonly __typename: 'Problem', readonly kind: ProblemKind, readonly code: string, readonly message: string, readonly hint: string | null }
    | { readonly __typename: 'WebhookTest', readonly success: boolean, readonly responseStatus: number | null, readonly responseBody: string | null, readonly error: string | null }
   };

export type WithdrawnQueryVariables = Exact<{
  id: string | number;
}>;


export type WithdrawnQuery = { readonly thread: { readonly gaps: ReadonlyArray<{ readonly node: string, readonly kind: GapKind, readonly message: string }> } };

export type CompareQueryVariables = Exact<{
  filter: string;
}>;


export type CompareQuery = { readonly runs: { readonly nodes: ReadonlyArray<{ readonly id: string, readonly runId: string, readonly name: string, readonly status: RunStatus, readonly startedAt: string | null, readonly durationMs: string | null, readonly user: string, readonly commit: string | null, readonly experiment: { readonly experimentId: string, readonly name: string }, readonly params: ReadonlyArray<{ readonly key: string, readonly value: string }>, readonly metrics: ReadonlyArray<{ readonly key: string, readonly value: number | string, readonly step: string, readonly min: number | string, readonly max: number | string }>, readonly inputs: ReadonlyArray<{ readonly id: string, readonly name: string, readonly context: string | null, readonly datasetVersion: { readonly number: number, readonly dataset: { readonly name: string } } | null }>, readonly withdrawnData: ReadonlyArray<{ readonly label: string, readonly reason: string, readonly version: { readonly number: number, readonly dataset: { readonly name: string } } }> | null, readonly modelVersions: ReadonlyArray<{ readonly id: string, readonly version: number, readonly aliases: ReadonlyArray<string>, readonly model: { readonly name: string } }> }> } };

export type FindRunsQueryVariables = Exact<{
  filter?: string | null | undefined;
}>;


export type FindRunsQuery = { readonly runs: { readonly nodes: ReadonlyArray<{ readonly id: string, readonly runId: string, readonly name: string, readonly startedAt: string | null, readonly experiment: { readonly name: string } }> } };

export type OtherVersionsQueryVariables = Exact<{
  id: string | number;
}>;


export type OtherVersionsQuery = { readonly dataset: { readonly id: string, readonly versions: { readonly nodes: ReadonlyArray<{ readonly id: string, readonly number: number, readonly message: string, readonly tags: ReadonlyArray<string>, readonly retraction: { readonly reason: string } | null }> } } | null };

export type UntagMutationVariables = Exact<{
  dataset: string | number;
  tag: string;
}>;


export type UntagMutation = { readonly untagDataset:
    | { readonly __typename: 'Dataset', readonly id: string }
    | { readonly __typename: 'Problem', readonly kind: ProblemKind, readonly code: string, readonly message: string, readonly hint: string | null }
   };

export type VersionTablesQueryVariables = Exact<{
  id: string | number;
  after?: string | null | undefined;
}>;


export type VersionTablesQuery = { readonly datasetVersion: { readonly id: string, readonly tables: { readonly nodes: ReadonlyArray<{ readonly path: string, readonly state: ProfileState, readonly profile: { readonly rowCount: string } | null }>, readonly pageInfo: { readonly hasNextPage: boolean, readonly endCursor: string | null } } } | null };

export type TableProfileQueryVariables = Exact<{
  id: string | number;
  path: string;
}>;


export type TableProfileQuery = { readonly datasetVersion: { readonly id: string, readonly table: { readonly path: string, readonly format: TableFormat, readonly sizeBytes: string, readonly state: ProfileState, readonly profiledAt: string | null, readonly problem: { readonly code: string, readonly message: string } | null, readonly profile: { readonly rowCount: string, readonly columnCount: number, readonly notes: ReadonlyArray<string>, readonly columns: ReadonlyArray<{ readonly name: string, readonly type: string, readonly kind: ColumnKind, readonly nullCount: string, readonly distinctCount: string, readonly isDistinctEstimated: boolean, readonly min: string | null, readonly max: string | null, readonly mean: number | null, readonly standardDeviation: number | null, readonly notFiniteCount: string, readonly quantiles: ReadonlyArray<{ readonly level: number, readonly value: number }>, readonly histogram: ReadonlyArray<{ readonly from: number, readonly to: number, readonly count: string }>, readonly top: ReadonlyArray<{ readonly value: string, readonly count: string }> }> } | null } | null } | null };

export type ProfileVersionMutationVariables = Exact<{
  version: string | number;
}>;


export type ProfileVersionMutation = { readonly profileDatasetVersion:
    | { readonly __typename: 'DatasetVersion', readonly id: string }
    | { readonly __typename: 'Problem', readonly kind: ProblemKind, readonly code: string, readonly message: string, readonly hint: string | null }
   };

export type UsedByQueryVariables = Exact<{
  id: string | number;
  after?: string | null | undefined;
}>;


export type UsedByQuery = { readonly datasetVersion: { readonly id: string, readonly usedBy: { readonly pageInfo: { readonly hasNextPage: boolean, readonly endCursor: string | null }, readonly nodes: ReadonlyArray<{ readonly id: string, readonly context: string | null, readonly evidence: Evidence, readonly loggedAt: string, readonly run: { readonly runId: string, readonly name: string, readonly status: RunStatus, readonly experiment: { readonly experimentId: string, readonly name: string } } }> } } | null };

export type DatasetVersionsQueryVariables = Exact<{
  id: string | number;
  after?: string | null | undefined;
}>;


export type DatasetVersionsQuery = { readonly dataset: { readonly id: string, readonly versions: { readonly pageInfo: { readonly hasNextPage: boolean, readonly endCursor: string | null }, readonly nodes: ReadonlyArray<{ readonly id: string, readonly number: number, readonly digest: string, readonly message: string, readonly tags: ReadonlyArray<string>, readonly isCurrent: boolean, readonly fileCount: number, readonly totalBytes: string, readonly integrity: Integrity, readonly checkedAt: string | null, readonly createdBy: string, readonly createdAt: string, readonly retraction: { readonly reason: string } | null }> } } | null };

export type DatasetPageQueryVariables = Exact<{
  id: string | number;
}>;


export type DatasetPageQuery = { readonly dataset: { readonly id: string, readonly ref: string, readonly name: string, readonly description: string, readonly createdAt: string, readonly versionCount: number, readonly current: { readonly id: string, readonly number: number } | null, readonly tags: ReadonlyArray<{ readonly name: string, readonly since: string, readonly version: { readonly number: number } }> } | null };

export type UpdateDatasetMutationVariables = Exact<{
  id: string | number;
  description: string;
}>;


export type UpdateDatasetMutation = { readonly updateDataset:
    | { readonly __typename: 'Dataset', readonly id: string }
    | { readonly __typename: 'Problem', readonly kind: ProblemKind, readonly code: string, readonly message: string, readonly hint: string | null }
   };

export type DeleteDatasetMutationVariables = Exact<{
  id: string | number;
}>;


export type DeleteDatasetMutation = { readonly deleteDataset:
    | { readonly __typename: 'Dataset', readonly id: string }
    | { readonly __typename: 'Problem', readonly kind: ProblemKind, readonly code: string, readonly message: string, readonly hint: string | null }
   };

export type DatasetsQueryVariables = Exact<{
  search?: string | null | undefined;
  after?: string | null | undefined;
}>;


export type DatasetsQuery = { readonly datasets: { readonly totalCount: number, readonly pageInfo: { readonly hasNextPage: boolean, readonly endCursor: string | null }, readonly nodes: ReadonlyArray<{ readonly id: string, readonly name: string, readonly description: string, readonly versionCount: number, readonly current: { readonly number: number, readonly digest: string, readonly fileCount: number, readonly totalBytes: string, readonly integrity: Integrity, readonly checkedAt: string | null, readonly createdAt: string, readonly retraction: { readonly reason: string } | null } | null }> } };

export type DeploymentHistoryQueryVariables = Exact<{
  environment: string;
  after?: string | null | undefined;
}>;


export type DeploymentHistoryQuery = { readonly deployments: { readonly totalCount: number, readonly pageInfo: { readonly hasNextPage: boolean, readonly endCursor: string | null }, readonly nodes: ReadonlyArray<{ readonly id: string, readonly environment: string, readonly target: string, readonly digest: string, readonly isLive: boolean, readonly startedAt: string, readonly startedBy: string, readonly reason: string, readonly endedAt: string | null, readonly endedBy: string | null, readonly modelVersion: { readonly version: number, readonly model: { readonly name: string } } }> } };

export type DeploymentFactsFragment = { readonly id: string, readonly ref: string, readonly environment: string, readonly target: string, readonly digest: string, readonly isLive: boolean, readonly startedAt: string, readonly startedBy: string, readonly reason: string, readonly endedAt: string | null, readonly endedBy: string | null, readonly modelVersion: { readonly id: string, readonly version: number, readonly aliases: ReadonlyArray<string>, readonly model: { readonly id: string, readonly name: string } }, readonly previous: { readonly id: string, readonly modelVersion: { readonly version: number, readonly model: { readonly name: string } } } | null };

export type DeploymentPageQueryVariables = Exact<{
  id: string | number;
}>;


export type DeploymentPageQuery = { readonly deployment: { readonly id: string, readonly ref: string, readonly environment: string, readonly target: string, readonly digest: string, readonly isLive: boolean, readonly startedAt: string, readonly startedBy: string, readonly reason: string, readonly endedAt: string | null, readonly endedBy: string | null, readonly modelVersion: { readonly id: string, readonly version: number, readonly aliases: ReadonlyArray<string>, readonly model: { readonly id: string, readonly name: string } }, readonly previous: { readonly id: string, readonly modelVersion: { readonly version: number, readonly model: { readonly name: string } } } | null } | null };

export type RollBackMutationVariables = Exact<{
  deployment: string | number;
  reason?: string | null | undefined;
}>;


export type RollBackMutation = { readonly rollBack:
    | { readonly __typename: 'Deployment', readonly id: string, readonly environment: string, readonly target: string }
    | { readonly __typename: 'Problem', readonly kind: ProblemKind, readonly code: string, readonly message: string, readonly hint: string | null }
   };

export type EndDeploymentMutationVariables = Exact<{
  id: string | number;
  reason?: string | null | undefined;
}>;


export type EndDeploymentMutation = { readonly endDeployment:
    | { readonly __typename: 'Deployment', readonly id: string }
    | { readonly __typename: 'Problem', readonly kind: ProblemKind, readonly code: string, readonly message: string, readonly hint: string | null }
   };

export type DeploymentsQueryVariables = Exact<{
  environment?: string | null | undefined;
  ended: boolean;
  after?: string | null | undefined;
}>;


export type DeploymentsQuery = { readonly deployments: { readonly totalCount: number, readonly pageInfo: { readonly hasNextPage: boolean, readonly endCursor: string | null }, readonly nodes: ReadonlyArray<{ readonly id: string, readonly environment: string, readonly target: string, readonly digest: string, readonly isLive: boolean, readonly startedAt: string, readonly startedBy: string, readonly endedAt: string | null, readonly withdrawnData: ReadonlyArray<{ readonly label: string, readonly reason: string }> | null, readonly modelVersion: { readonly version: number, readonly aliases: ReadonlyArray<string>, readonly model: { readonly name: string } } }> } };

export type RenameExperimentMutationVariables = Exact<{
  id: string | number;
  name: string;
}>;


export type RenameExperimentMutation = { readonly renameExperiment:
    | { readonly __typename: 'Experiment', readonly id: string }
    | { readonly __typename: 'Problem', readonly kind: ProblemKind, readonly code: string, readonly message: string, readonly hint: string | null }
   };

export type DeleteExperimentMutationVariables = Exact<{
  id: string | number;
}>;


export type DeleteExperimentMutation = { readonly deleteExperiment:
    | { readonly __typename: 'Experiment', readonly id: string }
    | { readonly __typename: 'Problem', readonly kind: ProblemKind, readonly code: string, readonly message: string, readonly hint: string | null }
   };

export type RestoreExperimentMutationVariables = Exact<{
  id: string | number;
}>;


export type RestoreExperimentMutation = { readonly restoreExperiment:
    | { readonly __typename: 'Experiment', readonly id: string }
    | { readonly __typename: 'Problem', readonly kind: ProblemKind, readonly code: string, readonly message: string, readonly hint: string | null }
   };

export type ExperimentsQueryVariables = Exact<{
  filter?: string | null | undefined;
  view?: LifecycleView | null | undefined;
  after?: string | null | undefined;
}>;


export type ExperimentsQuery = { readonly experiments: { readonly totalCount: number, readonly pageInfo: { readonly hasNextPage: boolean, readonly endCursor: string | null }, readonly nodes: ReadonlyArray<{ readonly id: string, readonly experimentId: string, readonly name: string, readonly lifecycle: Lifecycle, readonly runCount: number, readonly createdAt: string, readonly updatedAt: string, readonly tags: ReadonlyArray<{ readonly key: string, readonly value: string }> }> } };

export type HomeQueryVariables = Exact<{ [key: string]: never; }>;


export type HomeQuery = { readonly deployments: { readonly totalCount: number, readonly nodes: ReadonlyArray<{ readonly id: string, readonly environment: string, readonly target: string, readonly startedAt: string, readonly startedBy: string, readonly modelVersion: { readonly version: number, readonly digest: string | null, readonly model: { readonly name: string } } }> }, readonly runs: { readonly totalCount: number, readonly nodes: ReadonlyArray<{ readonly id: string, readonly runId: string, readonly name: string, readonly status: RunStatus, readonly startedAt: string | null, readonly experiment: { readonly experimentId: string, readonly name: string }, readonly withdrawnData: ReadonlyArray<{ readonly label: string, readonly reason: string }> | null, readonly modelVersions: ReadonlyArray<{ readonly id: string, readonly version: number, readonly model: { readonly name: string } }> }> }, readonly models: { readonly nodes: ReadonlyArray<{ readonly id: string, readonly name: string, readonly versionCount: number, readonly updatedAt: string, readonly latestVersion: { readonly version: number, readonly digest: string | null, readonly createdAt: string, readonly aliases: ReadonlyArray<string>, readonly integrity: Integrity } | null }> }, readonly datasets: { readonly nodes: ReadonlyArray<{ readonly id: string, readonly name: string, readonly versionCount: number, readonly current: { readonly number: number, readonly digest: string, readonly createdAt: string, readonly integrity: Integrity, readonly retraction: { readonly reason: string } | null } | null }> } };

export type VerdictQueryVariables = Exact<{
  id: string | number;
}>;


export type VerdictQuery = { readonly traceDeployment: { readonly verified: boolean, readonly fileCount: number, readonly integrity: { readonly unchecked: number, readonly intact: number, readonly damaged: number, readonly oldestCheckAt: string | null }, readonly weakest: { readonly evidence: Evidence } | null, readonly gaps: ReadonlyArray<{ readonly kind: GapKind, readonly message: string }> } };

export type LineagePageQueryVariables = Exact<{
  root: string | number;
  direction: LineageDirection;
  depth?: number | null | undefined;
}>;


export type LineagePageQuery = { readonly lineage: { readonly root: string, readonly truncated: boolean, readonly cyclic: boolean, readonly nodes: ReadonlyArray<{ readonly id: string, readonly kind: LineageNodeKind, readonly ref: string, readonly label: string, readonly detail: string | null, readonly integrity: Integrity | null, readonly checkedAt: string | null, readonly retraction: string | null }>, readonly edges: ReadonlyArray<{ readonly from: string, readonly to: string, readonly relation: string, readonly evidence: Evidence, readonly context: string | null, readonly recordedAt: string | null }> } };

export type LineageStartsQueryVariables = Exact<{ [key: string]: never; }>;


export type LineageStartsQuery = { readonly deployments: { readonly nodes: ReadonlyArray<{ readonly id: string, readonly environment: string, readonly target: string }> }, readonly datasets: { readonly nodes: ReadonlyArray<{ readonly id: string, readonly name: string, readonly current: { readonly id: string, readonly number: number } | null }> } };

export type LoggedModelPageQueryVariables = Exact<{
  id: string | number;
}>;


export type LoggedModelPageQuery = { readonly loggedModel: { readonly id: string, readonly ref: string, readonly modelId: string, readonly name: string, readonly modelType: string | null, readonly status: LoggedModelStatus, readonly createdAt: string, readonly sourceRunEvidence: Evidence, readonly experiment: { readonly experimentId: string, readonly name: string }, readonly sourceRun: { readonly id: string, readonly runId: string, readonly name: string } | null, readonly params: ReadonlyArray<{ readonly key: string, readonly value: string }>, readonly tags: ReadonlyArray<{ readonly key: string, readonly value: string }>, readonly modelVersions: ReadonlyArray<{ readonly id: string, readonly version: number, readonly digest: string | null, readonly aliases: ReadonlyArray<string>, readonly model: { readonly name: string } }> } | null };

export type AliasHistoryQueryVariables = Exact<{
  id: string | number;
  after?: string | null | undefined;
}>;


export type AliasHistoryQuery = { readonly model: { readonly id: string, readonly aliasHistory: { readonly pageInfo: { readonly hasNextPage: boolean, readonly endCursor: string | null }, readonly nodes: ReadonlyArray<{ readonly alias: string, readonly action: AliasAction, readonly outcome: AliasOutcome, readonly actor: string, readonly reason: string, readonly refusal: string | null, readonly at: string, readonly version: { readonly version: number } | null, readonly previous: { readonly version: number } | null }> } } | null };

export type RemoveAliasMutationVariables = Exact<{
  model: string | number;
  alias: string;
  reason?: string | null | undefined;
}>;


export type RemoveAliasMutation = { readonly removeAlias:
    | { readonly __typename: 'Problem', readonly kind: ProblemKind, readonly code: string, readonly message: string, readonly hint: string | null }
    | { readonly __typename: 'RegisteredModel', readonly id: string }
   };

export type VersionFilesQueryVariables = Exact<{
  id: string | number;
  after?: string | null | undefined;
}>;


export type VersionFilesQuery = { readonly modelVersion: { readonly id: string, readonly files: { readonly totalCount: number, readonly pageInfo: { readonly hasNextPage: boolean, readonly endCursor: string | null }, readonly nodes: ReadonlyArray<{ readonly path: string, readonly sizeBytes: string, readonly sha256: string, readonly integrity: Integrity, readonly checkedAt: string | null, readonly downloadUrl: string }> } } | null };

export type DeleteVersionMutationVariables = Exact<{
  id: string | number;
}>;


export type DeleteVersionMutation = { readonly deleteVersion:
    | { readonly __typename: 'ModelVersion', readonly id: string }
    | { readonly __typename: 'Problem', readonly kind: ProblemKind, readonly code: string, readonly message: string, readonly hint: string | null }
   };

export type DescribeVersionMutationVariables = Exact<{
  id: string | number;
  description: string;
}>;


export type DescribeVersionMutation = { readonly updateVersion:
    | { readonly __typename: 'ModelVersion', readonly id: string }
    | { readonly __typename: 'Problem', readonly kind: ProblemKind, readonly code: string, readonly message: string, readonly hint: string | null }
   };

export type ModelVersionsQueryVariables = Exact<{
  id: string | number;
  after?: string | null | undefined;
}>;


export type ModelVersionsQuery = { readonly model: { readonly id: string, readonly versions: { readonly pageInfo: { readonly hasNextPage: boolean, readonly endCursor: string | null }, readonly nodes: ReadonlyArray<{ readonly id: string, readonly version: number, readonly description: string, readonly aliases: ReadonlyArray<string>, readonly stage: string, readonly digest: string | null, readonly noDigestReason: string | null, readonly integrity: Integrity, readonly fileCount: number, readonly totalBytes: string, readonly createdBy: string, readonly createdAt: string, readonly runEvidence: Evidence, readonly run: { readonly runId: string, readonly name: string } | null, readonly withdrawnData: ReadonlyArray<{ readonly label: string, readonly reason: string }> | null, readonly deployments: { readonly nodes: ReadonlyArray<{ readonly id: string, readonly environment: string, readonly target: string, readonly isLive: boolean }> } }> } } | null };

export type UpdateModelMutationVariables = Exact<{
  id: string | number;
  name?: string | null | undefined;
  description?: string | null | undefined;
}>;


export type UpdateModelMutation = { readonly updateModel:
    | { readonly __typename: 'Problem', readonly kind: ProblemKind, readonly code: string, readonly message: string, readonly hint: string | null }
    | { readonly __typename: 'RegisteredModel', readonly id: string, readonly name: string }
   };

export type DeleteModelMutationVariables = Exact<{
  id: string | number;
}>;


export type DeleteModelMutation = { readonly deleteModel:
    | { readonly __typename: 'Problem', readonly kind: ProblemKind, readonly code: string, readonly message: string, readonly hint: string | null }
    | { readonly __typename: 'RegisteredModel', readonly id: string }
   };

export type ModelsQueryVariables = Exact<{
  search?: string | null | undefined;
  after?: string | null | undefined;
}>;


export type ModelsQuery = { readonly models: { readonly totalCount: number, readonly pageInfo: { readonly hasNextPage: boolean, readonly endCursor: string | null }, readonly nodes: ReadonlyArray<{ readonly id: string, readonly name: string, readonly description: string, readonly versionCount: number, readonly updatedAt: string, readonly aliases: ReadonlyArray<{ readonly alias: string, readonly version: { readonly version: number, readonly withdrawnData: ReadonlyArray<{ readonly label: string, readonly reason: string }> | null } }>, readonly latestVersion: { readonly version: number, readonly withdrawnData: ReadonlyArray<{ readonly label: string, readonly reason: string }> | null } | null }> } };

export type ViewerQueryVariables = Exact<{ [key: string]: never; }>;


export type ViewerQuery = { readonly viewer: { readonly name: string, readonly scope: TokenScope, readonly isLocal: boolean, readonly workspace: { readonly name: string } } };

export class TypedDocumentString<TResult, TVariables>
  extends String
  implements DocumentTypeDecoration<TResult, TVariables>
{
  __apiType?: NonNullable<DocumentTypeDecoration<TResult, TVariables>['__apiType']>;
  private value: string;
  public __meta__?: Record<string, any> | undefined;

  constructor(value: string, __meta__?: Record<string, any> | undefined) {
    super(value);
    this.value = value;
    this.__meta__ = __meta__;
  }

  override toString(): string & DocumentTypeDecoration<TResult, TVariables> {
    return this.value;
  }
}
export const RefusalFragmentDoc = new TypedDocumentString(`
    fragment Refusal on Problem {
  kind
  code
  message
  hint
}
    `, {"fragmentName":"Refusal"}) as unknown as TypedDocumentString<RefusalFragment, unknown>;
export const FolderFragmentDoc = new TypedDocumentString(`
    fragment Folder on ArtifactConnection {
  nodes {
    path
    name
    isFolder
    sizeBytes
    file {
      path
      sizeBytes
      sha256
      integrity
      checkedAt
      downloadUrl
    }
  }
  pageInfo {
    hasNextPage
    endCursor
  }
}
    `, {"fragmentName":"Folder"}) as unknown as TypedDocumentString<FolderFragment, unknown>;
export const PromotedRunFragmentDoc = new TypedDocumentString(`
    fragment PromotedRun on Run {
  id
  name
  params {
    key
    value
  }
  metrics {
    key
    value
  }
  inputs {
    name
    datasetVersion {
      number
      dataset {
        name
      }
    }
  }
}
    `, {"fragmentName":"PromotedRun"}) as unknown as TypedDocumentString<PromotedRunFragment, unknown>;
export const DeploymentFactsFragmentDoc = new TypedDocumentString(`
    fragment DeploymentFacts on Deployment {
  id
  ref
  environment
  target
  digest
  isLive
  startedAt
  startedBy
  reason
  endedAt
  endedBy
  modelVersion {
    id
    version
    aliases
    model {
      id
      name
    }
  }
  previous {
    id
    modelVersion {
      version
      model {
        name
      }
    }
  }
}
    `, {"fragmentName":"DeploymentFacts"}) as unknown as TypedDocumentString<DeploymentFactsFragment, unknown>;
export const DatasetVersionPageDocument = new TypedDocumentString(`
    query DatasetVersionPage($id: ID!) {
  datasetVersion(id: $id) {
    id
    ref
    number
    digest
    dvcMd5
    message
    tags
    isCurrent
    fileCount
    totalBytes
    integrity
    checkedAt
    createdBy
    createdAt
    dataset {
      id
      name
      versionCount
      current {
        id
        number
      }
      tags {
        name
        version {
          id
        }
      }
    }
    derivedFrom {
      id
      number
      dataset {
        name
      }
      retraction {
        reason
      }
    }
    derivatives {
      id
      number
      dataset {
        name
      }
    }
    producedBy {
      runId
      name
    }
    sightings {
      repository
      path
      commit
      actor
      seenAt
    }
    retraction {
      reason
      actor
      at
    }
  }
}
    `) as unknown as TypedDocumentString<DatasetVersionPageQuery, DatasetVersionPageQueryVariables>;
export const TagVersionDocument = new TypedDocumentString(`
    mutation TagVersion($version: ID!, $tag: String!) {
  tagDatasetVersion(version: $version, tag: $tag) {
    __typename
    ... on DatasetVersion {
      id
    }
    ...Refusal
  }
}
    fragment Refusal on Problem {
  kind
  code
  message
  hint
}`) as unknown as TypedDocumentString<TagVersionMutation, TagVersionMutationVariables>;
export const SetCurrentVersionDocument = new TypedDocumentString(`
    mutation SetCurrentVersion($version: ID!) {
  setCurrentVersion(version: $version) {
    __typename
    ... on Dataset {
      id
      current {
        number
      }
    }
    ...Refusal
  }
}
    fragment Refusal on Problem {
  kind
  code
  message
  hint
}`) as unknown as TypedDocumentString<SetCurrentVersionMutation, SetCurrentVersionMutationVariables>;
export const ExperimentPageDocument = new TypedDocumentString(`
    query ExperimentPage($id: ID!) {
  experiment(id: $id) {
    id
    ref
    experimentId
    name
    artifactLocation
    lifecycle
    tags {
      key
      value
    }
    createdAt
    updatedAt
    runCount
    metricKeys
    paramKeys
  }
}
    `) as unknown as TypedDocumentString<ExperimentPageQuery, ExperimentPageQueryVariables>;
export const ModelVersionPageDocument = new TypedDocumentString(`
    query ModelVersionPage($id: ID!) {
  modelVersion(id: $id) {
    id
    ref
    version
    description
    aliases
    stage
    source
    digest
    noDigestReason
    fileCount
    totalBytes
    integrity
    runEvidence
    createdBy
    createdAt
    tags {
      key
      value
    }
    model {
      id
      name
    }
    run {
      runId
      name
    }
    loggedModel {
      modelId
      name
    }
    copiedFrom {
      version
      model {
        name
      }
    }
    deployments(first: 50) {
      nodes {
        id
        environment
        target
        isLive
        startedAt
        startedBy
        endedAt
      }
    }
  }
}
    `) as unknown as TypedDocumentString<ModelVersionPageQuery, ModelVersionPageQueryVariables>;
export const ModelPageDocument = new TypedDocumentString(`
    query ModelPage($id: ID!) {
  model(id: $id) {
    id
    ref
    name
    description
    tags {
      key
      value
    }
    createdAt
    updatedAt
    versionCount
    aliases {
      alias
      since
      version {
        id
        version
      }
    }
    latestVersion {
      id
      version
    }
  }
}
    `) as unknown as TypedDocumentString<ModelPageQuery, ModelPageQueryVariables>;
export const DeleteRunDocument = new TypedDocumentString(`
    mutation DeleteRun($id: ID!) {
  deleteRun(id: $id) {
    __typename
    ... on Run {
      id
    }
    ...Refusal
  }
}
    fragment Refusal on Problem {
  kind
  code
  message
  hint
}`) as unknown as TypedDocumentString<DeleteRunMutation, DeleteRunMutationVariables>;
export const RestoreRunDocument = new TypedDocumentString(`
    mutation RestoreRun($id: ID!) {
  restoreRun(id: $id) {
    __typename
    ... on Run {
      id
    }
    ...Refusal
  }
}
    fragment Refusal on Problem {
  kind
  code
  message
  hint
}`) as unknown as TypedDocumentString<RestoreRunMutation, RestoreRunMutationVariables>;
export const TagRunDocument = new TypedDocumentString(`
    mutation TagRun($id: ID!, $tags: [TagInput!]!) {
  logBatch(run: $id, tags: $tags) {
    __typename
    ... on Run {
      id
    }
    ...Refusal
  }
}
    fragment Refusal on Problem {
  kind
  code
  message
  hint
}`) as unknown as TypedDocumentString<TagRunMutation, TagRunMutationVariables>;
export const UntagRunDocument = new TypedDocumentString(`
    mutation UntagRun($id: ID!, $key: String!) {
  deleteRunTag(run: $id, key: $key) {
    __typename
    ... on Run {
      id
    }
    ...Refusal
  }
}
    fragment Refusal on Problem {
  kind
  code
  message
  hint
}`) as unknown as TypedDocumentString<UntagRunMutation, UntagRunMutationVariables>;
export const ExportedRunsDocument = new TypedDocumentString(`
    query ExportedRuns($id: ID!, $filter: String, $orderBy: [String!], $view: LifecycleView, $metrics: [String!], $params: [String!], $after: String) {
  experiment(id: $id) {
    id
    runs(filter: $filter, orderBy: $orderBy, view: $view, first: 500, after: $after) {
      pageInfo {
        hasNextPage
        endCursor
      }
      nodes {
        runId
        name
        status
        user
        startedAt
        durationMs
        metrics(keys: $metrics) {
          key
          value
        }
        params(keys: $params) {
          key
          value
        }
        inputs {
          name
          datasetVersion {
            number
            dataset {
              name
            }
          }
        }
      }
    }
  }
}
    `) as unknown as TypedDocumentString<ExportedRunsQuery, ExportedRunsQueryVariables>;
export const RunPageDocument = new TypedDocumentString(`
    query RunPage($id: ID!) {
  run(id: $id) {
    id
    ref
    runId
    name
    status
    lifecycle
    experiment {
      experimentId
      name
    }
    parent {
      runId
      name
    }
    children(first: 50) {
      totalCount
      nodes {
        id
        runId
        name
        status
      }
    }
    user
    startedAt
    endedAt
    durationMs
    params {
      key
      value
    }
    metrics {
      key
      value
      step
      timestamp
      min
      max
    }
    pointCount
    tags {
      key
      value
    }
    inputs {
      id
      name
      digest
      sourceType
      source
      schema
      context
      evidence
      resolvedBy
      datasetVersion {
        id
        number
        integrity
        checkedAt
        retraction {
          reason
        }
        dataset {
          name
        }
      }
    }
    producedDatasets {
      id
      number
      digest
      dataset {
        name
      }
    }
    loggedModels {
      id
      modelId
      name
      modelType
      status
      createdAt
      modelVersions {
        id
      }
    }
    modelVersions {
      id
      version
      digest
      aliases
      integrity
      model {
        name
      }
    }
    artifactUri
    commit
    source
  }
}
    `) as unknown as TypedDocumentString<RunPageQuery, RunPageQueryVariables>;
export const ExperimentRunsDocument = new TypedDocumentString(`
    query ExperimentRuns($id: ID!, $filter: String, $orderBy: [String!], $view: LifecycleView, $metrics: [String!], $params: [String!], $after: String) {
  experiment(id: $id) {
    id
    runs(filter: $filter, orderBy: $orderBy, view: $view, first: 100, after: $after) {
      totalCount
      pageInfo {
        hasNextPage
        endCursor
      }
      nodes {
        id
        runId
        name
        status
        lifecycle
        user
        startedAt
        durationMs
        metrics(keys: $metrics) {
          key
          value
          step
          min
          max
        }
        params(keys: $params) {
          key
          value
        }
        inputs {
          id
          name
          datasetVersion {
            id
            number
            dataset {
              name
            }
          }
        }
        withdrawnData {
          label
          reason
        }
        modelVersions {
          id
          version
          aliases
          model {
            name
          }
        }
      }
    }
  }
}
    `) as unknown as TypedDocumentString<ExperimentRunsQuery, ExperimentRunsQueryVariables>;
export const MetricSeriesDocument = new TypedDocumentString(`
    query MetricSeries($run: ID!, $key: String!, $range: StepRange, $buckets: Int) {
  metricSeries(run: $run, key: $key, range: $range, buckets: $buckets) {
    key
    pointCount
    columns {
      fromStep
      toStep
      last
      min
      max
      toTimestampMs
      count
    }
  }
}
    `) as unknown as TypedDocumentString<MetricSeriesQuery, MetricSeriesQueryVariables>;
export const RetractDocument = new TypedDocumentString(`
    mutation Retract($version: ID!, $reason: String!) {
  retractDatasetVersion(version: $version, reason: $reason) {
    __typename
    ... on DatasetVersion {
      id
    }
    ...Refusal
  }
}
    fragment Refusal on Problem {
  kind
  code
  message
  hint
}`) as unknown as TypedDocumentString<RetractMutation, RetractMutationVariables>;
export const ReinstateDocument = new TypedDocumentString(`
    mutation Reinstate($version: ID!, $reason: String!) {
  reinstateDatasetVersion(version: $version, reason: $reason) {
    __typename
    ... on DatasetVersion {
      id
    }
    ...Refusal
  }
}
    fragment Refusal on Problem {
  kind
  code
  message
  hint
}`) as unknown as TypedDocumentString<ReinstateMutation, ReinstateMutationVariables>;
export const DeployDocument = new TypedDocumentString(`
    mutation Deploy($input: DeployInput!) {
  deploy(input: $input) {
    __typename
    ... on Deployment {
      id
      environment
      target
    }
    ...Refusal
  }
}
    fragment Refusal on Problem {
  kind
  code
  message
  hint
}`) as unknown as TypedDocumentString<DeployMutation, DeployMutationVariables>;
export const TargetsDocument = new TypedDocumentString(`
    query Targets {
  deployments(first: 100) {
    nodes {
      id
      environment
      target
      modelVersion {
        version
        model {
          name
        }
      }
    }
  }
}
    `) as unknown as TypedDocumentString<TargetsQuery, TargetsQueryVariables>;
export const DatasetDiffDocument = new TypedDocumentString(`
    query DatasetDiff($from: ID!, $to: ID!, $after: String) {
  datasetDiff(from: $from, to: $to, first: 200, after: $after) {
    from {
      number
      digest
    }
    to {
      number
      digest
    }
    addedCount
    removedCount
    changedCount
    unchangedCount
    bytesDelta
    differences {
      path
      change
      before {
        sizeBytes
        sha256
        downloadUrl
      }
      after {
        sizeBytes
        sha256
        downloadUrl
      }
    }
    pageInfo {
      hasNextPage
      endCursor
    }
  }
}
    `) as unknown as TypedDocumentString<DatasetDiffQuery, DatasetDiffQueryVariables>;
export const RunFolderDocument = new TypedDocumentString(`
    query RunFolder($id: ID!, $path: String!) {
  run(id: $id) {
    artifacts(path: $path, first: 500) {
      ...Folder
    }
  }
}
    fragment Folder on ArtifactConnection {
  nodes {
    path
    name
    isFolder
    sizeBytes
    file {
      path
      sizeBytes
      sha256
      integrity
      checkedAt
      downloadUrl
    }
  }
  pageInfo {
    hasNextPage
    endCursor
  }
}`) as unknown as TypedDocumentString<RunFolderQuery, RunFolderQueryVariables>;
export const LoggedModelFolderDocument = new TypedDocumentString(`
    query LoggedModelFolder($id: ID!, $path: String!) {
  loggedModel(id: $id) {
    artifacts(path: $path, first: 500) {
      ...Folder
    }
  }
}
    fragment Folder on ArtifactConnection {
  nodes {
    path
    name
    isFolder
    sizeBytes
    file {
      path
      sizeBytes
      sha256
      integrity
      checkedAt
      downloadUrl
    }
  }
  pageInfo {
    hasNextPage
    endCursor
  }
}`) as unknown as TypedDocumentString<LoggedModelFolderQuery, LoggedModelFolderQueryVariables>;
export const VersionFolderDocument = new TypedDocumentString(`
    query VersionFolder($id: ID!, $path: String!) {
  datasetVersion(id: $id) {
    entries(path: $path, first: 500) {
      ...Folder
    }
  }
}
    fragment Folder on ArtifactConnection {
  nodes {
    path
    name
    isFolder
    sizeBytes
    file {
      path
      sizeBytes
      sha256
      integrity
      checkedAt
      downloadUrl
    }
  }
  pageInfo {
    hasNextPage
    endCursor
  }
}`) as unknown as TypedDocumentString<VersionFolderQuery, VersionFolderQueryVariables>;
export const InputCandidatesDocument = new TypedDocumentString(`
    query InputCandidates($search: String) {
  datasets(search: $search, first: 20) {
    nodes {
      id
      name
      versions(first: 20) {
        nodes {
          id
          number
          digest
          message
          createdAt
          retraction {
            reason
          }
        }
      }
    }
  }
}
    `) as unknown as TypedDocumentString<InputCandidatesQuery, InputCandidatesQueryVariables>;
export const ResolveInputDocument = new TypedDocumentString(`
    mutation ResolveInput($input: ID!, $datasetVersion: ID!) {
  resolveInput(input: $input, datasetVersion: $datasetVersion) {
    __typename
    ... on DatasetInput {
      id
      name
    }
    ...Refusal
  }
}
    fragment Refusal on Problem {
  kind
  code
  message
  hint
}`) as unknown as TypedDocumentString<ResolveInputMutation, ResolveInputMutationVariables>;
export const SearchDocument = new TypedDocumentString(`
    query Search($text: String!, $runs: String!, $experiments: String!) {
  experiments(filter: $experiments, first: 5) {
    nodes {
      experimentId
      name
      runCount
    }
  }
  runs(filter: $runs, first: 6) {
    nodes {
      runId
      name
      experiment {
        name
      }
    }
  }
  models(search: $text, first: 5) {
    nodes {
      name
      versionCount
    }
  }
  datasets(search: $text, first: 5) {
    nodes {
      name
      versionCount
    }
  }
  deployments(first: 50) {
    nodes {
      id
      environment
      target
      modelVersion {
        version
        model {
          name
        }
      }
    }
  }
}
    `) as unknown as TypedDocumentString<SearchQuery, SearchQueryVariables>;
export const PromotionDocument = new TypedDocumentString(`
    query Promotion($version: ID!) {
  modelVersion(id: $version) {
    id
    version
    digest
    noDigestReason
    model {
      id
      name
      aliases {
        alias
        since
        version {
          id
          version
          digest
          run {
            ...PromotedRun
          }
          deployments(first: 20) {
            nodes {
              id
              environment
              target
              isLive
            }
          }
        }
      }
    }
    run {
      ...PromotedRun
    }
  }
}
    fragment PromotedRun on Run {
  id
  name
  params {
    key
    value
  }
  metrics {
    key
    value
  }
  inputs {
    name
    datasetVersion {
      number
      dataset {
        name
      }
    }
  }
}`) as unknown as TypedDocumentString<PromotionQuery, PromotionQueryVariables>;
export const PromoteDocument = new TypedDocumentString(`
    mutation Promote($input: PromoteInput!) {
  promote(input: $input) {
    __typename
    ... on ModelVersion {
      id
      version
      aliases
    }
    ...Refusal
  }
}
    fragment Refusal on Problem {
  kind
  code
  message
  hint
}`) as unknown as TypedDocumentString<PromoteMutation, PromoteMutationVariables>;
export const PurgeDocument = new TypedDocumentString(`
    mutation Purge($input: PurgeInput!) {
  purge(input: $input) {
    __typename
    ... on PurgeJob {
      id
    }
    ...Refusal
  }
}
    fragment Refusal on Problem {
  kind
  code
  message
  hint
}`) as unknown as TypedDocumentString<PurgeMutation, PurgeMutationVariables>;
export const PurgeJobDocument = new TypedDocumentString(`
    query PurgeJob($id: ID!) {
  purgeJob(id: $id) {
    id
    state
    phase
    waitsFor
    dryRun
    runs {
      found
      removed
      kept
    }
    loggedModels {
      found
      removed
      kept
    }
    experiments {
      found
      removed
      kept
    }
    kept(first: 100) {
      id
      reason
    }
    collected {
      blobs
      bytes
    }
    error
  }
}
    `) as unknown as TypedDocumentString<PurgeJobQuery, PurgeJobQueryVariables>;
export const RailDocument = new TypedDocumentString(`
    query Rail {
  viewer {
    name
    workspace {
      name
    }
  }
  experiments(first: 1) {
    totalCount
  }
  datasets(first: 1) {
    totalCount
  }
  models(first: 1) {
    totalCount
  }
  deployments(first: 1) {
    totalCount
  }
}
    `) as unknown as TypedDocumentString<RailQuery, RailQueryVariables>;
export const ReadmeDocument = new TypedDocumentString(`
    query Readme($id: ID!) {
  dataset(id: $id) {
    id
    name
    current {
      number
    }
    readme {
      text
      author
      at
      version {
        number
      }
    }
    readmeHistory(first: 1) {
      nodes {
        text
        revision
        author
      }
    }
  }
}
    `) as unknown as TypedDocumentString<ReadmeQuery, ReadmeQueryVariables>;
export const ReadmeHistoryDocument = new TypedDocumentString(`
    query ReadmeHistory($id: ID!, $after: String) {
  dataset(id: $id) {
    id
    readmeHistory(first: 10, after: $after) {
      pageInfo {
        hasNextPage
        endCursor
      }
      nodes {
        text
        revision
        author
        at
      }
    }
  }
}
    `) as unknown as TypedDocumentString<ReadmeHistoryQuery, ReadmeHistoryQueryVariables>;
export const WriteReadmeDocument = new TypedDocumentString(`
    mutation WriteReadme($dataset: ID!, $text: String!, $revision: Int!) {
  updateDatasetReadme(dataset: $dataset, text: $text, revision: $revision) {
    __typename
    ... on Dataset {
      id
    }
    ...Refusal
  }
}
    fragment Refusal on Problem {
  kind
  code
  message
  hint
}`) as unknown as TypedDocumentString<WriteReadmeMutation, WriteReadmeMutationVariables>;
export const ModelNamesDocument = new TypedDocumentString(`
    query ModelNames {
  models(first: 100) {
    nodes {
      name
      versionCount
    }
  }
}
    `) as unknown as TypedDocumentString<ModelNamesQuery, ModelNamesQueryVariables>;
export const RegisterVersionDocument = new TypedDocumentString(`
    mutation RegisterVersion($input: RegisterVersionInput!) {
  registerVersion(input: $input) {
    __typename
    ... on ModelVersion {
      id
      version
      model {
        name
      }
    }
    ...Refusal
  }
}
    fragment Refusal on Problem {
  kind
  code
  message
  hint
}`) as unknown as TypedDocumentString<RegisterVersionMutation, RegisterVersionMutationVariables>;
export const RunGroupsDocument = new TypedDocumentString(`
    query RunGroups($experiment: ID!, $by: [String!]!, $metrics: [String!], $filter: String, $view: LifecycleView) {
  runGroups(
    experiments: [$experiment]
    by: $by
    metrics: $metrics
    filter: $filter
    view: $view
    first: 200
  ) {
    hasMore
    groups {
      values
      runCount
      metrics {
        key
        count
        min
        max
        mean
        deviation
        minRun {
          runId
          name
        }
        maxRun {
          runId
          name
        }
      }
    }
  }
}
    `) as unknown as TypedDocumentString<RunGroupsQuery, RunGroupsQueryVariables>;
export const GroupRunsDocument = new TypedDocumentString(`
    query GroupRuns($experiment: ID!, $filter: String!, $orderBy: [String!], $view: LifecycleView, $metrics: [String!]) {
  runs(
    experiments: [$experiment]
    filter: $filter
    orderBy: $orderBy
    view: $view
    first: 20
  ) {
    totalCount
    nodes {
      id
      runId
      name
      status
      startedAt
      withdrawnData {
        label
        reason
      }
      metrics(keys: $metrics) {
        key
        value
      }
    }
  }
}
    `) as unknown as TypedDocumentString<GroupRunsQuery, GroupRunsQueryVariables>;
export const CollectDocument = new TypedDocumentString(`
    mutation Collect($dryRun: Boolean!) {
  collect(dryRun: $dryRun) {
    dryRun
    manifests
    fileSets
    blobs
    objects
    uploads
    bytes
  }
}
    `) as unknown as TypedDocumentString<CollectMutation, CollectMutationVariables>;
export const TablesToChooseDocument = new TypedDocumentString(`
    query TablesToChoose($id: ID!, $after: String) {
  datasetVersion(id: $id) {
    id
    tables(first: 100, after: $after) {
      pageInfo {
        hasNextPage
        endCursor
      }
      nodes {
        path
      }
    }
  }
}
    `) as unknown as TypedDocumentString<TablesToChooseQuery, TablesToChooseQueryVariables>;
export const TableDiffDocument = new TypedDocumentString(`
    query TableDiff($from: ID!, $to: ID!, $path: String!, $fromPath: String, $key: [String!]) {
  tableDiff(
    from: $from
    to: $to
    path: $path
    fromPath: $fromPath
    key: $key
    sample: 30
  ) {
    columns {
      name
      change
      before
      after
    }
    isSame
    rowsBefore
    rowsAfter
    key
    addedRows
    removedRows
    changedRows
    changedColumns {
      name
      rowCount
    }
    sampleColumns
    sample {
      change
      before
      after
    }
    notes
  }
}
    `) as unknown as TypedDocumentString<TableDiffQuery, TableDiffQueryVariables>;
export const ThreadDocument = new TypedDocumentString(`
    query Thread($id: ID!) {
  thread(id: $id) {
    data {
      id
      kind
      ref
      label
      detail
      integrity
      checkedAt
      retraction
    }
    run {
      id
      kind
      ref
      label
      detail
    }
    modelVersion {
      id
      kind
      ref
      label
      detail
      integrity
      checkedAt
      subject {
        ... on ModelVersion {
          aliases
        }
      }
    }
    deployments {
      id
      kind
      ref
      label
      detail
      subject {
        ... on Deployment {
          isLive
          startedAt
        }
      }
    }
    edges {
      from
      to
      evidence
      relation
    }
    gaps {
      node
      kind
      message
      hint
    }
  }
}
    `) as unknown as TypedDocumentString<ThreadQuery, ThreadQueryVariables>;
export const TokensDocument = new TypedDocumentString(`
    query Tokens($after: String) {
  tokens(first: 50, after: $after) {
    pageInfo {
      hasNextPage
      endCursor
    }
    nodes {
      id
      name
      hint
      principal
      scope
      createdAt
      expiresAt
      lastUsedAt
      revokedAt
    }
  }
}
    `) as unknown as TypedDocumentString<TokensQuery, TokensQueryVariables>;
export const CreateTokenDocument = new TypedDocumentString(`
    mutation CreateToken($input: CreateTokenInput!) {
  createToken(input: $input) {
    __typename
    ... on CreatedToken {
      secret
      token {
        id
        name
      }
    }
    ...Refusal
  }
}
    fragment Refusal on Problem {
  kind
  code
  message
  hint
}`) as unknown as TypedDocumentString<CreateTokenMutation, CreateTokenMutationVariables>;
export const RevokeTokenDocument = new TypedDocumentString(`
    mutation RevokeToken($id: ID!) {
  revokeToken(id: $id) {
    __typename
    ... on Token {
      id
    }
    ...Refusal
  }
}
    fragment Refusal on Problem {
  kind
  code
  message
  hint
}`) as unknown as TypedDocumentString<RevokeTokenMutation, RevokeTokenMutationVariables>;
export const TraceDocument = new TypedDocumentString(`
    query Trace($id: ID!, $files: Int) {
  traceDeployment(id: $id) {
    deployment {
      id
    }
    nodes {
      id
      kind
      ref
      label
      detail
      integrity
      checkedAt
      retraction
      subject {
        __typename
        ... on DatasetInput {
          id
          name
          digest
          source
        }
      }
    }
    edges {
      from
      to
      relation
      evidence
      context
    }
    files(first: $files) {
      path
      sizeBytes
      sha256
      integrity
      checkedAt
      role
      node
    }
    fileCount
    integrity {
      unchecked
      intact
      damaged
      oldestCheckAt
    }
    verified
    weakest {
      from
      to
      relation
      evidence
    }
    gaps {
      node
      kind
      message
      hint
    }
    truncated
  }
}
    `) as unknown as TypedDocumentString<TraceQuery, TraceQueryVariables>;
export const VerifyDocument = new TypedDocumentString(`
    mutation Verify($root: ID!) {
  verify(root: $root) {
    id
  }
}
    `) as unknown as TypedDocumentString<VerifyMutation, VerifyMutationVariables>;
export const VerificationDocument = new TypedDocumentString(`
    query Verification($id: ID!) {
  verification(id: $id) {
    id
    state
    totalFiles
    totalBytes
    checkedFiles
    checkedBytes
    damagedFiles
    error
  }
}
    `) as unknown as TypedDocumentString<VerificationQuery, VerificationQueryVariables>;
export const TrashedExperimentsDocument = new TypedDocumentString(`
    query TrashedExperiments($after: String) {
  experiments(view: DELETED, first: 50, after: $after) {
    totalCount
    pageInfo {
      hasNextPage
      endCursor
    }
    nodes {
      id
      experimentId
      name
      updatedAt
    }
  }
}
    `) as unknown as TypedDocumentString<TrashedExperimentsQuery, TrashedExperimentsQueryVariables>;
export const TrashedRunsDocument = new TypedDocumentString(`
    query TrashedRuns($after: String) {
  runs(view: DELETED, first: 50, after: $after) {
    totalCount
    pageInfo {
      hasNextPage
      endCursor
    }
    nodes {
      id
      runId
      name
      startedAt
      pointCount
      experiment {
        experimentId
        name
        lifecycle
      }
    }
  }
}
    `) as unknown as TypedDocumentString<TrashedRunsQuery, TrashedRunsQueryVariables>;
export const RestoreTrashedExperimentDocument = new TypedDocumentString(`
    mutation RestoreTrashedExperiment($id: ID!) {
  restoreExperiment(id: $id) {
    __typename
    ... on Experiment {
      name
    }
    ...Refusal
  }
}
    fragment Refusal on Problem {
  kind
  code
  message
  hint
}`) as unknown as TypedDocumentString<RestoreTrashedExperimentMutation, RestoreTrashedExperimentMutationVariables>;
export const RestoreTrashedRunDocument = new TypedDocumentString(`
    mutation RestoreTrashedRun($id: ID!) {
  restoreRun(id: $id) {
    __typename
    ... on Run {
      name
    }
    ...Refusal
  }
}
    fragment Refusal on Problem {
  kind
  code
  message
  hint
}`) as unknown as TypedDocumentString<RestoreTrashedRunMutation, RestoreTrashedRunMutationVariables>;
export const RegisterUploadedDocument = new TypedDocumentString(`
    mutation RegisterUploaded($input: RegisterDatasetVersionInput!) {
  registerDatasetVersion(input: $input) {
    __typename
    ... on DatasetVersion {
      id
      number
      dataset {
        id
        name
      }
    }
    ...Refusal
  }
}
    fragment Refusal on Problem {
  kind
  code
  message
  hint
}`) as unknown as TypedDocumentString<RegisterUploadedMutation, RegisterUploadedMutationVariables>;
export const ComparedTablesDocument = new TypedDocumentString(`
    query ComparedTables($from: ID!, $to: ID!) {
  from: datasetVersion(id: $from) {
    id
    tables(first: 100) {
      pageInfo {
        hasNextPage
      }
      nodes {
        path
      }
    }
  }
  to: datasetVersion(id: $to) {
    id
    tables(first: 100) {
      pageInfo {
        hasNextPage
      }
      nodes {
        path
      }
    }
  }
}
    `) as unknown as TypedDocumentString<ComparedTablesQuery, ComparedTablesQueryVariables>;
export const FilePreviewDocument = new TypedDocumentString(`
    query FilePreview($id: ID!, $path: String!, $rows: Int!) {
  datasetVersion(id: $id) {
    id
    preview(path: $path, rows: $rows) {
      kind
      columns {
        name
        type
      }
      columnCount
      rows
      hasMoreRows
      text
      hasMoreText
      width
      height
      address
      notes
      problem {
        message
        hint
      }
    }
  }
}
    `) as unknown as TypedDocumentString<FilePreviewQuery, FilePreviewQueryVariables>;
export const WebhookDeliveriesDocument = new TypedDocumentString(`
    query WebhookDeliveries($id: ID!, $after: String) {
  webhook(id: $id) {
    id
    deliveries(first: 20, after: $after) {
      pageInfo {
        hasNextPage
        endCursor
      }
      nodes {
        id
        deliveryId
        event
        state
        attempts
        createdAt
        nextAttemptAt
        responseStatus
        error
      }
    }
  }
}
    `) as unknown as TypedDocumentString<WebhookDeliveriesQuery, WebhookDeliveriesQueryVariables>;
export const RedeliverWebhookDocument = new TypedDocumentString(`
    mutation RedeliverWebhook($delivery: ID!) {
  redeliverWebhook(delivery: $delivery) {
    __typename
    ... on WebhookDelivery {
      id
      state
    }
    ...Refusal
  }
}
    fragment Refusal on Problem {
  kind
  code
  message
  hint
}`) as unknown as TypedDocumentString<RedeliverWebhookMutation, RedeliverWebhookMutationVariables>;
export const WebhooksDocument = new TypedDocumentString(`
    query Webhooks($after: String) {
  webhooks(first: 50, after: $after) {
    totalCount
    pageInfo {
      hasNextPage
      endCursor
    }
    nodes {
      id
      name
      description
      url
      events
      hasSecret
      status
      createdAt
    }
  }
}
    `) as unknown as TypedDocumentString<WebhooksQuery, WebhooksQueryVariables>;
export const CreateWebhookDocument = new TypedDocumentString(`
    mutation CreateWebhook($input: CreateWebhookInput!) {
  createWebhook(input: $input) {
    __typename
    ... on Webhook {
      id
      name
    }
    ...Refusal
  }
}
    fragment Refusal on Problem {
  kind
  code
  message
  hint
}`) as unknown as TypedDocumentString<CreateWebhookMutation, CreateWebhookMutationVariables>;
export const UpdateWebhookDocument = new TypedDocumentString(`
    mutation UpdateWebhook($id: ID!, $input: UpdateWebhookInput!) {
  updateWebhook(id: $id, input: $input) {
    __typename
    ... on Webhook {
      id
      status
    }
    ...Refusal
  }
}
    fragment Refusal on Problem {
  kind
  code
  message
  hint
}`) as unknown as TypedDocumentString<UpdateWebhookMutation, UpdateWebhookMutationVariables>;
export const DeleteWebhookDocument = new TypedDocumentString(`
    mutation DeleteWebhook($id: ID!) {
  deleteWebhook(id: $id) {
    __typename
    ... on Webhook {
      id
    }
    ...Refusal
  }
}
    fragment Refusal on Problem {
  kind
  code
  message
  hint
}`) as unknown as TypedDocumentString<DeleteWebhookMutation, DeleteWebhookMutationVariables>;
export const TestWebhookDocument = new TypedDocumentString(`
    mutation TestWebhook($id: ID!) {
  testWebhook(id: $id) {
    __typename
    ... on WebhookTest {
      success
      responseStatus
      responseBody
      error
    }
    ...Refusal
  }
}
    fragment Refusal on Problem {
  kind
  code
  message
  hint
}`) as unknown as TypedDocumentString<TestWebhookMutation, TestWebhookMutationVariables>;
export const WithdrawnDocument = new TypedDocumentString(`
    query Withdrawn($id: ID!) {
  thread(id: $id) {
    gaps {
      node
      kind
      message
    }
  }
}
    `) as unknown as TypedDocumentString<WithdrawnQuery, WithdrawnQueryVariables>;
export const CompareDocument = new TypedDocumentString(`
    query Compare($filter: String!) {
  runs(filter: $filter, view: ALL, first: 20) {
    nodes {
      id
      runId
      name
      status
      startedAt
      durationMs
      user
      commit
      experiment {
        experimentId
        name
      }
      params {
        key
        value
      }
      metrics {
        key
        value
        step
        min
        max
      }
      inputs {
        id
        name
        context
        datasetVersion {
          number
          dataset {
            name
          }
        }
      }
      withdrawnData {
        label
        reason
        version {
          number
          dataset {
            name
          }
        }
      }
      modelVersions {
        id
        version
        aliases
        model {
          name
        }
      }
    }
  }
}
    `) as unknown as TypedDocumentString<CompareQuery, CompareQueryVariables>;
export const FindRunsDocument = new TypedDocumentString(`
    query FindRuns($filter: String) {
  runs(filter: $filter, first: 8) {
    nodes {
      id
      runId
      name
      startedAt
      experiment {
        name
      }
    }
  }
}
    `) as unknown as TypedDocumentString<FindRunsQuery, FindRunsQueryVariables>;
export const OtherVersionsDocument = new TypedDocumentString(`
    query OtherVersions($id: ID!) {
  dataset(id: $id) {
    id
    versions(first: 100) {
      nodes {
        id
        number
        message
        tags
        retraction {
          reason
        }
      }
    }
  }
}
    `) as unknown as TypedDocumentString<OtherVersionsQuery, OtherVersionsQueryVariables>;
export const UntagDocument = new TypedDocumentString(`
    mutation Untag($dataset: ID!, $tag: String!) {
  untagDataset(dataset: $dataset, tag: $tag) {
    __typename
    ... on Dataset {
      id
    }
    ...Refusal
  }
}
    fragment Refusal on Problem {
  kind
  code
  message
  hint
}`) as unknown as TypedDocumentString<UntagMutation, UntagMutationVariables>;
export const VersionTablesDocument = new TypedDocumentString(`
    query VersionTables($id: ID!, $after: String) {
  datasetVersion(id: $id) {
    id
    tables(first: 100, after: $after) {
      nodes {
        path
        state
        profile {
          rowCount
        }
      }
      pageInfo {
        hasNextPage
        endCursor
      }
    }
  }
}
    `) as unknown as TypedDocumentString<VersionTablesQuery, VersionTablesQueryVariables>;
export const TableProfileDocument = new TypedDocumentString(`
    query TableProfile($id: ID!, $path: String!) {
  datasetVersion(id: $id) {
    id
    table(path: $path) {
      path
      format
      sizeBytes
      state
      problem {
        code
        message
      }
      profiledAt
      profile {
        rowCount
        columnCount
        notes
        columns {
          name
          type
          kind
          nullCount
          distinctCount
          isDistinctEstimated
          min
          max
          mean
          standardDeviation
          notFiniteCount
          quantiles {
            level
            value
          }
          histogram {
            from
            to
            count
          }
          top {
            value
            count
          }
        }
      }
    }
  }
}
    `) as unknown as TypedDocumentString<TableProfileQuery, TableProfileQueryVariables>;
export const ProfileVersionDocument = new TypedDocumentString(`
    mutation ProfileVersion($version: ID!) {
  profileDatasetVersion(version: $version) {
    __typename
    ... on DatasetVersion {
      id
    }
    ...Refusal
  }
}
    fragment Refusal on Problem {
  kind
  code
  message
  hint
}`) as unknown as TypedDocumentString<ProfileVersionMutation, ProfileVersionMutationVariables>;
export const UsedByDocument = new TypedDocumentString(`
    query UsedBy($id: ID!, $after: String) {
  datasetVersion(id: $id) {
    id
    usedBy(first: 50, after: $after) {
      pageInfo {
        hasNextPage
        endCursor
      }
      nodes {
        id
        context
        evidence
        loggedAt
        run {
          runId
          name
          status
          experiment {
            experimentId
            name
          }
        }
      }
    }
  }
}
    `) as unknown as TypedDocumentString<UsedByQuery, UsedByQueryVariables>;
export const DatasetVersionsDocument = new TypedDocumentString(`
    query DatasetVersions($id: ID!, $after: String) {
  dataset(id: $id) {
    id
    versions(first: 50, after: $after) {
      pageInfo {
        hasNextPage
        endCursor
      }
      nodes {
        id
        number
        digest
        message
        tags
        isCurrent
        fileCount
        totalBytes
        integrity
        checkedAt
        createdBy
        createdAt
        retraction {
          reason
        }
      }
    }
  }
}
    `) as unknown as TypedDocumentString<DatasetVersionsQuery, DatasetVersionsQueryVariables>;
export const DatasetPageDocument = new TypedDocumentString(`
    query DatasetPage($id: ID!) {
  dataset(id: $id) {
    id
    ref
    name
    description
    createdAt
    versionCount
    current {
      id
      number
    }
    tags {
      name
      since
      version {
        number
      }
    }
  }
}
    `) as unknown as TypedDocumentString<DatasetPageQuery, DatasetPageQueryVariables>;
export const UpdateDatasetDocument = new TypedDocumentString(`
    mutation UpdateDataset($id: ID!, $description: String!) {
  updateDataset(id: $id, description: $description) {
    __typename
    ... on Dataset {
      id
    }
    ...Refusal
  }
}
    fragment Refusal on Problem {
  kind
  code
  message
  hint
}`) as unknown as TypedDocumentString<UpdateDatasetMutation, UpdateDatasetMutationVariables>;
export const DeleteDatasetDocument = new TypedDocumentString(`
    mutation DeleteDataset($id: ID!) {
  deleteDataset(id: $id) {
    __typename
    ... on Dataset {
      id
    }
    ...Refusal
  }
}
    fragment Refusal on Problem {
  kind
  code
  message
  hint
}`) as unknown as TypedDocumentString<DeleteDatasetMutation, DeleteDatasetMutationVariables>;
export const DatasetsDocument = new TypedDocumentString(`
    query Datasets($search: String, $after: String) {
  datasets(search: $search, first: 50, after: $after) {
    totalCount
    pageInfo {
      hasNextPage
      endCursor
    }
    nodes {
      id
      name
      description
      versionCount
      current {
        number
        digest
        fileCount
        totalBytes
        integrity
        checkedAt
        createdAt
        retraction {
          reason
        }
      }
    }
  }
}
    `) as unknown as TypedDocumentString<DatasetsQuery, DatasetsQueryVariables>;
export const DeploymentHistoryDocument = new TypedDocumentString(`
    query DeploymentHistory($environment: String!, $after: String) {
  deployments(environment: $environment, ended: true, first: 200, after: $after) {
    totalCount
    pageInfo {
      hasNextPage
      endCursor
    }
    nodes {
      id
      environment
      target
      digest
      isLive
      startedAt
      startedBy
      reason
      endedAt
      endedBy
      modelVersion {
        version
        model {
          name
        }
      }
    }
  }
}
    `) as unknown as TypedDocumentString<DeploymentHistoryQuery, DeploymentHistoryQueryVariables>;
export const DeploymentPageDocument = new TypedDocumentString(`
    query DeploymentPage($id: ID!) {
  deployment(id: $id) {
    ...DeploymentFacts
  }
}
    fragment DeploymentFacts on Deployment {
  id
  ref
  environment
  target
  digest
  isLive
  startedAt
  startedBy
  reason
  endedAt
  endedBy
  modelVersion {
    id
    version
    aliases
    model {
      id
      name
    }
  }
  previous {
    id
    modelVersion {
      version
      model {
        name
      }
    }
  }
}`) as unknown as TypedDocumentString<DeploymentPageQuery, DeploymentPageQueryVariables>;
export const RollBackDocument = new TypedDocumentString(`
    mutation RollBack($deployment: ID!, $reason: String) {
  rollBack(deployment: $deployment, reason: $reason) {
    __typename
    ... on Deployment {
      id
      environment
      target
    }
    ...Refusal
  }
}
    fragment Refusal on Problem {
  kind
  code
  message
  hint
}`) as unknown as TypedDocumentString<RollBackMutation, RollBackMutationVariables>;
export const EndDeploymentDocument = new TypedDocumentString(`
    mutation EndDeployment($id: ID!, $reason: String) {
  endDeployment(id: $id, reason: $reason) {
    __typename
    ... on Deployment {
      id
    }
    ...Refusal
  }
}
    fragment Refusal on Problem {
  kind
  code
  message
  hint
}`) as unknown as TypedDocumentString<EndDeploymentMutation, EndDeploymentMutationVariables>;
export const DeploymentsDocument = new TypedDocumentString(`
    query Deployments($environment: String, $ended: Boolean!, $after: String) {
  deployments(environment: $environment, ended: $ended, first: 50, after: $after) {
    totalCount
    pageInfo {
      hasNextPage
      endCursor
    }
    nodes {
      id
      environment
      target
      digest
      isLive
      startedAt
      startedBy
      endedAt
      withdrawnData {
        label
        reason
      }
      modelVersion {
        version
        aliases
        model {
          name
        }
      }
    }
  }
}
    `) as unknown as TypedDocumentString<DeploymentsQuery, DeploymentsQueryVariables>;
export const RenameExperimentDocument = new TypedDocumentString(`
    mutation RenameExperiment($id: ID!, $name: String!) {
  renameExperiment(id: $id, name: $name) {
    __typename
    ... on Experiment {
      id
    }
    ...Refusal
  }
}
    fragment Refusal on Problem {
  kind
  code
  message
  hint
}`) as unknown as TypedDocumentString<RenameExperimentMutation, RenameExperimentMutationVariables>;
export const DeleteExperimentDocument = new TypedDocumentString(`
    mutation DeleteExperiment($id: ID!) {
  deleteExperiment(id: $id) {
    __typename
    ... on Experiment {
      id
    }
    ...Refusal
  }
}
    fragment Refusal on Problem {
  kind
  code
  message
  hint
}`) as unknown as TypedDocumentString<DeleteExperimentMutation, DeleteExperimentMutationVariables>;
export const RestoreExperimentDocument = new TypedDocumentString(`
    mutation RestoreExperiment($id: ID!) {
  restoreExperiment(id: $id) {
    __typename
    ... on Experiment {
      id
    }
    ...Refusal
  }
}
    fragment Refusal on Problem {
  kind
  code
  message
  hint
}`) as unknown as TypedDocumentString<RestoreExperimentMutation, RestoreExperimentMutationVariables>;
export const ExperimentsDocument = new TypedDocumentString(`
    query Experiments($filter: String, $view: LifecycleView, $after: String) {
  experiments(filter: $filter, view: $view, first: 50, after: $after) {
    totalCount
    pageInfo {
      hasNextPage
      endCursor
    }
    nodes {
      id
      experimentId
      name
      lifecycle
      runCount
      createdAt
      updatedAt
      tags {
        key
        value
      }
    }
  }
}
    `) as unknown as TypedDocumentString<ExperimentsQuery, ExperimentsQueryVariables>;
export const HomeDocument = new TypedDocumentString(`
    query Home {
  deployments(first: 8) {
    totalCount
    nodes {
      id
      environment
      target
      startedAt
      startedBy
      modelVersion {
        version
        digest
        model {
          name
        }
      }
    }
  }
  runs(orderBy: ["attributes.start_time DESC"], first: 10) {
    totalCount
    nodes {
      id
      runId
      name
      status
      startedAt
      experiment {
        experimentId
        name
      }
      withdrawnData {
        label
        reason
      }
      modelVersions {
        id
        version
        model {
          name
        }
      }
    }
  }
  models(first: 6) {
    nodes {
      id
      name
      versionCount
      updatedAt
      latestVersion {
        version
        digest
        createdAt
        aliases
        integrity
      }
    }
  }
  datasets(first: 6) {
    nodes {
      id
      name
      versionCount
      current {
        number
        digest
        createdAt
        integrity
        retraction {
          reason
        }
      }
    }
  }
}
    `) as unknown as TypedDocumentString<HomeQuery, HomeQueryVariables>;
export const VerdictDocument = new TypedDocumentString(`
    query Verdict($id: ID!) {
  traceDeployment(id: $id) {
    verified
    fileCount
    integrity {
      unchecked
      intact
      damaged
      oldestCheckAt
    }
    weakest {
      evidence
    }
    gaps {
      kind
      message
    }
  }
}
    `) as unknown as TypedDocumentString<VerdictQuery, VerdictQueryVariables>;
export const LineagePageDocument = new TypedDocumentString(`
    query LineagePage($root: ID!, $direction: LineageDirection!, $depth: Int) {
  lineage(root: $root, direction: $direction, depth: $depth) {
    root
    nodes {
      id
      kind
      ref
      label
      detail
      integrity
      checkedAt
      retraction
    }
    edges {
      from
      to
      relation
      evidence
      context
      recordedAt
    }
    truncated
    cyclic
  }
}
    `) as unknown as TypedDocumentString<LineagePageQuery, LineagePageQueryVariables>;
export const LineageStartsDocument = new TypedDocumentString(`
    query LineageStarts {
  deployments(first: 10) {
    nodes {
      id
      environment
      target
    }
  }
  datasets(first: 10) {
    nodes {
      id
      name
      current {
        id
        number
      }
    }
  }
}
    `) as unknown as TypedDocumentString<LineageStartsQuery, LineageStartsQueryVariables>;
export const LoggedModelPageDocument = new TypedDocumentString(`
    query LoggedModelPage($id: ID!) {
  loggedModel(id: $id) {
    id
    ref
    modelId
    name
    modelType
    status
    createdAt
    sourceRunEvidence
    experiment {
      experimentId
      name
    }
    sourceRun {
      id
      runId
      name
    }
    params {
      key
      value
    }
    tags {
      key
      value
    }
    modelVersions {
      id
      version
      digest
      aliases
      model {
        name
      }
    }
  }
}
    `) as unknown as TypedDocumentString<LoggedModelPageQuery, LoggedModelPageQueryVariables>;
export const AliasHistoryDocument = new TypedDocumentString(`
    query AliasHistory($id: ID!, $after: String) {
  model(id: $id) {
    id
    aliasHistory(first: 50, after: $after) {
      pageInfo {
        hasNextPage
        endCursor
      }
      nodes {
        alias
        action
        outcome
        actor
        reason
        refusal
        at
        version {
          version
        }
        previous {
          version
        }
      }
    }
  }
}
    `) as unknown as TypedDocumentString<AliasHistoryQuery, AliasHistoryQueryVariables>;
export const RemoveAliasDocument = new TypedDocumentString(`
    mutation RemoveAlias($model: ID!, $alias: String!, $reason: String) {
  removeAlias(model: $model, alias: $alias, reason: $reason) {
    __typename
    ... on RegisteredModel {
      id
    }
    ...Refusal
  }
}
    fragment Refusal on Problem {
  kind
  code
  message
  hint
}`) as unknown as TypedDocumentString<RemoveAliasMutation, RemoveAliasMutationVariables>;
export const VersionFilesDocument = new TypedDocumentString(`
    query VersionFiles($id: ID!, $after: String) {
  modelVersion(id: $id) {
    id
    files(first: 100, after: $after) {
      totalCount
      pageInfo {
        hasNextPage
        endCursor
      }
      nodes {
        path
        sizeBytes
        sha256
        integrity
        checkedAt
        downloadUrl
      }
    }
  }
}
    `) as unknown as TypedDocumentString<VersionFilesQuery, VersionFilesQueryVariables>;
export const DeleteVersionDocument = new TypedDocumentString(`
    mutation DeleteVersion($id: ID!) {
  deleteVersion(id: $id) {
    __typename
    ... on ModelVersion {
      id
    }
    ...Refusal
  }
}
    fragment Refusal on Problem {
  kind
  code
  message
  hint
}`) as unknown as TypedDocumentString<DeleteVersionMutation, DeleteVersionMutationVariables>;
export const DescribeVersionDocument = new TypedDocumentString(`
    mutation DescribeVersion($id: ID!, $description: String!) {
  updateVersion(id: $id, description: $description) {
    __typename
    ... on ModelVersion {
      id
    }
    ...Refusal
  }
}
    fragment Refusal on Problem {
  kind
  code
  message
  hint
}`) as unknown as TypedDocumentString<DescribeVersionMutation, DescribeVersionMutationVariables>;
export const ModelVersionsDocument = new TypedDocumentString(`
    query ModelVersions($id: ID!, $after: String) {
  model(id: $id) {
    id
    versions(first: 50, after: $after) {
      pageInfo {
        hasNextPage
        endCursor
      }
      nodes {
        id
        version
        description
        aliases
        stage
        digest
        noDigestReason
        integrity
        fileCount
        totalBytes
        createdBy
        createdAt
        runEvidence
        run {
          runId
          name
        }
        withdrawnData {
          label
          reason
        }
        deployments(first: 10) {
          nodes {
            id
            environment
            target
            isLive
          }
        }
      }
    }
  }
}
    `) as unknown as TypedDocumentString<ModelVersionsQuery, ModelVersionsQueryVariables>;
export const UpdateModelDocument = new TypedDocumentString(`
    mutation UpdateModel($id: ID!, $name: String, $description: String) {
  updateModel(id: $id, name: $name, description: $description) {
    __typename
    ... on RegisteredModel {
      id
      name
    }
    ...Refusal
  }
}
    fragment Refusal on Problem {
  kind
  code
  message
  hint
}`) as unknown as TypedDocumentString<UpdateModelMutation, UpdateModelMutationVariables>;
export const DeleteModelDocument = new TypedDocumentString(`
    mutation DeleteModel($id: ID!) {
  deleteModel(id: $id) {
    __typename
    ... on RegisteredModel {
      id
    }
    ...Refusal
  }
}
    fragment Refusal on Problem {
  kind
  code
  message
  hint
}`) as unknown as TypedDocumentString<DeleteModelMutation, DeleteModelMutationVariables>;
export const ModelsDocument = new TypedDocumentString(`
    query Models($search: String, $after: String) {
  models(search: $search, first: 50, after: $after) {
    totalCount
    pageInfo {
      hasNextPage
      endCursor
    }
    nodes {
      id
      name
      description
      versionCount
      updatedAt
      aliases {
        alias
        version {
          version
          withdrawnData {
            label
            reason
          }
        }
      }
      latestVersion {
        version
        withdrawnData {
          label
          reason
        }
      }
    }
  }
}
    `) as unknown as TypedDocumentString<ModelsQuery, ModelsQueryVariables>;
export const ViewerDocument = new TypedDocumentString(`
    query Viewer {
  viewer {
    name
    scope
    isLocal
    workspace {
      name
    }
  }
}
    `) as unknown as TypedDocumentString<ViewerQuery, ViewerQueryVariables>;