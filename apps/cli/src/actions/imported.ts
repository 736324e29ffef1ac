// What both kinds of import say.

import type { ImportResult } from '@throughline/data-versioning/core';
import { humanBytes } from '@throughline/kernel';

export function importedLine({ path, dvcFile, commit, sizeBytes }: ImportResult): string {
  const facts = [sizeBytes === null ? 'not downloaded' : humanBytes(sizeBytes), commit === null ? null : `of ${commit.slice(0, 10)}`];
  return `imported ${path} (${facts.filter((fact) => fact !== null).join(', ')}), recorded in ${dvcFile}`;
}
