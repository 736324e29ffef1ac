import type { Content } from '@throughline/content';
import type { Call, Database } from '@throughline/database';
import type { Clock } from '@throughline/kernel';

/** What every noun of the registry is made from. */
export interface Parts {
  database: Database;
  content: Content;
  clock: Clock;
}

/** A call outside any transaction: what is written by it is committed when it answers. */
export type SettledCall = Omit<Call, 'tx'>;
