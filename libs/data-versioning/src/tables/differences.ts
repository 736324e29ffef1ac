// Differences of tables between versions: both files are stored beside the reader, which compares them. Files of the same bytes are the same without it.

import type { Call } from '@throughline/database';
import { DomainError, invalid } from '@throughline/kernel';

import type { Parts } from '../parts.ts';
import type { DatasetVersion } from '../types.ts';
import type { Gate } from './gate.ts';
import { fileNotFound } from './previews.ts';
import type { DatasetTable, Profiles } from './profiles.ts';
import { askTables, QUESTION_LIMITS } from './run.ts';
import { saveTable } from './scratch.ts';
import type { Scratch } from './scratch.ts';
import type { TableDiff } from './types.ts';

export interface TableQuestion {
  path: string;
  /** Where the first version has it. */
  fromPath: string;
  /** Columns by which rows are recognised; empty: found. */
  key: readonly string[];
  /** How many rows of each kind of change are told. */
  sample: number;
}

/** Without counts of rows where nothing had to be read to know that nothing changed. */
export type TableDifference = Omit<TableDiff, 'rowsBefore' | 'rowsAfter'> & {
  rowsBefore: number | null;
  rowsAfter: number | null;
  isSame: boolean;
};

export interface TableDifferences {
  /**
   * Throws `not_found` FILE_NOT_FOUND where either version has no such file, `invalid` NOT_A_TABLE, TABLE_UNREADABLE or INVALID_SAMPLE, `exhausted`
   * TABLE_TOO_LARGE, `unavailable` TABLES_BUSY.
   */
  compare(call: Call, from: DatasetVersion, to: DatasetVersion, question: TableQuestion): Promise<TableDifference>;
}

export const DEFAULT_SAMPLE = 20;
const MAX_SAMPLE = 100;
const MAX_KEY = 20;
/** The largest file that somebody can wait for. */
const SIDE_BYTES = 512 * 2 ** 20;

/** `signal` ends what is being compared. */
export function createTableDifferences(
  { content }: Pick<Parts, 'content'>,
  { profiles, scratch, gate, signal }: { profiles: Profiles; scratch: Scratch; gate: Gate; signal: AbortSignal },
): TableDifferences {
  const tableAt = async (call: Call, version: DatasetVersion, path: string): Promise<DatasetTable> => {
    const table = await profiles.findTable(call, version, path);
    if (table !== null) return table;
    if ((await content.findEntry(call, version.manifestId, path)) === null) throw fileNotFound(version, path);
    throw invalid('NOT_A_TABLE', `${JSON.stringify(path.slice(0, 200))} is no table by its name.`, {
      hint: 'Tables end in .csv, .tsv, .json, .jsonl, .parquet, .arrow or .feather; the first three kinds also in .gz behind that.',
    });
  };

  const same = async (call: Call, table: DatasetTable): Promise<TableDifference> => {
    const [profile = null] = await profiles.results(call, [table.key]);
    const rows = profile?.rowCount ?? null;
    const nothing = {
      columns: [],
      key: [],
      addedRows: 0,
      removedRows: 0,
      changedRows: 0,
      changedColumns: [],
      sampleColumns: [],
      sample: [],
    };
    return { ...nothing, isSame: true, rowsBefore: rows, rowsAfter: rows, notes: [] };
  };

  return {
    async compare(call, from, to, { path, fromPath, key, sample }) {
      if (!Number.isInteger(sample) || sample < 0 || sample > MAX_SAMPLE) {
        throw invalid('INVALID_SAMPLE', `'sample' must be a whole number from 0 to ${MAX_SAMPLE}; it was ${sample}.`);
      }
      if (key.length > MAX_KEY) throw invalid('INVALID_KEY', `A key has at most ${MAX_KEY} columns; ${key.length} were given.`);
      const before = await tableAt(call, from, fromPath);
      const after = await tableAt(call, to, path);
      if (before.key.sha256 === after.key.sha256 && before.key.format === after.key.format) return same(call, after);
      for (const { file } of [before, after]) if (file.sizeBytes > SIDE_BYTES) throw tooLargeToCompare(file.path);
      return gate(() =>
        scratch.use(async (folder) => {
          const save = async (name: string, { file: { sha256, sizeBytes }, kind }: DatasetTable) =>
            saveTable(folder, name, { kind, sizeBytes, body: (await content.openBlob(call, sha256)).body, signal });
          const files = { before: await save('before', before), after: await save('after', after) };
          const found = await askTables({ kind: 'diff', folder, ...files, key, sample }, { limits: QUESTION_LIMITS, signal });
          return { ...found, isSame: false };
        }),
      );
    },
  };
}

function tooLargeToCompare(path: string): DomainError {
  return new DomainError({
    kind: 'exhausted',
    code: 'TABLE_TOO_LARGE',
    message: `${JSON.stringify(path.slice(0, 200))} is too large: tables are compared up to ${SIDE_BYTES / 2 ** 20} MB.`,
    hint: 'Compare their profiles, or what both hold where they were downloaded.',
  });
}
