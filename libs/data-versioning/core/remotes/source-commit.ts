// Whether the repositories that imports came from have moved on. A server of Git is asked for one reference, which takes one question and no clone.

import { DomainError, notFound } from '@throughline/kernel';
import { Git, runGit } from '../repository/git.ts';
import type { Repository } from '../repository/repository.ts';
import type { Stage } from '../types.ts';
import { localFolder } from './external.ts';
import { withoutCredentials } from './git-address.ts';
import type { Source } from './imports.ts';

const REVISION = /^[^-\s][^\s\0]{0,1023}$/;

/**
 * The imports among the stages whose source has another commit now than the one that was taken, by what the source is called: `data (https://…)`.
 * @throws DomainError `SOURCE_UNREACHABLE`, `REVISION_UNKNOWN`.
 */
export async function outdatedImports(repository: Repository, stages: readonly Stage[]): Promise<Map<Stage, string>> {
  const outdated = new Map<Stage, string>();
  // Many imports of one repository are one question.
  const asked = new Map<string, Promise<string | null>>();
  for (const stage of stages) {
    const [dependency] = stage.dependencies;
    const source = dependency?.repo;
    if (source?.revLock === undefined) continue;
    const key = JSON.stringify([source.url, source.rev]);
    const asking = asked.get(key) ?? commitNow(repository, source);
    asked.set(key, asking);
    const now = await asking;
    if (now !== null && now !== source.revLock) outdated.set(stage, `${dependency?.path ?? ''} (${withoutCredentials(source.url)})`);
  }
  return outdated;
}

/** Null where there is nothing to compare with: a folder without Git. */
async function commitNow({ surroundings }: Repository, source: Source): Promise<string | null> {
  const { url, rev } = source;
  const folder = localFolder(surroundings, url);
  if (folder !== null) {
    const git = new Git(folder);
    return rev === undefined ? await git.currentCommit() : await git.revParse(rev);
  }
  if (rev !== undefined && !REVISION.test(rev)) throw unknownRevision(url, rev);
  const names = rev === undefined ? ['HEAD'] : [`refs/tags/${rev}^{}`, `refs/tags/${rev}`, `refs/heads/${rev}`, rev];
  const { code, stdout, stderr } = await runGit(surroundings.workingFolder, [
    ...['-c', 'protocol.ext.allow=never', 'ls-remote', '--quiet', '--', url],
    ...names,
  ]);
  if (code !== 0) throw unreachable(url, stderr);
  const found = new Map(
    stdout
      .toString('utf8')
      .split('\n')
      .map((line) => line.split('\t'))
      .map(([commit = '', name = '']) => [name, commit]),
  );
  const commit = names.map((name) => found.get(name)).find((one) => one !== undefined);
  if (commit !== undefined) return commit;
  if (rev === undefined) return null;
  // A commit by its own name never moves; only another one was written into the .dvc file, perhaps.
  if (/^[0-9a-f]{7,64}$/i.test(rev)) return source.revLock?.startsWith(rev.toLowerCase()) === true ? source.revLock : rev;
  throw unknownRevision(url, rev);
}

const WITHOUT = 'Leave the sources of imports alone: throughline status --no-updates.';

function unknownRevision(url: string, rev: string): DomainError {
  return notFound(
    'REVISION_UNKNOWN',
    `${withoutCredentials(url)} has no branch and no tag ${JSON.stringify(rev)}, which an import follows.`,
    {
      hint: `Follow another one: throughline update --rev <name> <file>.dvc. ${WITHOUT}`,
    },
  );
}

function unreachable(url: string, said: string): DomainError {
  const shown = withoutCredentials(url);
  const line = said.trim().split('\n').at(-1)?.replaceAll(url, shown).slice(0, 500) ?? '';
  return new DomainError({
    kind: 'unavailable',
    code: 'SOURCE_UNREACHABLE',
    message: `Nobody can say whether ${shown}, which data is imported from, has moved on: ${line === '' ? 'git says nothing more' : line}`,
    hint: WITHOUT,
  });
}
