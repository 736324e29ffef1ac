import type { Call } from '@throughline/database';

import type { ModelVersion, Tag } from './types.ts';

/** What to register, by node ids or references; the command finds out what they are. */
export interface RegisterVersionInput {
  /** The model's name; it is made where there is none. */
  model: string;
  /** Either this or `run` is needed. */
  loggedModel?: string | null | undefined;
  run?: string | null | undefined;
  /** The folder of the run's artifacts; all of them unless given. */
  path?: string | null | undefined;
  description?: string | null | undefined;
  tags?: readonly Tag[] | null | undefined;
}

/** The commands that the registry's schema offers and that need other domains too; the composition root gives them. */
export interface RegistryCommands {
  /** Resolves what is to be registered, freezes its files and makes the version, in one transaction. */
  registerVersion(call: Call, input: RegisterVersionInput): Promise<ModelVersion>;
}
