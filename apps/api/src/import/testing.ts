// A small store of MLflow's, written in each of the two forms that it has on disk.

import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

export const MODEL_ID = `m-${'5'.repeat(32)}`;
export const RUN_ID = 'a'.repeat(32);
export const CHILD_ID = 'b'.repeat(32);
export const DELETED_ID = 'c'.repeat(32);
/** As MLflow's file store makes them: beyond what a double holds exactly. */
export const EXPERIMENT_ID = '914553033882798363';

const POINTS = [
  { key: 'loss', value: '0.5', timestamp: 1_000, step: 0 },
  { key: 'loss', value: '0.25', timestamp: 2_000, step: 1 },
  // Logged again by a client that had heard no answer.
  { key: 'loss', value: '0.25', timestamp: 2_000, step: 1 },
  { key: 'val/acc', value: 'nan', timestamp: 3_000, step: 2 },
];

/** Files below a folder, by path. */
async function writeTree(root: string, files: Readonly<Record<string, string>>): Promise<void> {
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), text);
  }
}

const run = (id: string, more: string) => `run_id: ${id}
experiment_id: '${EXPERIMENT_ID}'
user_id: ada
status: 3
start_time: 1000
end_time: 5000
${more}`;

/** Writes the store as a folder of runs. */
export async function writeFolder(root: string): Promise<void> {
  const experiment = EXPERIMENT_ID;
  await writeTree(root, {
    '0/meta.yaml': "experiment_id: '0'\nname: Default\nlifecycle_stage: active\ncreation_time: 10\nlast_update_time: 10\n",
    [`${experiment}/meta.yaml`]: `experiment_id: '${experiment}'\nname: 'yes'\nlifecycle_stage: active\ncreation_time: 100\nlast_update_time: 200\n`,
    [`${experiment}/tags/note`]: 'two\nlines',
    [`${experiment}/datasets/d1/meta.yaml`]:
      "name: penguins\ndigest: '12345678'\nsource_type: http\nsource: '{\"url\": \"https://example.com/p.csv\"}'\nschema: '{}'\nprofile: null\n",
    [`${experiment}/${RUN_ID}/meta.yaml`]: run(RUN_ID, 'run_name: first\nlifecycle_stage: active\nartifact_uri: /elsewhere/artifacts\n'),
    [`${experiment}/${RUN_ID}/params/deep/lr`]: '0.1',
    [`${experiment}/${RUN_ID}/tags/mlflow.runName`]: 'first',
    [`${experiment}/${RUN_ID}/metrics/loss`]: '1000 0.5 0\n2000 0.25 1\n2000 0.25 1\n',
    [`${experiment}/${RUN_ID}/metrics/val/acc`]: '3000 nan 2\n',
    [`${experiment}/${RUN_ID}/inputs/i1/meta.yaml`]:
      'source_type: DATASET\nsource_id: d1\ndestination_type: RUN\ndestination_id: d1\ntags:\n  mlflow.data.context: training\n',
    [`${experiment}/${RUN_ID}/outputs/o1/meta.yaml`]: `source_type: RUN_OUTPUT\nsource_id: x\ndestination_type: MODEL_OUTPUT\ndestination_id: ${MODEL_ID}\nstep: 3\ntags: {}\n`,
    [`${experiment}/${RUN_ID}/artifacts/notes/a.txt`]: 'hello',
    [`${experiment}/${CHILD_ID}/meta.yaml`]: run(CHILD_ID, 'run_name: child\nlifecycle_stage: active\nartifact_uri: /elsewhere/b\n'),
    [`${experiment}/${CHILD_ID}/tags/mlflow.parentRunId`]: RUN_ID,
    [`${experiment}/${DELETED_ID}/meta.yaml`]: run(DELETED_ID, 'run_name: gone\nlifecycle_stage: deleted\nartifact_uri: /elsewhere/c\n'),
    [`${experiment}/models/${MODEL_ID}/meta.yaml`]: `model_id: ${MODEL_ID}\nexperiment_id: '${experiment}'\nname: tree\nmodel_type: null\nstatus: 2\nstatus_message: null\nsource_run_id: ${RUN_ID}\ncreation_timestamp: 3000\nlast_updated_timestamp: 4000\nartifact_location: /elsewhere/m\n`,
    [`${experiment}/models/${MODEL_ID}/params/depth`]: '3',
    [`${experiment}/models/${MODEL_ID}/metrics/loss`]: `2000 0.25 1 ${RUN_ID} penguins 12345678\n`,
    [`${experiment}/models/${MODEL_ID}/metrics/val/acc`]: `3000 0 2 ${RUN_ID}\n`,
    [`${experiment}/models/${MODEL_ID}/artifacts/MLmodel`]: 'flavors: {}\n',
    'models/tree/meta.yaml': 'name: tree\ndescription: of decisions\ncreation_timestamp: 6000\nlast_updated_timestamp: 9000\n',
    'models/tree/tags/team': 'a',
    'models/tree/aliases/champion': '3',
    'models/tree/version-1/meta.yaml': version(1, 'Archived', `models:/${MODEL_ID}`),
    'models/tree/version-2/meta.yaml': version(2, 'Deleted_Internal', `models:/${MODEL_ID}`),
    'models/tree/version-3/meta.yaml': version(3, 'Production', `/elsewhere/${experiment}/${RUN_ID}/artifacts/notes`),
    'models/tree/version-3/tags/checked': 'by hand',
    'models/tree/version-4/meta.yaml': version(4, 'Deleted_Internal', `models:/${MODEL_ID}`),
  });
}

