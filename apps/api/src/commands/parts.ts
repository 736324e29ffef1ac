import type { Content } from '@throughline/content';
import type { DataVersioning } from '@throughline/data-versioning';
import type { Database } from '@throughline/database';
import type { Registry } from '@throughline/registry';
import type { Tracking } from '@throughline/tracking';

/** What the commands work on. */
export interface Parts {
  database: Database;
  content: Content;
  tracking: Tracking;
  registry: Registry;
  data: DataVersioning;
}
