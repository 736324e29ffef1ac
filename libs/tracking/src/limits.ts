// What may enter: MLflow's limits (mlflow/utils/validation.py and its tables), and what PostgreSQL can hold. MLflow's clients cut long
// values themselves; what is still too long here is refused, since a value that was cut silently is a wrong value.

import { invalid } from '@throughline/kernel';
import type { DomainError } from '@throughline/kernel';

import { short } from './errors.ts';
import type { Batch, KeyValue } from './types.ts';

/** Lengths in characters (UTF-16 units), counts in items. */
export const LIMITS = {
  experimentName: 500,
  experimentTagValue: 20_000,
  experimentTags: 100,
  artifactLocation: 2_048,
  key: 250,
  paramValue: 6_000,
  tagValue: 8_000,
  runName: 500,
  userId: 256,
  batchMetrics: 1_000,
  batchParams: 100,
  batchTags: 100,
  batchTotal: 1_000,
  datasetName: 500,
  datasetDigest: 36,
  datasetSource: 65_535,
  datasetSourceType: 36,
  datasetSchema: 1_048_575,
  datasetProfile: 16_777_215,
  inputTagKey: 255,
  inputTagValue: 500,
  inputsAtOnce: 1_000,
  loggedModelName: 500,
  loggedModelType: 500,
  loggedModelStatusMessage: 1_000,
  loggedModelParams: 1_000,
  loggedModelTags: 100,
} as const;

/** As Python's `[/\w.\- :]*`: its \w knows the letters and digits of every script. */
const KEY = /^[/\p{L}\p{N}_.\- :]*$/u;
const RUN_ID = /^[a-zA-Z0-9][\w-]{0,255}$/;
const MODEL_ID = /^m-[0-9a-f]{32}$/;

function invalidValue(path: string, value: string, why: string): DomainError {
  return invalid('INVALID_PARAMETER', `Invalid value "${short(value)}" for parameter '${path}' supplied: ${why}`, {
    details: { parameter: path },
  });
}

/** Text that the database can hold, up to a length. `path` says where it stands in the input: `params[0].value`. */
export function checkText(value: string, path: string, max: number): string {
  if (value.length > max) {
    throw invalidValue(path, value, `'${path}' exceeds the maximum length of ${max} characters; it has ${value.length}.`);
  }
  if (value.includes('\0')) throw invalidValue(path, value.replaceAll('\0', '\\0'), 'It contains a NUL character.');
  if (!value.isWellFormed()) throw invalidValue(path, value.toWellFormed(), 'It is not well-formed Unicode.');
  return value;
}

/** The same, but not empty. */
export function checkName(value: string, path: string, max: number): string {
  if (value.trim() === '') throw invalidValue(path, value, 'It must not be empty.');
  return checkText(value, path, max);
}

/** A key of a metric, param or tag: it may become part of a path somewhere, so it has to be one that stays where it is. */
export function checkKey(key: string, path: string): string {
  if (key === '') throw invalid('INVALID_PARAMETER', `Missing value for required parameter '${path}'.`, { details: { parameter: path } });
  checkText(key, path, LIMITS.key);
  if (!KEY.test(key)) {
    throw invalidValue(
      path,
      key,
      'Names may only contain alphanumerics, underscores (_), dashes (-), periods (.), spaces ( ), colon(:) and slashes (/).',
    );
  }
  if (isUnclean(key)) {
    throw invalidValue(
      path,
      key,
      'Names may be treated as files in certain cases, and must not resolve to other names when treated as such.',
    );
  }
  return key;
}

function isUnclean(key: string): boolean {
  return key.split('/').some((part) => part === '' || part === '.' || part === '..');
}

export function checkKeyValue({ key, value }: KeyValue, path: string, maxValue: number): void {
  checkKey(key, `${path}.key`);
  checkText(value, `${path}.value`, maxValue);
}

/** A run id, as MLflow takes them. */
export function checkRunId(runId: string): string {
  if (!RUN_ID.test(runId)) throw invalidValue('run_id', runId, "Run IDs are letters, digits, '_' and '-', up to 256 of them.");
  return runId;
}

