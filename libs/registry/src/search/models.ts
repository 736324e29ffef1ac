import type { Queryable } from '@throughline/database';

import { selectModels } from '../store/search.ts';
import type { RegisteredModel } from '../types.ts';
import { compileSearch } from './query.ts';
import type { SearchQuery, SearchResult, SearchSpec } from './query.ts';

const name = { sql: 'm.name', type: 'text', lists: true } as const;
const updated = { sql: 'm.updated_at_ms', type: 'bigint' } as const;

const SPEC: SearchSpec = {
  filterable: { name },
  // MLflow's `timestamp` is when it was last updated, too.
  orderable: { name, timestamp: updated, last_updated_timestamp: updated },
  defaultOrder: [],
  tieBreak: [{ key: 'name', ascending: true }],
  tags: { table: 'registered_model_tag', owner: 'model_id', id: 'm.id' },
  defaultResults: 100,
  maxResults: 1_000,
  pageLimit: 1_000,
};

/** Live models as MLflow's search finds them. */
export async function searchModels(db: Queryable, workspaceId: string, query: SearchQuery): Promise<SearchResult<RegisteredModel>> {
  return selectModels(db, compileSearch(SPEC, workspaceId, query));
}
