// What the parts of one import share.

import type { Call } from '@throughline/database';

import type { Services } from '../services.ts';
import type { ImportReport } from './report.ts';
import type { Source } from './source.ts';

export interface ImportOptions {
  /** Only experiments of these names, without the registry; null for all. */
  experiments: readonly string[] | null;
  /** Whether files come along. */
  files: boolean;
  /** Counts what would come, and writes nothing. */
  dryRun: boolean;
  /** Ends the import behind what is under way. */
  signal?: AbortSignal | undefined;
  /** Runs that are done, of those that there are. */
  onProgress?: ((done: number, total: number) => void) | undefined;
}

/** What every part of an import is given. */
export interface Importing {
  services: Services;
  call: Call;
  source: Source;
  options: ImportOptions;
  report: ImportReport;
}
