import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { completeLine, completionLines, SCRIPTS, SHELLS } from './completion.ts';
import type { Ask } from './completion.ts';
import { COMMAND_LINE } from './program.ts';

const REPOSITORY = {
  remotes: ['backup', 'team'],
  targets: ['data.dvc', 'data', 'train@a'],
  'config-names': ['core.remote'],
  'remote-options': ['url'],
} as const;
const ask: Ask = async (what) => REPOSITORY[what].map((word) => ({ word, about: '' }));

async function words(line: string): Promise<{ words: string[]; withFiles: boolean }> {
  const { candidates, withFiles } = await completeLine(COMMAND_LINE, line.split(' '), ask);
  return { words: candidates.map(({ word }) => word), withFiles };
}

describe('completion', () => {
  it.each([
    { line: 'pus', found: ['push'], withFiles: false },
    { line: 'remote re', found: ['remove', 'rename'], withFiles: false },
    { line: 'remote rename ', found: ['backup', 'team'], withFiles: false },
    { line: 'remote rename backup ', found: [], withFiles: false },
    { line: 'push -r ', found: ['backup', 'team'], withFiles: false },
    { line: 'push --remote b', found: ['backup'], withFiles: false },
    { line: 'push data.dvc -r backup ', found: ['data.dvc', 'data', 'train@a'], withFiles: true },
    { line: 'push --al', found: ['--all-branches', '--all-tags', '--all-commits'], withFiles: false },
    { line: 'add ', found: [], withFiles: true },
    { line: 'add -o ', found: [], withFiles: true },
    { line: 'completion z', found: ['zsh'], withFiles: false },
    { line: 'diff --targets data ', found: ['data.dvc', 'data', 'train@a'], withFiles: true },
    { line: '--cd ', found: [], withFiles: true },
    { line: '--cd elsewhere remote mod', found: ['modify'], withFiles: false },
    { line: 'config core', found: ['core.remote'], withFiles: false },
    { line: 'no-such-verb ', found: [], withFiles: false },
  ])("of '$line'", async ({ line, found, withFiles }) => {
    expect(await words(line)).toEqual({ words: found, withFiles });
  });

  it('offers every verb that help lists, and no other', async () => {
    const listed = [
      ...COMMAND_LINE.build()
        .helpInformation()
        .matchAll(/^ {2}([a-z][a-z-]*)(?:\|[\w-]+)?(?= |$)/gm),
    ].map(([, name]) => name);
    expect((await words('')).words.sort()).toEqual(listed.sort());
  });

  it('offers no word that a line cannot hold', () => {
    expect([
      ...completionLines({
        candidates: [
          { word: 'a\nb', about: '' },
          { word: 'c', about: 'x\n y' },
        ],
        withFiles: true,
      }),
    ]).toEqual(['c\tx y', ':files']);
  });
});

describe('the scripts', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'throughline-shells-'));
    // Answers as the command does, and says which words it was asked about.
    writeFileSync(
      join(folder, 'throughline'),
      '#!/bin/sh\nprintf "data.dvc\\ttracked data\\nwith blank\\n"\nfor word in "$@"; do printf "<%s>\\n" "$word" >&3; done\n',
    );
    chmodSync(join(folder, 'throughline'), 0o755);
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('make bash offer what the command says, for the words of the line', () => {
    const line = 'throughline push -r team dat';
    const source = `${SCRIPTS.bash}
      COMP_LINE='${line}' COMP_POINT=${line.length} COMP_WORDBREAKS=$' \\t\\n"=:'
      _throughline
      printf '%s\\n' "\${COMPREPLY[@]}"`;
    const { stdout, output } = spawnSync('bash', ['-c', source], {
      encoding: 'utf8',
      env: { PATH: `${folder}:/usr/bin:/bin` },
      stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
    });
    expect({ offered: stdout, asked: output[3] }).toEqual({
      offered: 'data.dvc\nwith\\ blank\n',
      asked: '<__complete>\n<-->\n<push>\n<-r>\n<team>\n<dat>\n',
    });
  });

  it.each(SHELLS)('ask the command, in %s', (shell) => {
    expect(SCRIPTS[shell]).toContain('throughline __complete --');
  });
});
