// From what a client wrote to what it means: a node id, or a readable reference.

import type { Call } from '@throughline/database';
import { idOf, parseRef } from '@throughline/kernel';

import { deploymentNotFound, modelRefNotFound, versionRefNotFound } from '../errors.ts';
import type { Registry } from '../registry.ts';

const quoted = (text: string): string => `'${text.slice(0, 120)}'`;

/** The UUID of the model that a node id or a reference names. Throws MODEL_NOT_FOUND. */
export async function modelIdOf(registry: Registry, call: Call, text: string): Promise<string> {
  const id = await findModelId(registry, call, text);
  if (id === null) throw modelRefNotFound(text);
  return id;
}

export async function findModelId(registry: Registry, call: Call, text: string): Promise<string | null> {
  if (parseRef(text) === null) return idOf('model', text);
  return (await registry.models.findByRef(call, text))?.id ?? null;
}

/** The UUID of the version that a node id or a reference names. Throws MODEL_VERSION_NOT_FOUND. */
export async function versionIdOf(registry: Registry, call: Call, text: string): Promise<string> {
  const id = await findVersionId(registry, call, text);
  if (id === null) throw versionRefNotFound(text);
  return id;
}

export async function findVersionId(registry: Registry, call: Call, text: string): Promise<string | null> {
  if (parseRef(text) === null) return idOf('modelVersion', text);
  return (await registry.versions.findByRef(call, text))?.id ?? null;
}

/** The UUID of the deployment that a node id or a reference names. Throws DEPLOYMENT_NOT_FOUND. */
export async function deploymentIdOf(registry: Registry, call: Call, text: string): Promise<string> {
  const id = await findDeploymentId(registry, call, text);
  if (id === null) throw deploymentNotFound(quoted(text));
  return id;
}

export async function findDeploymentId(registry: Registry, call: Call, text: string): Promise<string | null> {
  if (parseRef(text) === null) return idOf('deployment', text);
  return (await registry.deployments.findByRef(call, text))?.id ?? null;
}
