import type { Content } from '@throughline/content';
import type { Database } from '@throughline/database';
import type { Clock } from '@throughline/kernel';

import type { Store } from './store/store.ts';

/** What every noun of the domain is made from. */
export interface Parts {
  database: Database;
  content: Content;
  clock: Clock;
  store: Store;
}
