import { buildSchema, getIntrospectionQuery, parse, validate } from 'graphql';
import { describe, expect, it } from 'vitest';

import { queryLimitsRule } from './limits.ts';

const schema = buildSchema('type Query { a: Query b(x: Int): Int }');
const limits = { maxDepth: 4, maxIntrospectionDepth: 20, maxFields: 12, maxRootFields: 5 };

const complaints = (query: string) => validate(schema, parse(query), [queryLimitsRule(limits)]).map((error) => error.message);

describe('queryLimitsRule', () => {
  it('lets pass what is at every limit', () => {
    expect(complaints('{ a { a { a { b } } } p: a { b } q: a { b } r: a { b } s: a { b } }')).toEqual([]);
  });

  it('refuses fields that nest too deep', () => {
    expect(complaints('{ a { a { a { a { b } } } } }')).toEqual(['The operation is too large: fields nest 5 deep; at most 4 are allowed.']);
  });

  it('looks through fragments for depth', () => {
    expect(complaints('{ a { ...F } } fragment F on Query { a { ... { a { ...G } } } } fragment G on Query { b }')).toEqual([]);
    expect(complaints('{ a { ...F } } fragment F on Query { a { ... { a { ...G } } } } fragment G on Query { a { b } }')).toEqual([
      'The operation is too large: fields nest 5 deep; at most 4 are allowed.',
    ]);
  });

  it('counts each alias as a field', () => {
    const aliases = Array.from({ length: 12 }, (_, index) => `a${index}: b`).join(' ');
    expect(complaints(`{ a { ${aliases} } }`)).toEqual(['The operation is too large: it has 13 fields; at most 12 are allowed.']);
  });

  it('counts a fragment as often as it is spread, without unfolding what doubles with every level', () => {
    const doubling = Array.from({ length: 60 }, (_, level) => `fragment F${level} on Query { ...F${level + 1} ...F${level + 1} }`).join(
      ' ',
    );
    const [message] = complaints(`{ ...F0 } ${doubling} fragment F60 on Query { b }`);
    expect(message).toBe(`The operation is too large: it has ${2 ** 60} fields; at most 12 are allowed.`);
  });

  it('refuses too many root fields, fragments included', () => {
    expect(complaints('{ a: b c: b ...F } fragment F on Query { d: b e: b f: b g: b }')).toEqual([
      'The operation is too large: it has 6 root fields; at most 5 are allowed.',
    ]);
  });

  it('ends on fragments that contain each other', () => {
    expect(complaints('{ ...F } fragment F on Query { a { ...G } } fragment G on Query { a { ...F } }')).toEqual([]);
  });

  it('measures every operation of a document', () => {
    expect(complaints('query A { b } query B { a { a { a { a { b } } } } }')).toHaveLength(1);
  });

  it('lets the usual introspection pass under the limits of the server', () => {
    const query = getIntrospectionQuery({ specifiedByUrl: true, schemaDescription: true, inputValueDeprecation: true, oneOf: true });
    expect(validate(schema, parse(query), [queryLimitsRule()])).toEqual([]);
  });

  it('bounds introspection too', () => {
    const nested = (depth: number): string => (depth === 0 ? 'name' : `ofType { ${nested(depth - 1)} }`);
    expect(complaints(`{ __type(name: "Query") { ${nested(20)} } }`)).toEqual([
      'The operation is too large: introspection nests 21 deep; at most 20 are allowed.',
      'The operation is too large: it has 22 fields; at most 12 are allowed.',
    ]);
  });
});
