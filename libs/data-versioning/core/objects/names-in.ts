// What lies in a folder, by name; one that is not there has nothing in it.

import { readdirSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { isMissing } from './failures.ts';

export async function namesIn(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
}

/** The same, waited for. */
export function namesInSync(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
}
