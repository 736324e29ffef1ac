// throughline doctor

import { doctor, openRepository } from '@throughline/data-versioning/core';
import type { DoctorResult } from '@throughline/data-versioning/core';
import { counted, humanBytes } from '@throughline/kernel';
import type { Terminal } from '@throughline/kernel';

import type { Action } from '../command.ts';
import { VERSION } from '../version.ts';

export const run: Action = async ({ surroundings, terminal }) => {
  const result = await doctor(await openRepository(surroundings));
  const isBroken = result.problems.some(({ severity }) => severity === 'error');
  return { value: { throughline: VERSION, ...result }, lines: () => doctorLines(result, terminal), exitCode: isBroken ? 1 : 0 };
};

function* doctorLines(result: DoctorResult, terminal: Terminal): Iterable<string> {
  const free = result.cacheFreeBytes === null ? '' : `, ${humanBytes(result.cacheFreeBytes)} free`;
  yield `throughline ${VERSION} on Node ${result.node}, ${result.platform}`;
  yield `Git: ${result.git ?? 'none'}`;
  yield `Repository: ${result.root}`;
  yield `Tracked: ${counted(result.outputCount, 'output')} of ${counted(result.stageCount, 'stage')}`;
  yield `Cache: ${result.cacheFolder}${free}`;
  yield `Links: ${result.linkTypes.join(', ')} wanted; ${result.workingLinkTypes.join(', ') || 'none'} work here`;
  for (const { name, url, isDefault } of result.remotes) yield `Remote ${name}${isDefault ? ' (default)' : ''}: ${url ?? 'no address'}`;
  if (result.problems.length === 0) yield terminal.good('All is well.');
  for (const { severity, message, hint } of result.problems) {
    const paint = severity === 'error' ? terminal.bad : terminal.changed;
    yield `${paint(`${severity}:`)} ${message}${hint === undefined ? '' : ` ${hint}`}`;
  }
}
