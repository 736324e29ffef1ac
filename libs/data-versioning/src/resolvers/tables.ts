// Tables of versions, as the schema shows them.

import type { GraphqlContext, TypeResolvers } from '@throughline/graphql';
import { callOf, problemOf, toConnection } from '@throughline/graphql';
import { pageRequest } from '@throughline/kernel';

import type { DataVersioning } from '../data-versioning.ts';
import { picturePath } from '../files.ts';
import type { Loaders } from '../loaders.ts';
import type { ProfileProblem } from '../store/profiles.ts';
import { DEFAULT_SAMPLE } from '../tables/differences.ts';
import { DEFAULT_ROWS } from '../tables/previews.ts';
import type { FilePreview } from '../tables/previews.ts';
import type { DatasetTable, ProfileState } from '../tables/profiles.ts';
import { QUANTILES } from '../tables/types.ts';
import type { ColumnProfile, TableProfile } from '../tables/types.ts';
import type { DatasetVersion } from '../types.ts';
import type { PageArgs } from './present.ts';

/** Profiles are large: a page of them stays small enough to be sent. */
const MAX_TABLES_PAGE = 100;

/** A table with the version that it is asked of. */
interface TableOfVersion {
  table: DatasetTable;
  versionId: string;
}

export function tablesOfVersion(domain: DataVersioning, loaders: Loaders): TypeResolvers {
  const present = (version: DatasetVersion) => (table: DatasetTable) => ({
    path: table.file.path,
    format: table.kind.format.toUpperCase(),
    sizeBytes: table.file.sizeBytes,
    table,
    versionId: version.id,
  });
  return {
    async tables(version: DatasetVersion, args: PageArgs, context: GraphqlContext) {
      const { first, after } = pageRequest(args, MAX_TABLES_PAGE);
      const found = await loaders.tables(context, { id: version.manifestId, first, after });
      // A tombstone's files may have been collected.
      return toConnection(found ?? { items: [], cursorOf: () => '', hasNextPage: false }, present(version), after);
    },

    async table(version: DatasetVersion, { path }: { path: string }, context: GraphqlContext) {
      const table = await domain.profiles.findTable(callOf(context), version, path);
      return table === null ? null : present(version)(table);
    },

    async preview(version: DatasetVersion, { path, rows }: { path: string; rows?: number | null }, context: GraphqlContext) {
      return presentPreview(version, await domain.previews.preview(callOf(context), version, path, rows ?? DEFAULT_ROWS));
    },
  };
}

export function tableResolvers(domain: DataVersioning, loaders: Loaders): TypeResolvers {
  const stateOf = async ({ table, versionId }: TableOfVersion, context: GraphqlContext): Promise<ProfileState> => {
    const row = await loaders.profileRow(context, table.key);
    const isRequested = row === null && (await loaders.profileRequested(context, versionId)) === true;
    return domain.profiles.stateOf(table, { row, isRequested });
  };
  return {
    state: async (table: TableOfVersion, _: unknown, context: GraphqlContext) => (await stateOf(table, context)).state,
    problem: async (table: TableOfVersion, _: unknown, context: GraphqlContext) => presentProblem((await stateOf(table, context)).problem),
    profiledAt: async (table: TableOfVersion, _: unknown, context: GraphqlContext) => (await stateOf(table, context)).profiledAt,
    profile: async ({ table }: TableOfVersion, _: unknown, context: GraphqlContext) => {
      const profile = await loaders.profile(context, table.key);
      return profile === null ? null : presentProfile(profile);
    },
  };
}

export function tableQueries({ versions, tableDifferences }: DataVersioning): TypeResolvers {
  return {
    async tableDiff(_: unknown, args: TableDiffArgs, context: GraphqlContext) {
      const call = callOf(context);
      const { path, fromPath } = { path: args.path, fromPath: args.fromPath ?? args.path };
      const [from, to] = await Promise.all([versions.getByRef(call, args.from), versions.getByRef(call, args.to)]);
      const question = { path, fromPath, key: args.key ?? [], sample: args.sample ?? DEFAULT_SAMPLE };
      const found = await tableDifferences.compare(call, from, to, question);
      const changedColumns = found.changedColumns.map(({ name, rows }) => ({ name, rowCount: rows }));
      return { ...found, path, fromPath, changedColumns };
    },
  };
}

interface TableDiffArgs {
  from: string;
  to: string;
  path: string;
  fromPath?: string | null;
  key?: readonly string[] | null;
  sample?: number | null;
}

function presentProblem(problem: ProfileProblem | null) {
  return problem === null ? null : { ...problem, details: null };
}

function presentProfile(profile: TableProfile) {
  return { ...profile, format: profile.format.toUpperCase(), columns: profile.columns.map(presentColumn) };
}

function presentColumn(column: ColumnProfile) {
  const quantiles = column.quantiles.flatMap((value, index) => {
    const level = QUANTILES[index];
    return level === undefined ? [] : [{ level, value }];
  });
  return { ...column, kind: column.kind.toUpperCase(), quantiles };
}

function presentPreview(version: DatasetVersion, { table, text, picture, problem, ...preview }: FilePreview) {
  return {
    ...preview,
    columns: table?.columns ?? [],
    columnCount: table?.columnCount ?? 0,
    rows: table?.rows ?? [],
    hasMoreRows: table?.hasMoreRows ?? false,
    text: text?.text ?? null,
    hasMoreText: text?.hasMore ?? false,
    width: picture?.width ?? null,
    height: picture?.height ?? null,
    address: picture === null ? null : picturePath(version, preview.path),
    problem: problem === null ? null : problemOf(problem),
  };
}