/** Whether the text could be a run's id at all; what could not is not found. */
export function isRunId(text: string): boolean {
  return RUN_ID.test(text);
}

export function checkModelId(modelId: string): string {
  if (!MODEL_ID.test(modelId)) throw invalidValue('model_id', modelId, 'A model id is m- and 32 hexadecimal characters.');
  return modelId;
}

/** Whether the text is the id of a logged model. */
export function isModelId(text: string): boolean {
  return MODEL_ID.test(text);
}

/** Whether the text is a 64-bit number that an experiment could have. */
export function isExperimentId(text: string): boolean {
  return /^(?:0|[1-9]\d{0,18})$/.test(text) && BigInt(text) <= 2n ** 63n - 1n;
}

/** A whole number that survives JSON, within bounds. */
export function checkWhole(value: number, path: string, least: number = -Number.MAX_SAFE_INTEGER): number {
  if (!Number.isSafeInteger(value) || value < least) {
    const from = least === -Number.MAX_SAFE_INTEGER ? '-(2^53 - 1)' : String(least);
    throw invalidValue(path, String(value), `It must be a whole number from ${from} to 2^53 - 1.`);
  }
  return value === 0 ? 0 : value;
}

/** A number that an experiment may have. */
export function checkWholeId(text: string, path: string): string {
  if (!isExperimentId(text)) throw invalidValue(path, text, 'It must be a whole number from 0 to 2^63 - 1, in digits.');
  return text;
}

/** How many of a thing one request may bring. */
export function checkCountOf(name: string, count: number, limit: number): void {
  if (count > limit)
    throw invalid('TOO_MANY', `One request can bring at most ${limit} ${name}; it brought ${count}.`, { details: { limit, count } });
}

function checkCount(name: string, count: number, limit: number): void {
  if (count <= limit) return;
  throw invalid(
    'BATCH_TOO_LARGE',
    `A batch logging request can contain at most ${limit} ${name}. Got ${count} ${name}. ` +
      `Please split up ${name} across multiple requests and try again.`,
    { details: { limit, count } },
  );
}

/** Everything about a batch that can be checked without the database. */
export function checkBatch({ metrics = [], params = [], tags = [] }: Batch): void {
  checkCount('metrics', metrics.length, LIMITS.batchMetrics);
  checkCount('params', params.length, LIMITS.batchParams);
  checkCount('tags', tags.length, LIMITS.batchTags);
  checkCount('metrics, params, and tags', metrics.length + params.length + tags.length, LIMITS.batchTotal);
  for (const [index, metric] of metrics.entries()) {
    const path = `metrics[${index}]`;
    checkKey(metric.key, `${path}.name`);
    if (typeof metric.value !== 'number') throw invalidValue(`${path}.value`, String(metric.value), 'It must be a number.');
    checkWhole(metric.step, `${path}.step`);
    checkWhole(metric.timestampMs, `${path}.timestamp`, 0);
    if (metric.modelId !== undefined) checkModelId(metric.modelId);
    if (metric.datasetName !== undefined) checkText(metric.datasetName, `${path}.dataset_name`, LIMITS.datasetName);
    if (metric.datasetDigest !== undefined) checkText(metric.datasetDigest, `${path}.dataset_digest`, LIMITS.datasetDigest);
    if ((metric.datasetName === undefined) !== (metric.datasetDigest === undefined)) {
      throw invalid('INVALID_PARAMETER', 'Both dataset_name and dataset_digest must be provided if one is provided', {
        details: { parameter: path },
      });
    }
  }
  for (const [index, param] of params.entries()) checkKeyValue(param, `params[${index}]`, LIMITS.paramValue);
  for (const [index, tag] of tags.entries()) checkKeyValue(tag, `tags[${index}]`, LIMITS.tagValue);
  checkUnique(params);
}

function checkUnique(params: readonly KeyValue[]): void {
  const seen = new Set<string>();
  const twice = params.filter(({ key }) => seen.size === seen.add(key).size);
  if (twice.length === 0) return;
  throw invalid(
    'DUPLICATE_PARAM',
    `Duplicate parameter keys have been submitted: ${twice.map(({ key }) => short(key)).join(', ')}. ` +
      'Please ensure the request contains only one param value per param key.',
  );
}