const version = (number: number, stage: string, source: string) => `name: tree
version: ${number}
current_stage: ${stage}
description: v${number}
user_id: ada
run_id: ${RUN_ID}
run_link: null
source: ${source}
storage_location: null
creation_timestamp: ${6_000 + number}
last_updated_timestamp: ${7_000 + number}
`;

const SCHEMA = `
  CREATE TABLE experiments (experiment_id INTEGER, name TEXT, lifecycle_stage TEXT, creation_time BIGINT, last_update_time BIGINT, workspace TEXT);
  CREATE TABLE experiment_tags (key TEXT, value TEXT, experiment_id INTEGER);
  CREATE TABLE runs (run_uuid TEXT, name TEXT, user_id TEXT, status TEXT, start_time BIGINT, end_time BIGINT, lifecycle_stage TEXT, artifact_uri TEXT, experiment_id INTEGER);
  CREATE TABLE tags (key TEXT, value TEXT, run_uuid TEXT);
  CREATE TABLE params (key TEXT, value TEXT, run_uuid TEXT);
  CREATE TABLE metrics (key TEXT, value FLOAT, timestamp BIGINT, run_uuid TEXT, step BIGINT, is_nan BOOLEAN);
  CREATE TABLE datasets (dataset_uuid TEXT, experiment_id INTEGER, name TEXT, digest TEXT, dataset_source_type TEXT, dataset_source TEXT, dataset_schema TEXT, dataset_profile TEXT);
  CREATE TABLE inputs (input_uuid TEXT, source_type TEXT, source_id TEXT, destination_type TEXT, destination_id TEXT, step BIGINT);
  CREATE TABLE input_tags (input_uuid TEXT, name TEXT, value TEXT);
  CREATE TABLE logged_models (model_id TEXT, experiment_id INTEGER, name TEXT, artifact_location TEXT, creation_timestamp_ms BIGINT, last_updated_timestamp_ms BIGINT, status INTEGER, lifecycle_stage TEXT, model_type TEXT, source_run_id TEXT, status_message TEXT);
  CREATE TABLE logged_model_metrics (model_id TEXT, metric_name TEXT, metric_timestamp_ms BIGINT, metric_step BIGINT, metric_value FLOAT, run_id TEXT, dataset_name TEXT, dataset_digest TEXT);
  CREATE TABLE logged_model_params (model_id TEXT, param_key TEXT, param_value TEXT);
  CREATE TABLE logged_model_tags (model_id TEXT, tag_key TEXT, tag_value TEXT);
  CREATE TABLE registered_models (name TEXT, creation_time BIGINT, last_updated_time BIGINT, description TEXT, workspace TEXT);
  CREATE TABLE registered_model_tags (key TEXT, value TEXT, name TEXT, workspace TEXT);
  CREATE TABLE registered_model_aliases (alias TEXT, version INTEGER, name TEXT, workspace TEXT);
  CREATE TABLE model_versions (name TEXT, version INTEGER, creation_time BIGINT, last_updated_time BIGINT, description TEXT, user_id TEXT, current_stage TEXT, source TEXT, run_id TEXT, run_link TEXT, storage_location TEXT, workspace TEXT);
  CREATE TABLE model_version_tags (key TEXT, value TEXT, name TEXT, version INTEGER, workspace TEXT);
`;

