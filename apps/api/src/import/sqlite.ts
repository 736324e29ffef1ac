// Reads the SQLite file of an MLflow server (mlflow/store/tracking/dbmodels/models.py, model_registry/dbmodels/models.py), read-only. Its schema
// grew over the years: tables and columns that an older file lacks are taken as empty, so that files of 1.x to 3.x are read by one reader.

import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { SQLInputValue } from 'node:sqlite';

import { DomainError } from '@throughline/kernel';
import type { KeyValue } from '@throughline/tracking';

import { checkHasNone, folderWithin, localPathOf, usualPlaceOf, walkFiles } from './local-files.ts';
import { badSource, lifecycleOf, loggedModelStatusOf, POINTS_AT_ONCE, readItem, runStatusOf, stageOf } from './source.ts';
import type {
  FileOwner,
  Source,
  SourceDataset,
  SourceExperiment,
  SourceLoggedModel,
  SourcePoint,
  SourceRegisteredModel,
  SourceRun,
  SourceVersion,
} from './source.ts';
import { number, numberOrNull, text, textOrNull } from './values.ts';

type Row = Readonly<Record<string, unknown>>;

/** The workspace that a server without workspaces works in. */
const DEFAULT_WORKSPACE = 'default';

/** How long to wait for a writer. */
const BUSY_MS = 30_000;
/** Of SQLite's result codes: the file is held by others. */
const HELD: ReadonlySet<unknown> = new Set([5, 6]);

/** What went wrong in a file, as an error of the source's: what is held now may be free the next time, what is broken stays broken. */
function sourceError(path: string, error: unknown): unknown {
  if (!(error instanceof Error) || error instanceof DomainError) return error;
  if (!HELD.has(Reflect.get(error, 'errcode'))) return badSource(`${path} cannot be read: ${error.message}.`);
  return new DomainError({
    kind: 'unavailable',
    code: 'SOURCE_UNAVAILABLE',
    message: `${path} is held by another process: ${error.message}.`,
    hint: 'Run the import again when its server has less to do, or stop it meanwhile; what was copied is not copied twice.',
  });
}

function open(path: string): DatabaseSync {
  if (!existsSync(path)) throw badSource(`There is no file ${path}.`);
  try {
    // Its server may be writing meanwhile.
    const database = new DatabaseSync(path, { readOnly: true, timeout: BUSY_MS });
    database.prepare('SELECT 1 FROM sqlite_schema').get();
    return database;
  } catch (error) {
    throw badSource(`${path} is no SQLite file that can be read: ${error instanceof Error ? error.message : String(error)}.`);
  }
}

