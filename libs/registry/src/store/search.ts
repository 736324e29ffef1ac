import type { Queryable } from '@throughline/database';

import type { CompiledSearch, SearchResult } from '../search/query.ts';
import type { ModelVersion, RegisteredModel } from '../types.ts';
import type { ModelRow, VersionRow } from './rows.ts';
import { MODEL_COLUMNS, toModel, toVersion, VERSION_COLUMNS, VERSION_FROM } from './rows.ts';

export async function selectModels(db: Queryable, search: CompiledSearch): Promise<SearchResult<RegisteredModel>> {
  const from = `registered_model m WHERE m.workspace_id = $1 AND m.deleted_at IS NULL`;
  return pageOf(await select<ModelRow>(db, MODEL_COLUMNS, from, search), search, toModel);
}

export async function selectVersions(db: Queryable, search: CompiledSearch): Promise<SearchResult<ModelVersion>> {
  const from = `${VERSION_FROM} WHERE v.workspace_id = $1 AND v.deleted_at IS NULL`;
  return pageOf(await select<VersionRow>(db, VERSION_COLUMNS, from, search), search, toVersion);
}

type Keyed<Row> = Row & { sort_key: (string | number)[] };

/** One row more than the page, which only says that there are more; each with its sort key. */
function select<Row extends object>(db: Queryable, columns: string, from: string, search: CompiledSearch): Promise<Keyed<Row>[]> {
  const key = `json_build_array(${search.keys.map((column) => column.sql).join(', ')}) AS sort_key`;
  const limit = `LIMIT $${search.values.length + 1}`;
  return db.sql<Keyed<Row>>(`SELECT ${columns}, ${key} FROM ${from}\n${search.where}\nORDER BY ${search.orderBy} ${limit}`, [
    ...search.values,
    search.limit + 1,
  ]);
}

function pageOf<Row extends object, T>(rows: readonly Keyed<Row>[], search: CompiledSearch, toItem: (row: Row) => T): SearchResult<T> {
  const page = rows.slice(0, search.limit);
  const last = page.at(-1);
  const more = rows.length > search.limit && last !== undefined;
  return { items: page.map(toItem), nextPageToken: more ? search.tokenOf(last.sort_key) : null };
}