/** Writes the store as a SQLite file, its files beside it. */
export async function writeSqlite(file: string): Promise<void> {
  const folder = dirname(file);
  const artifacts = join(folder, 'mlruns', EXPERIMENT_ID);
  await writeTree(artifacts, {
    [`${RUN_ID}/artifacts/notes/a.txt`]: 'hello',
    [`models/${MODEL_ID}/artifacts/MLmodel`]: 'flavors: {}\n',
  });
  const database = new DatabaseSync(file);
  try {
    database.exec(SCHEMA);
    const insert = (table: string, ...values: (string | number | bigint | null)[]) =>
      database.prepare(`INSERT INTO ${table} VALUES (${values.map(() => '?').join(', ')})`).run(...values);
    const id = BigInt(EXPERIMENT_ID);
    insert('experiments', 0, 'Default', 'active', 10, 10, 'default');
    insert('experiments', id, 'yes', 'active', 100, 200, 'default');
    insert('experiments', 7, 'of others', 'active', 100, 200, 'others');
    insert('experiment_tags', 'note', 'two\nlines', id);
    insert('runs', RUN_ID, 'first', 'ada', 'FINISHED', 1000, 5000, 'active', `./mlruns/${EXPERIMENT_ID}/${RUN_ID}/artifacts`, id);
    insert('runs', CHILD_ID, 'child', 'ada', 'FINISHED', 1000, 5000, 'active', './mlruns/none', id);
    insert('runs', DELETED_ID, 'gone', 'ada', 'FINISHED', 1000, 5000, 'deleted', './mlruns/none', id);
    insert('params', 'deep/lr', '0.1', RUN_ID);
    insert('tags', 'mlflow.runName', 'first', RUN_ID);
    insert('tags', 'mlflow.parentRunId', RUN_ID, CHILD_ID);
    for (const { key, value, timestamp, step } of POINTS) {
      insert('metrics', key, value === 'nan' ? 0 : Number(value), timestamp, RUN_ID, step, value === 'nan' ? 1 : 0);
    }
    insert('datasets', 'd1', id, 'penguins', '12345678', 'http', '{"url": "https://example.com/p.csv"}', '{}', null);
    insert('inputs', 'i1', 'DATASET', 'd1', 'RUN', RUN_ID, 0);
    insert('input_tags', 'i1', 'mlflow.data.context', 'training');
    insert('inputs', 'o1', 'RUN_OUTPUT', RUN_ID, 'MODEL_OUTPUT', MODEL_ID, 3);
    const model = join(artifacts, 'models', MODEL_ID, 'artifacts');
    insert('logged_models', MODEL_ID, id, 'tree', model, 3000, 4000, 2, 'active', null, RUN_ID, null);
    // What MLflow's database makes of a NaN that was logged to a model: the run's own point tells it.
    insert('logged_model_metrics', MODEL_ID, 'val/acc', 3000, 2, 0, RUN_ID, null, null);
    insert('logged_model_metrics', MODEL_ID, 'loss', 2000, 1, 0.25, RUN_ID, 'penguins', '12345678');
    insert('logged_model_params', MODEL_ID, 'depth', '3');
    insert('registered_models', 'tree', 6000, 9000, 'of decisions', 'default');
    insert('registered_model_tags', 'team', 'a', 'tree', 'default');
    insert('registered_model_aliases', 'champion', 3, 'tree', 'default');
    const versions = [
      [1, 'Archived', `models:/${MODEL_ID}`],
      [2, 'Deleted_Internal', 'REDACTED-SOURCE-PATH'],
      [3, 'Production', `/elsewhere/${EXPERIMENT_ID}/${RUN_ID}/artifacts/notes`],
      [4, 'Deleted_Internal', 'REDACTED-SOURCE-PATH'],
    ] as const;
    for (const [n, stage, source] of versions) {
      insert('model_versions', 'tree', n, 6000 + n, 7000 + n, `v${n}`, 'ada', stage, source, RUN_ID, null, null, 'default');
    }
    insert('model_version_tags', 'checked', 'by hand', 'tree', 3, 'default');
  } finally {
    database.close();
  }
}