/** Opens a server's SQLite file. Throws `invalid` BAD_SOURCE where it is none. */
export function openSqlite(path: string, artifactRoots: readonly string[]): Source {
  const file = resolve(path);
  const database = open(file);
  const columns = new Map<string, ReadonlySet<string>>();
  const columnsOf = (table: string): ReadonlySet<string> => {
    const known = columns.get(table) ?? new Set(all(`SELECT name FROM pragma_table_info('${table}')`).map((row) => text(row['name'])));
    columns.set(table, known);
    return known;
  };
  const all = (sql: string, ...values: SQLInputValue[]): Row[] => {
    try {
      return database.prepare(sql).all(...values);
    } catch (error) {
      throw sourceError(path, error);
    }
  };
  const has = (table: string, column?: string) => (column === undefined ? columnsOf(table).size > 0 : columnsOf(table).has(column));
  /** A column, or null where this file's table has none. */
  const column = (table: string, name: string) => (has(table, name) ? name : `NULL AS ${name}`);
  const ofWorkspace = (table: string) => (has(table, 'workspace') ? `workspace = '${DEFAULT_WORKSPACE}'` : 'true');
  const keyValues = (rows: readonly Row[]): KeyValue[] => rows.map((row) => ({ key: text(row['key']), value: text(row['value'] ?? '') }));

  if (!has('experiments') || !has('runs')) {
    database.close();
    throw badSource(`${path} holds no experiments and runs: it is no tracking database.`);
  }
  const roots = [dirname(file), ...artifactRoots];

  function inputsOf(runId: string): SourceDataset[] {
    if (!has('inputs')) return [];
    const rows = all(
      `SELECT i.input_uuid AS input, d.name, d.digest, d.dataset_source_type AS type, d.dataset_source AS source, d.dataset_schema AS schema,
         d.dataset_profile AS profile
       FROM inputs i JOIN datasets d ON d.dataset_uuid = i.source_id
       WHERE i.source_type = 'DATASET' AND i.destination_type = 'RUN' AND i.destination_id = ? ORDER BY i.input_uuid`,
      runId,
    );
    return rows.map((row) => ({
      name: text(row['name']),
      digest: text(row['digest']),
      sourceType: text(row['type']),
      source: text(row['source']),
      schema: textOrNull(row['schema']),
      profile: textOrNull(row['profile']),
      tags: keyValues(all(`SELECT name AS key, value FROM input_tags WHERE input_uuid = ? ORDER BY name`, text(row['input']))),
    }));
  }

  function modelLinksOf(runId: string): Pick<SourceRun, 'modelInputs' | 'modelOutputs'> {
    if (!has('inputs')) return { modelInputs: [], modelOutputs: [] };
    const inputs = all(
      `SELECT source_id AS id FROM inputs WHERE source_type = 'MODEL' AND destination_type = 'RUN' AND destination_id = ?
       UNION SELECT destination_id FROM inputs WHERE source_type = 'RUN' AND source_id = ? AND destination_type = 'MODEL_INPUT'`,
      runId,
      runId,
    );
    const outputs = all(
      `SELECT destination_id AS id, ${column('inputs', 'step')} FROM inputs
       WHERE source_type = 'RUN_OUTPUT' AND source_id = ? AND destination_type = 'MODEL_OUTPUT' ORDER BY destination_id`,
      runId,
    );
    return {
      modelInputs: inputs.map((row) => text(row['id'])),
      modelOutputs: outputs.map((row) => ({ modelId: text(row['id']), step: number(row['step'] ?? 0) })),
    };
  }

  function loggedModelOf(row: Row): SourceLoggedModel {
    const modelId = text(row['model_id']);
    return {
      modelId,
      experimentId: text(row['experiment']),
      name: text(row['name']),
      modelType: textOrNull(row['model_type']),
      status: loggedModelStatusOf(row['status']),
      statusMessage: textOrNull(row['status_message']),
      sourceRunId: textOrNull(row['source_run_id']),
      createdAtMs: number(row['creation_timestamp_ms']),
      updatedAtMs: number(row['last_updated_timestamp_ms']),
      lifecycle: lifecycleOf(row['lifecycle_stage']),
      artifactUri: text(row['artifact_location'] ?? ''),
      params: keyValues(
        all(`SELECT param_key AS key, param_value AS value FROM logged_model_params WHERE model_id = ? ORDER BY 1`, modelId),
      ),
      tags: keyValues(all(`SELECT tag_key AS key, tag_value AS value FROM logged_model_tags WHERE model_id = ? ORDER BY 1`, modelId)),
      metrics: all(
        `SELECT metric_name, metric_timestamp_ms, metric_step, metric_value, run_id, dataset_name, dataset_digest
         FROM logged_model_metrics WHERE model_id = ?`,
        modelId,
      ).map((metric) => ({
        key: text(metric['metric_name']),
        // A NaN has no place in SQLite's doubles, and comes back as nothing.
        value: metric['metric_value'] === null ? Number.NaN : number(metric['metric_value']),
        timestampMs: number(metric['metric_timestamp_ms']),
        step: number(metric['metric_step']),
        runId: text(metric['run_id']),
        datasetName: textOrNull(metric['dataset_name']),
        datasetDigest: textOrNull(metric['dataset_digest']),
      })),
    };
  }

  function runOf(runId: string, experimentId: string): SourceRun | null {
    const [row] = all(
      `SELECT name, user_id, status, start_time, end_time, lifecycle_stage, artifact_uri,
         (SELECT count(*) FROM metrics WHERE run_uuid = runs.run_uuid) AS points FROM runs WHERE run_uuid = ?`,
      runId,
    );
    // Removed since the ids were read.
    if (row === undefined) return null;
    const tags = keyValues(all(`SELECT key, value FROM tags WHERE run_uuid = ? ORDER BY key`, runId));
    return {
      runId,
      experimentId,
      name: tags.find(({ key }) => key === 'mlflow.runName')?.value ?? text(row['name'] ?? ''),
      userId: text(row['user_id'] ?? ''),
      status: runStatusOf(row['status']),
      startTimeMs: number(row['start_time'] ?? 0),
      endTimeMs: numberOrNull(row['end_time']),
      lifecycle: lifecycleOf(row['lifecycle_stage']),
      artifactUri: text(row['artifact_uri'] ?? ''),
      params: keyValues(all(`SELECT key, value FROM params WHERE run_uuid = ? ORDER BY key`, runId)),
      tags,
      pointsMark: text(row['points']),
      inputs: inputsOf(runId),
      ...modelLinksOf(runId),
    };
  }

  /** The rows of a run's points, one by one: there may be millions. */
  function* pointsOf(sql: string, runId: string): Generator<Row> {
    try {
      yield* database.prepare(sql).iterate(runId);
    } catch (error) {
      throw sourceError(path, error);
    }
  }

  return {
    title: `the SQLite file ${path}`,
    width: 4,

    async *experiments(): AsyncGenerator<SourceExperiment> {
      const rows = all(
        `SELECT CAST(experiment_id AS TEXT) AS id, name, lifecycle_stage, ${column('experiments', 'creation_time')}, ${column('experiments', 'last_update_time')}
         FROM experiments WHERE ${ofWorkspace('experiments')} ORDER BY experiment_id`,
      );
      for (const row of rows) {
        const experimentId = text(row['id']);
        const tags = has('experiment_tags')
          ? all(`SELECT key, value FROM experiment_tags WHERE CAST(experiment_id AS TEXT) = ? ORDER BY key`, experimentId)
          : [];
        yield {
          experimentId,
          name: text(row['name']),
          lifecycle: lifecycleOf(row['lifecycle_stage']),
          createdAtMs: numberOrNull(row['creation_time']),
          updatedAtMs: numberOrNull(row['last_update_time']),
          tags: keyValues(tags),
        };
      }
    },

    async countRuns(experimentId) {
      return number(all(`SELECT count(*) AS count FROM runs WHERE experiment_id = CAST(? AS INTEGER)`, experimentId)[0]?.['count']);
    },

    async *runs(experimentId) {
      // The ids first, and then each by itself: memory follows one run, and no statement that is open keeps the server from writing.
      const ids = all(
        `SELECT run_uuid AS id FROM runs WHERE experiment_id = CAST(? AS INTEGER) ORDER BY start_time, run_uuid`,
        experimentId,
      );
      for (const { id } of ids) {
        const runId = text(id);
        const run = await readItem(`run ${runId}`, () => runOf(runId, experimentId));
        if (run !== null) yield run;
      }
    },

    async *points({ runId }): AsyncGenerator<SourcePoint[]> {
      const nan = has('metrics', 'is_nan') ? 'is_nan' : '0 AS is_nan';
      const step = has('metrics', 'step') ? 'step' : '0 AS step';
      let points: SourcePoint[] = [];
      for (const row of pointsOf(`SELECT key, value, timestamp, ${step}, ${nan} FROM metrics WHERE run_uuid = ?`, runId)) {
        points.push({
          key: text(row['key']),
          value: row['is_nan'] === 1 || row['value'] === null ? Number.NaN : number(row['value']),
          timestampMs: number(row['timestamp']),
          step: number(row['step'] ?? 0),
        });
        if (points.length < POINTS_AT_ONCE) continue;
        yield points;
        points = [];
      }
      if (points.length > 0) yield points;
    },

    async *loggedModels(experimentId) {
      if (!has('logged_models')) return;
      const rows = all(
        `SELECT model_id, CAST(experiment_id AS TEXT) AS experiment, name, artifact_location, creation_timestamp_ms, last_updated_timestamp_ms, status,
           lifecycle_stage, model_type, source_run_id, status_message
         FROM logged_models WHERE CAST(experiment_id AS TEXT) = ? ORDER BY creation_timestamp_ms, model_id`,
        experimentId,
      );
      for (const row of rows) yield await readItem(`logged model ${text(row['model_id'])}`, () => loggedModelOf(row));
    },

    async *registeredModels(): AsyncGenerator<SourceRegisteredModel> {
      if (!has('registered_models')) return;
      for (const row of all(`SELECT * FROM registered_models WHERE ${ofWorkspace('registered_models')} ORDER BY creation_time, name`)) {
        const name = text(row['name']);
        const tags = all(
          `SELECT key, value FROM registered_model_tags WHERE name = ? AND ${ofWorkspace('registered_model_tags')} ORDER BY key`,
          name,
        );
        const aliases = has('registered_model_aliases')
          ? all(
              `SELECT alias, version FROM registered_model_aliases WHERE name = ? AND ${ofWorkspace('registered_model_aliases')} ORDER BY alias`,
              name,
            )
          : [];
        yield {
          name,
          description: text(row['description'] ?? ''),
          createdAtMs: number(row['creation_time'] ?? 0),
          updatedAtMs: number(row['last_updated_time'] ?? 0),
          tags: keyValues(tags),
          aliases: aliases.map((alias) => ({ alias: text(alias['alias']), version: number(alias['version']) })),
        };
      }
    },

    async *versions(name): AsyncGenerator<SourceVersion> {
      for (const row of all(`SELECT * FROM model_versions WHERE name = ? AND ${ofWorkspace('model_versions')} ORDER BY version`, name)) {
        const version = number(row['version']);
        const source = text(row['source'] ?? '');
        const tags = all(
          `SELECT key, value FROM model_version_tags WHERE name = ? AND version = ? AND ${ofWorkspace('model_version_tags')} ORDER BY key`,
          name,
          version,
        );
        yield {
          version,
          description: text(row['description'] ?? ''),
          userId: textOrNull(row['user_id']),
          stage: stageOf(row['current_stage']),
          source,
          runId: textOrNull(row['run_id']),
          runLink: textOrNull(row['run_link']),
          modelId: /^models:\/(m-[0-9a-f]{32})$/.exec(source)?.[1] ?? null,
          storageLocation: textOrNull(row['storage_location']),
          createdAtMs: number(row['creation_time'] ?? 0),
          updatedAtMs: number(row['last_updated_time'] ?? 0),
          tags: keyValues(tags),
        };
      }
    },

    async *files(owner: FileOwner) {
      const named = localPathOf(owner.artifactUri, dirname(file));
      const elsewhere = artifactRoots.map((place) => join(place, usualPlaceOf(owner)));
      const folder = await folderWithin(roots, [...(named === null ? [] : [named]), ...elsewhere]);
      if (folder !== null) yield* walkFiles(folder);
      else await checkHasNone({ owner, named, artifactRoots });
    },

    close() {
      database.close();
      return Promise.resolve();
    },
  };
}
