// Writes the composed schemas, graphql/supergraph.graphql and graphql/schema.graphql, which are committed. With --check it writes
// nothing and ends with 1 where they are stale. Needs no database.

import { readFileSync, writeFileSync } from 'node:fs';

import { composeSubgraphs } from '../graphql/compose.ts';
import { subgraphSdls } from '../graphql/subgraph-sdls.ts';

const { supergraphSdl, publicSdl } = composeSubgraphs(subgraphSdls);
const files = [
  { name: 'supergraph.graphql', text: supergraphSdl },
  { name: 'schema.graphql', text: publicSdl },
];
const pathOf = (name: string) => new URL(`../graphql/${name}`, import.meta.url);
const stale = files.filter(({ name, text }) => textOf(name) !== text);

if (process.argv.includes('--check')) {
  for (const { name } of stale) console.error(`apps/api/src/graphql/${name} is stale; run: npm run generate`);
  if (stale.length === 0) console.log(`The composed schema of ${subgraphSdls.length} subgraphs is fresh.`);
  process.exitCode = stale.length === 0 ? 0 : 1;
} else {
  for (const { name, text } of stale) writeFileSync(pathOf(name), text);
  console.log(
    `Composed ${subgraphSdls.length} subgraphs; ${stale.length === 0 ? 'nothing changed' : `wrote ${stale.map(({ name }) => name).join(' and ')}`}.`,
  );
}

/** The committed text; null where there is none yet. */
function textOf(name: string): string | null {
  try {
    return readFileSync(pathOf(name), 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw error;
  }
}
