// `.pre-commit-config.yaml`, the file of the pre-commit tool: which programs Git's hooks run. What is missing is added by whole lines at the end of its list, so that every
// comment, quote and blank of the rest stays as somebody wrote it; what cannot be done so goes through the library's own printer, which keeps comments and order.

import { isDeepStrictEqual } from 'node:util';
import { invalid } from '@throughline/kernel';
import { isMap } from './yaml-value.ts';
import type { YamlMap, YamlValue } from './yaml-value.ts';
import { parseDocument, readYaml, yamlLibrary } from './yaml.ts';

/** A hook of a program that is installed already. */
export interface LocalHook {
  readonly id: string;
  readonly name: string;
  /** As a shell splits it. */
  readonly entry: string;
  readonly stage: 'pre-commit' | 'pre-push' | 'post-checkout';
}

export interface AddedHooks {
  /** The whole file; null where nothing is missing. */
  readonly content: string | null;
  /** Ids. */
  readonly added: readonly string[];
}

/**
 * Adds hooks to a file; those whose ids it has stay as they are.
 * @param content Null where there is no file.
 * @throws DomainError `YAML_INVALID`, `PRE_COMMIT_CONFIG_INVALID`.
 */
export async function addLocalHooks(content: string | null, file: string, hooks: readonly LocalHook[]): Promise<AddedHooks> {
  const text = content ?? '';
  const present = await readYaml(text, file);
  if (!isMap(present)) throw refused(file, 'holds no keys');
  const repos = present['repos'] ?? [];
  if (!Array.isArray(repos)) throw refused(file, 'has something else than a list as its repos');
  const known = new Set(repos.flatMap(idsOf));
  const missing = hooks.filter(({ id }) => !known.has(id));
  if (missing.length === 0) return { content: null, added: [] };
  const repo = repoOf(missing);
  const yaml = await yamlLibrary();
  const edited = appended(yaml, text, file, repo);
  const isRight = edited !== null && isWithOneMore(yaml, { before: text, after: edited, repo });
  return { content: isRight ? edited : printed(yaml, text, file, repo), added: missing.map(({ id }) => id) };
}

function idsOf(repo: YamlValue): YamlValue[] {
  const hooks = isMap(repo) ? repo['hooks'] : null;
  return Array.isArray(hooks) ? hooks.map((hook) => (isMap(hook) ? (hook['id'] ?? null) : null)) : [];
}

/** Hooks of no repository, which look at the data and not at the files of a commit. */
function repoOf(hooks: readonly LocalHook[]): YamlMap {
  return {
    repo: 'local',
    hooks: hooks.map(({ id, name, entry, stage }) => ({
      id,
      name,
      entry,
      language: 'system',
      stages: [stage],
      always_run: true,
      pass_filenames: false,
      verbose: true,
    })),
  };
}

/** The text with one more item in its list of repos; null where that has no lines of its own. Whoever calls looks whether it is right. */
function appended(yaml: Yaml, text: string, file: string, repo: YamlMap): string | null {
  const list = parseDocument(yaml, text, file, 'core').get('repos', true);
  if (list === undefined) return `${closed(text)}repos:\n${itemOf(yaml, repo, '')}`;
  const first = yaml.isSeq(list) && list.flow !== true ? list.items[0] : undefined;
  const last = yaml.isSeq(list) ? list.items.at(-1) : undefined;
  if (!yaml.isNode(first) || !yaml.isNode(last) || !first.range || !last.range) return null;
  const indent = /(?:^|\n)([ ]*)-[ ]+$/.exec(text.slice(0, first.range[0]))?.[1];
  if (indent === undefined) return null;
  const end = lineEnd(text, last.range[1]);
  return `${closed(text.slice(0, end))}${itemOf(yaml, repo, indent)}${text.slice(end)}`;
}

type Yaml = Awaited<ReturnType<typeof yamlLibrary>>;

function itemOf(yaml: Yaml, repo: YamlMap, indent: string): string {
  const lines = yaml.stringify([repo], { lineWidth: 0 }).trimEnd().split('\n');
  return `${lines.map((line) => `${indent}${line}`).join('\n')}\n`;
}

function closed(text: string): string {
  return text === '' || text.endsWith('\n') ? text : `${text}\n`;
}

/** Behind the line in which something ends. */
function lineEnd(text: string, end: number): number {
  if (text[end - 1] === '\n') return end;
  const at = text.indexOf('\n', end);
  return at === -1 ? text.length : at + 1;
}

/** Whether the edit did what it was meant to. */
function isWithOneMore(yaml: Yaml, { before, after, repo }: { before: string; after: string; repo: YamlMap }): boolean {
  const [old, edited] = [before, after].map((text) => yaml.parseDocument(text, { schema: 'core', logLevel: 'silent' }));
  if (old === undefined || edited === undefined || edited.errors.length > 0) return false;
  // Reading it has bounded what aliases repeat.
  const had = (old.toJS({ maxAliasCount: -1 }) ?? {}) as { repos?: unknown[] | null };
  return isDeepStrictEqual(edited.toJS({ maxAliasCount: -1 }), { ...had, repos: [...(had.repos ?? []), repo] });
}

function printed(yaml: Yaml, text: string, file: string, repo: YamlMap): string {
  const document = parseDocument(yaml, text, file, 'core');
  const list = document.get('repos', true);
  if (yaml.isSeq(list)) list.add(document.createNode(repo));
  else document.set('repos', document.createNode([repo]));
  return document.toString({ lineWidth: 0 });
}

function refused(file: string, problem: string): Error {
  return invalid('PRE_COMMIT_CONFIG_INVALID', `${file} ${problem}.`, { hint: 'Mend it, or move it aside: a new one is written then.' });
}
