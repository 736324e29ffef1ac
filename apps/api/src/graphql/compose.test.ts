import { withSharedTypes } from '@throughline/graphql';
import { buildSchema } from 'graphql';
import { describe, expect, it } from 'vitest';

import { composeSubgraphs } from './compose.ts';

const sdl = (name: string, typeDefs: string) => ({ name, typeDefs: withSharedTypes(typeDefs) });

describe('composeSubgraphs', () => {
  it('takes an entity’s description from its owner, wherever the owner stands', () => {
    const { publicSdl } = composeSubgraphs([
      sdl('stubs', 'type Run @key(fields: "id", resolvable: false) { id: ID! } type Query { """A run.""" run: Run }'),
      sdl('owner', '"""What was done.""" type Run @key(fields: "id") { """Its id.""" id: ID! """Its name.""" name: String }'),
    ]);
    const run = buildSchema(publicSdl).getType('Run');
    expect(run?.description).toBe('What was done.');
  });

  it('refuses what nobody describes', () => {
    const stub = sdl('stubs', 'type Run @key(fields: "id", resolvable: false) { id: ID! } type Query { """A run.""" run: Run }');
    expect(() => composeSubgraphs([stub])).toThrow(/no subgraph describes the type Run\n.*no subgraph describes the field Run.id/);
  });

  it('refuses subgraphs that do not fit together, saying why', () => {
    const one = sdl('one', '"""T.""" type T { """A.""" a: Int } type Query { """T.""" t: T }');
    const two = sdl('two', '"""T.""" type T { """A.""" a: Int } type Query { """U.""" u: T }');
    expect(() => composeSubgraphs([one, two])).toThrow(/do not compose:\n.*T\.a/);
  });

  it('says the same whenever it is asked', () => {
    const subgraphs = [sdl('b-b', 'type Query { """B.""" b: Int }'), sdl('a', 'type Query { """A.""" a: Int }')];
    expect(composeSubgraphs(subgraphs)).toEqual(composeSubgraphs(subgraphs));
  });
});
