// What the rows run with: the released dvc and the command as people install it, each with a home of its own in which nothing is set, on one disk;
// and, for the rows that push and pull, this server, started by the first of them.

import { mkdirSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';

import type { Program } from '../harness/processes.ts';
import type { Progress } from '../harness/progress.ts';
import { closeAll, lastWordsOf, makeFolder, startPostgres, startThroughline } from '../harness/servers.ts';
import { putAside } from './aside.ts';
import { run } from './programs.ts';
import type { Command } from './programs.ts';
import type { Scale } from './scale.ts';

export interface Stand {
  /** Everything that is measured happens in here. */
  folder: string;
  dvc: Command;
  ours: Command;
  /** Copies, as everybody can. */
  cp: Command;
  python: string;
  versions: Readonly<Record<string, string>>;
  /** The origin of a server of ours. */
  server: () => Promise<string>;
  scale: Scale;
  progress: Progress;
  signal: AbortSignal;
}

export interface StandOptions {
  root: string;
  scale: Scale;
  progress: Progress;
  signal: AbortSignal;
}

export interface OpenStand {
  stand: Stand;
  lastWords: () => string;
  close: () => Promise<void>;
}

export async function openStand(options: StandOptions): Promise<OpenStand> {
  const { root, scale, progress, signal } = options;
  const running: Program[] = [];
  const folder = makeFolder(root);
  let closing: Promise<void> | null = null;
  const close = () => (closing ??= closeAll(running, folder));
  try {
    const env = environment(folder);
    const programs = join(root, '.throughline/dvc-venv', process.platform === 'win32' ? 'Scripts' : 'bin');
    const dvc = { name: 'dvc', start: [join(programs, 'dvc')], env };
    const ours = { name: 'throughline', start: [await install(options, folder, env)], env };
    const server = async () => {
      const url = await startPostgres(options, running);
      return (await startThroughline(options, running, folder, url)).origin;
    };
    let starting: Promise<string> | null = null;
    const stand: Stand = {
      folder,
      dvc,
      ours,
      cp: { name: 'cp -r', start: ['cp', '-r'], env },
      python: join(programs, 'python'),
      versions: {
        dvc: (await run(dvc, ['--version'], folder, signal)).trim(),
        throughline: (await run(ours, ['--version'], folder, signal)).trim(),
        node: (await run({ name: 'node', start: ['node'], env }, ['--version'], folder, signal)).trim(),
      },
      server: () => (starting ??= server()),
      scale,
      progress,
      signal,
    };
    return { stand, lastWords: () => running.map(lastWordsOf).join('\n'), close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Without what this repository and this user have set; the Node is the machine's own, as it is for whoever installs the command. */
function environment(folder: string): NodeJS.ProcessEnv {
  const home = join(folder, 'home');
  mkdirSync(home, { recursive: true });
  const path = (process.env['PATH'] ?? '').split(delimiter).filter((part) => !part.includes('node_modules'));
  const author = { NAME: 'Ada', EMAIL: 'ada@example.org' };
  return {
    PATH: path.join(delimiter),
    HOME: home,
    LANG: 'C.UTF-8',
    DVC_SITE_CACHE_DIR: join(folder, 'site'),
    DVC_NO_ANALYTICS: '1',
    GIT_CONFIG_NOSYSTEM: '1',
    ...Object.fromEntries(
      Object.entries(author).flatMap(([key, one]) => [
        [`GIT_AUTHOR_${key}`, one],
        [`GIT_COMMITTER_${key}`, one],
      ]),
    ),
  };
}

/** Installs the packed command in an empty project; answers its program. */
async function install({ root, signal }: StandOptions, folder: string, env: NodeJS.ProcessEnv): Promise<string> {
  const project = join(folder, 'project');
  mkdirSync(project);
  writeFileSync(join(project, 'package.json'), '{ "name": "somebody", "private": true }');
  const options = ['--offline', '--no-audit', '--no-fund', '--cache', join(folder, 'npm')];
  const npm = { name: 'npm', start: ['npm', 'install', ...options], env };
  await run(npm, [join(root, 'apps/cli/dist/throughline-cli.tgz')], project, signal);
  return join(project, 'node_modules/.bin/throughline');
}

/** A new repository of the tool's own making, with copies as links; what has that name is put aside first. */
export async function newRepository({ folder, dvc, signal }: Stand, tool: Command, name: string): Promise<string> {
  const repository = join(folder, name);
  putAside({ folder }, [repository]);
  mkdirSync(repository);
  await run({ name: 'git', start: ['git'], env: dvc.env }, ['init', '-q', '-b', 'main'], repository, signal);
  await run(tool, ['init', '-q'], repository, signal);
  await run(tool, ['config', 'cache.type', 'copy'], repository, signal);
  return repository;
}
