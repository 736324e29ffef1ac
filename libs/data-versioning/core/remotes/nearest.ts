// The settings that count where the user stands: those of the repository around, or the user's own where there is none.

import { DomainError } from '@throughline/kernel';
import { readConfig } from '../repository/config.ts';
import type { Config } from '../repository/config.ts';
import { openRepository } from '../repository/repository.ts';
import type { Surroundings } from '../types.ts';

export async function nearestConfig(surroundings: Surroundings): Promise<Config> {
  try {
    return (await openRepository(surroundings)).config;
  } catch (error) {
    if (!(error instanceof DomainError) || error.code !== 'NOT_A_REPOSITORY') throw error;
    const { globalConfigFolder, systemConfigFolder, homeFolder } = surroundings;
    return await readConfig({ dvcFolder: null, globalConfigFolder, systemConfigFolder, homeFolder });
  }
}
