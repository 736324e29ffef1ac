export type {
  Dependency,
  HashName,
  ObjectId,
  Output,
  Proxies,
  Reporter,
  Stage,
  Surroundings,
  Task,
  Tree,
  TreeEntry,
  Unit,
} from './types.ts';
export { parseDvcFile, printDvcFile, stageOfDvcFile, updateDvcFile } from './formats/dvc-file.ts';
export type { DependencyEntry, DvcFile, OutputEntry } from './formats/dvc-file.ts';
export { decodeManifest, encodeManifest, manifestId, sortTree } from './formats/manifest.ts';
export { isObjectId, isSameObject, objectOfPath, objectPath, parseObjectId, printObjectId } from './formats/object-id.ts';
export { checkPath, comparePaths, flawOfPath, folderOf, isInside, joinPaths, nameOf } from './formats/paths.ts';
export { openRepository, openRepositoryAt } from './repository/repository.ts';
export { writeDvcFile } from './repository/write.ts';
export type { LinkType, Repository } from './repository/repository.ts';
export { collectStages } from './repository/stages.ts';
export type { CollectOptions, CollectedStages } from './repository/stages.ts';
export { add } from './verbs/add.ts';
export type { AddedOutput, AddOptions, AddResult } from './verbs/add-options.ts';
export { createHttpClient, textOf } from './remotes/http-client.ts';
export { fetch } from './verbs/fetch.ts';
export type { FetchOptions, FetchResult } from './verbs/fetch.ts';
export { gc } from './verbs/gc.ts';
export type { GcOptions, GcPart, GcPlan, GcResult } from './verbs/gc.ts';
export { get } from './verbs/get.ts';
export type { GetOptions, GetResult } from './verbs/get.ts';
export { list } from './verbs/list.ts';
export type { ListedEntry, ListOptions } from './verbs/list.ts';
export { log } from './verbs/log.ts';
export type { LogChange, LogEntry, LogOptions } from './verbs/log.ts';
export { push } from './verbs/push.ts';
export type { PushOptions, PushResult } from './verbs/push.ts';
export { register } from './verbs/register.ts';
export type { RegisteredDataset, RegisterOptions, RegisterResult } from './verbs/register.ts';
export { closest } from './formats/closest.ts';
export { isSecretOption, remoteOptions, settingNames } from './formats/config-options.ts';
export { CONFIG_LEVELS } from './repository/config.ts';
export type { ConfigLevel } from './repository/config.ts';
export { findRepositoryRoot } from './repository/repository.ts';
export { matchesTarget } from './repository/stages.ts';
export type { Unreadable } from './repository/stages.ts';
export { cacheDir } from './verbs/cache-dir.ts';
export type { CacheDirOptions } from './verbs/cache-dir.ts';
export { checkIgnore } from './verbs/check-ignore.ts';
export type { CheckIgnoreResult } from './verbs/check-ignore.ts';
export { config, settingProblems } from './verbs/config.ts';
export type { ConfigOptions, ConfigResult } from './verbs/config.ts';
export { init } from './verbs/init.ts';
export type { InitOptions, InitResult } from './verbs/init.ts';
export { addRemote, defaultRemote, listRemotes, modifyRemote, removeRemote, renameRemote } from './verbs/remote.ts';
export type { AddRemoteOptions, DefaultRemoteOptions, ModifyRemoteOptions, RemoteResult } from './verbs/remote.ts';
export { getUrl } from './verbs/get-url.ts';
export type { GetUrlOptions, GetUrlResult } from './verbs/get-url.ts';
export { importData } from './verbs/import.ts';
export type { ImportOptions, ImportResult } from './verbs/import.ts';
export { importUrl } from './verbs/import-url.ts';
export type { ImportUrlOptions } from './verbs/import-url.ts';
export { listUrl } from './verbs/list-url.ts';
export type { ListedUrlEntry, ListUrlOptions } from './verbs/list-url.ts';
export { dataStatus } from './verbs/data-status.ts';
export type { DataChanges, DataStatusOptions, DataStatusResult } from './verbs/data-status.ts';
export { diff } from './verbs/diff.ts';
export type { DiffEntry, DiffOptions, DiffResult } from './verbs/diff.ts';
export { status, statusOfRemote } from './verbs/status.ts';
export type { PathStatus, StageStatus, StatusOptions, StatusResult } from './verbs/status.ts';
export { update } from './verbs/update.ts';
export type { UpdatedImport, UpdateOptions } from './verbs/update.ts';
export { cacheMigrate } from './verbs/cache-migrate.ts';
export type { CacheMigrateOptions, CacheMigrateResult } from './verbs/cache-migrate.ts';
export { checkout } from './verbs/checkout.ts';
export type { CheckoutFailure, CheckoutResult, CheckoutVerbOptions } from './verbs/checkout.ts';
export { commit } from './verbs/commit.ts';
export type { CommitOptions, CommitResult, CommittedStage } from './verbs/commit.ts';
export { doctor } from './verbs/doctor.ts';
export type { DoctorProblem, DoctorResult } from './verbs/doctor.ts';
export { install } from './verbs/install.ts';
export type { InstallOptions, InstallResult } from './verbs/install.ts';
export { mergeDriver } from './verbs/merge-driver.ts';
export type { MergeDriverOptions, MergeResult } from './verbs/merge-driver.ts';
export { move } from './verbs/move.ts';
export type { MoveOptions, MoveResult } from './verbs/move.ts';
export { remove } from './verbs/remove.ts';
export type { RemoveOptions, RemoveResult } from './verbs/remove.ts';
export { unprotect } from './verbs/unprotect.ts';
export type { UnprotectOptions, UnprotectResult } from './verbs/unprotect.ts';
export { destroy } from './verbs/destroy.ts';
export type { DestroyOptions, DestroyResult } from './verbs/destroy.ts';
export { buildOutput } from './objects/build.ts';
export type { Built, BuildOptions, BuiltFile, BuiltFolder } from './objects/build.ts';
export { openCache, readTree } from './objects/cache.ts';
export type { Cache, StoredObject } from './objects/cache.ts';
export { checkoutOutput } from './objects/checkout.ts';
export type { CheckoutChange, CheckoutOptions } from './objects/checkout.ts';
export { compareTrees } from './objects/compare.ts';
export type { TreeChanges } from './objects/compare.ts';
export { hashFile } from './objects/hash.ts';
export { pull } from './verbs/pull.ts';
export type { PullOptions, PullResult } from './verbs/pull.ts';
