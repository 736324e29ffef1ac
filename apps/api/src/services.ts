// What the edges are given: the domains, the bytes, and the commands that join them.

import type { Access } from '@throughline/access';
import type { Content } from '@throughline/content';
import type { DataVersioning } from '@throughline/data-versioning';
import type { Database } from '@throughline/database';
import type { Lineage } from '@throughline/lineage';
import type { Registry } from '@throughline/registry';
import type { Tracking } from '@throughline/tracking';

import type { Commands } from './commands/index.ts';

export interface Services {
  database: Database;
  content: Content;
  access: Access;
  tracking: Tracking;
  registry: Registry;
  data: DataVersioning;
  lineage: Lineage;
  commands: Commands;
}
