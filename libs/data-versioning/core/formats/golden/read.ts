// What the real tools said, kept beside the tests that hold this code to it. Each file tells which release it comes from.

import { readFileSync } from 'node:fs';

/** The cases of a file in this folder. */
export function goldenCases<Case>(name: 'ignore' | 'manifests' | 'yaml'): readonly Case[] {
  const content = JSON.parse(readFileSync(new URL(`./${name}.json`, import.meta.url), 'utf8')) as { readonly cases: readonly Case[] };
  return content.cases;
}
