// throughline gc

import { gc, openRepository } from '@throughline/data-versioning/core';
import type { GcPart, GcPlan } from '@throughline/data-versioning/core';
import { counted, humanBytes } from '@throughline/kernel';
import type { Terminal } from '@throughline/kernel';

import type { Action } from '../command.ts';
import { flagged, given } from './shared.ts';

export const run: Action = async ({ options, surroundings, terminal, confirm }) => {
  const repository = await openRepository(surroundings);
  const revision = options.text('rev');
  const isDry = options.flag('dry');
  const result = await gc(
    repository,
    given({
      workspace: flagged(options, 'workspace'),
      allBranches: flagged(options, 'allBranches'),
      allTags: flagged(options, 'allTags'),
      allCommits: flagged(options, 'allCommits'),
      allExperiments: flagged(options, 'allExperiments'),
      revisions: revision === null ? null : [revision],
      count: options.count('num'),
      since: options.text('date'),
      projects: options.list('projects'),
      notInRemote: flagged(options, 'notInRemote'),
      cloud: flagged(options, 'cloud'),
      remote: options.text('remote'),
      dryRun: isDry,
      dropUnnamed: flagged(options, 'dropUnnamed'),
      force: flagged(options, 'force'),
      skipFailed: flagged(options, 'skipFailed'),
      jobs: options.count('jobs'),
      confirm: async (plan: GcPlan) => {
        if (plan.parts.every(({ objects }) => objects === 0)) return true;
        for (const one of planLines(plan, options.flag('dropUnnamed'), terminal)) terminal.note(one);
        return confirm('Remove them?');
      },
    }),
  );
  const isRefused = !result.isDone && !isDry;
  return {
    value: result,
    *lines() {
      for (const { place, id, sizeBytes } of isDry ? result.removed : []) yield `${id}  ${humanBytes(sizeBytes)}  ${terminal.faint(place)}`;
      if (isRefused) return;
      for (const part of result.parts) {
        yield partLine(part, isDry ? 'would be removed from' : 'removed from');
        if (!options.flag('dropUnnamed')) yield* unnamedLine(part, terminal);
      }
    },
    problems: () => (isRefused ? ['Nothing was removed. --dry lists what would be, --force does not ask.'] : []),
    exitCode: isRefused ? 1 : 0,
  };
};

function partLine({ place, objects, sizeBytes, kept }: GcPart, what: string): string {
  return `${counted(objects, 'object')} (${humanBytes(sizeBytes)}) ${what} ${place}; ${counted(kept, 'object')} kept`;
}

function* unnamedLine({ neededElsewhere: { objects, sizeBytes } }: GcPart, terminal: Terminal): Iterable<string> {
  if (objects === 0) return;
  const what = `${counted(objects, 'object')} of these (${humanBytes(sizeBytes)})`;
  yield terminal.faint(
    `${what} are what branches, tags, stashes or other working trees need that were not named: --drop-unnamed removes them.`,
  );
}

function* planLines({ parts, isShared }: GcPlan, dropsUnnamed: boolean, terminal: Terminal): Iterable<string> {
  for (const part of parts) {
    yield partLine(part, 'would be removed from');
    const { objects, sizeBytes } = part.neededElsewhere;
    if (!dropsUnnamed) yield* unnamedLine(part, terminal);
    else if (objects > 0) {
      yield terminal.caution(
        `${counted(objects, 'object')} of them (${humanBytes(sizeBytes)}) are what branches, tags, stashes or other working trees need that you did not name.`,
      );
    }
  }
  if (isShared) yield terminal.caution('The cache lies outside of this repository: others that use it must be named with --projects.');
}
