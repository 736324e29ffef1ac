import type { Queryable } from '@throughline/database';

import { selectVersions } from '../store/search.ts';
import type { ModelVersion } from '../types.ts';
import { compileSearch } from './query.ts';
import type { SearchQuery, SearchResult, SearchSpec } from './query.ts';

const name = { sql: 'm.name', type: 'text', lists: true } as const;
const number = { sql: 'v.version', type: 'bigint' } as const;
const updated = { sql: 'v.updated_at_ms', type: 'bigint' } as const;

const SPEC: SearchSpec = {
  filterable: {
    name,
    version_number: number,
    // A version without a run has an empty one, as in MLflow, so that != finds it.
    run_id: { sql: "coalesce(v.source_run_id, '')", type: 'text', lists: true },
    source_path: { sql: 'v.source', type: 'text' },
  },
  orderable: {
    name,
    version_number: number,
    creation_timestamp: { sql: 'v.created_at_ms', type: 'bigint' },
    last_updated_timestamp: updated,
  },
  defaultOrder: [{ key: 'last_updated_timestamp', ascending: false }],
  tieBreak: [
    { key: 'name', ascending: true },
    { key: 'version_number', ascending: false },
  ],
  tags: { table: 'model_version_tag', owner: 'version_id', id: 'v.id' },
  defaultResults: 10_000,
  maxResults: 200_000,
  pageLimit: 10_000,
};

/** Live versions as MLflow's search finds them. */
export async function searchVersions(db: Queryable, workspaceId: string, query: SearchQuery): Promise<SearchResult<ModelVersion>> {
  return selectVersions(db, compileSearch(SPEC, workspaceId, query));
}
