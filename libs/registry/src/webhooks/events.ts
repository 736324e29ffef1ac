// What webhooks tell: MLflow's events of the registry, with its payloads (its mlflow/webhooks/types.py). A prompt is a registered model
// with a tag, and has events of its own names.

import type { RegisteredModel, ModelVersion, Tag } from '../types.ts';

export const WEBHOOK_EVENTS = [
  'registered_model.created',
  'model_version.created',
  'model_version_tag.set',
  'model_version_tag.deleted',
  'model_version_alias.created',
  'model_version_alias.deleted',
  'prompt.created',
  'prompt_version.created',
  'prompt_tag.set',
  'prompt_tag.deleted',
  'prompt_version_tag.set',
  'prompt_version_tag.deleted',
  'prompt_alias.created',
  'prompt_alias.deleted',
] as const;

/** An entity and what happened to it. */
export type WebhookEvent = (typeof WEBHOOK_EVENTS)[number];

/** Something that happened, as a webhook tells it. */
export interface RegistryEvent {
  event: WebhookEvent;
  data: Readonly<Record<string, unknown>>;
}

const IS_PROMPT = 'mlflow.prompt.is_prompt';
const PROMPT_TEXT = 'mlflow.prompt.text';
const PROMPT_TYPE = '_mlflow_prompt_type';

/** Whether these tags make a prompt of what has them, by MLflow's rule. */
export function tellsPrompt(tags: readonly Tag[]): boolean {
  return tags.findLast(({ key }) => key === IS_PROMPT)?.value.toLowerCase() === 'true';
}

function valuesOf(tags: readonly Tag[], ...hidden: readonly string[]): Record<string, string> {
  return Object.fromEntries(tags.filter(({ key }) => !hidden.includes(key)).map(({ key, value }) => [key, value]));
}

type Named = Pick<RegisteredModel, 'name' | 'isPrompt'>;

export function modelCreated(model: Pick<RegisteredModel, 'name' | 'description'>, tags: readonly Tag[]): RegistryEvent {
  const { name, description } = model;
  return tellsPrompt(tags)
    ? { event: 'prompt.created', data: { name, tags: valuesOf(tags, IS_PROMPT, PROMPT_TYPE), description } }
    : { event: 'registered_model.created', data: { name, tags: valuesOf(tags), description } };
}

export function versionCreated(version: ModelVersion, tags: readonly Tag[]): RegistryEvent {
  const told = { name: version.modelName, version: String(version.version) };
  const description = version.description === '' ? null : version.description;
  if (!tellsPrompt(tags)) {
    const { source, sourceRunId: run_id } = version;
    return { event: 'model_version.created', data: { ...told, source, run_id, tags: valuesOf(tags), description } };
  }
  const template = tags.find(({ key }) => key === PROMPT_TEXT)?.value ?? null;
  const shown = valuesOf(tags, IS_PROMPT, PROMPT_TYPE, PROMPT_TEXT);
  return { event: 'prompt_version.created', data: { ...told, template, tags: shown, description } };
}

/** MLflow tells of the tags of prompts, and not of those of models. */
export function modelTagsSet({ name, isPrompt }: Named, tags: readonly Tag[]): RegistryEvent[] {
  return isPrompt ? tags.map(({ key, value }) => ({ event: 'prompt_tag.set', data: { name, key, value } })) : [];
}

export function modelTagDeleted({ name, isPrompt }: Named, key: string): RegistryEvent[] {
  return isPrompt ? [{ event: 'prompt_tag.deleted', data: { name, key } }] : [];
}

export function versionTagsSet({ name, isPrompt }: Named, version: number, tags: readonly Tag[]): RegistryEvent[] {
  const event = isPrompt ? 'prompt_version_tag.set' : 'model_version_tag.set';
  return tags.map(({ key, value }) => ({ event, data: { name, version: String(version), key, value } }));
}

export function versionTagDeleted({ name, isPrompt }: Named, version: number, key: string): RegistryEvent {
  const event = isPrompt ? 'prompt_version_tag.deleted' : 'model_version_tag.deleted';
  return { event, data: { name, version: String(version), key } };
}

export function aliasCreated({ name, isPrompt }: Named, alias: string, version: number): RegistryEvent {
  const event = isPrompt ? 'prompt_alias.created' : 'model_version_alias.created';
  return { event, data: { name, alias, version: String(version) } };
}

export function aliasDeleted({ name, isPrompt }: Named, alias: string): RegistryEvent {
  return { event: isPrompt ? 'prompt_alias.deleted' : 'model_version_alias.deleted', data: { name, alias } };
}

const TAG = { key: 'example_key', value: 'example_value' };
const EXAMPLE_TAGS = { example_key: 'example_value' };
const MODEL = { name: 'example_model' };
const PROMPT = { name: 'example_prompt' };
const ALIAS = { alias: 'example_alias' };
const FIRST = { version: '1' };
const KEY = { key: TAG.key };

/** What a test of a webhook tells: MLflow's own examples. */
export const EXAMPLES: Readonly<Record<WebhookEvent, RegistryEvent['data']>> = {
  'registered_model.created': { ...MODEL, tags: EXAMPLE_TAGS, description: 'An example registered model' },
  'model_version.created': {
    ...MODEL,
    ...FIRST,
    source: 'models:/123',
    run_id: 'abcd1234abcd5678',
    tags: EXAMPLE_TAGS,
    description: 'An example model version',
  },
  'model_version_tag.set': { ...MODEL, ...FIRST, ...TAG },
  'model_version_tag.deleted': { ...MODEL, ...FIRST, ...KEY },
  'model_version_alias.created': { ...MODEL, ...ALIAS, ...FIRST },
  'model_version_alias.deleted': { ...MODEL, ...ALIAS },
  'prompt.created': { ...PROMPT, tags: EXAMPLE_TAGS, description: 'An example prompt' },
  'prompt_version.created': {
    ...PROMPT,
    ...FIRST,
    template: 'Hello {{name}}!',
    tags: EXAMPLE_TAGS,
    description: 'An example prompt version',
  },
  'prompt_tag.set': { ...PROMPT, ...TAG },
  'prompt_tag.deleted': { ...PROMPT, ...KEY },
  'prompt_version_tag.set': { ...PROMPT, ...FIRST, ...TAG },
  'prompt_version_tag.deleted': { ...PROMPT, ...FIRST, ...KEY },
  'prompt_alias.created': { ...PROMPT, ...ALIAS, ...FIRST },
  'prompt_alias.deleted': { ...PROMPT, ...ALIAS },
};
