// One domain's subgraph: its SDL behind the shared prelude, its resolvers, and the federation schema out of both, which runs by
// itself behind any Federation 2 router. What can be wrong with the three is found here, when the server starts or a test
// imports the domain, and all of it at once.

import { buildSubgraphSchema } from '@apollo/subgraph';
import type { GraphQLResolverMap } from '@apollo/subgraph/dist/resolvers.js';
import type {
  DirectiveNode,
  DocumentNode,
  FieldDefinitionNode,
  GraphQLResolveInfo,
  GraphQLSchema,
  InputValueDefinitionNode,
  StringValueNode,
} from 'graphql';
import { GraphQLScalarType, Kind, parse } from 'graphql';

import type { GraphqlContext } from './context.ts';
import { forgetLoaded } from './loader.ts';
import { sharedScalars } from './scalars.ts';
import { withSharedTypes } from './shared.ts';

/**
 * Resolves a field from its parent; a `__resolveReference` from its reference, its second argument being the context then; and a
 * `__resolveType` from the value. The parameters are `never` so that each resolver may state its own types.
 */
export type Resolver = (parent: never, args: never, context: GraphqlContext, info: GraphQLResolveInfo) => unknown;

/** Resolvers of one type, by field. */
export type TypeResolvers = Readonly<Record<string, Resolver>>;

/** Resolvers by type; a scalar of the domain's own is given as it is. */
export type Resolvers = Readonly<Record<string, TypeResolvers | GraphQLScalarType>>;

export interface SubgraphDefinition {
  /** The name of the subgraph in the supergraph: lower case, with dashes. */
  name: string;
  /** The domain's own SDL, without the shared prelude. */
  typeDefs: string;
  resolvers: Resolvers;
}

export interface Subgraph {
  readonly name: string;
  /** The whole SDL, the shared prelude included. */
  readonly typeDefs: string;
  /** The resolvers, those of the scalars included. */
  readonly resolvers: Resolvers;
  /** The executable federation schema, `_entities` and `_service` included. */
  readonly schema: GraphQLSchema;
}

const NAME = /^[a-z][a-z0-9-]{0,62}$/;
const ROOTS: ReadonlySet<string> = new Set(['Query', 'Mutation']);

/**
 * Defines a subgraph. Throws an Error that lists everything wrong: resolvers for what the SDL does not have, fields that need a
 * resolver and have none, entities without a reference resolver, types and fields without a description.
 */
export function defineSubgraph({ name, typeDefs, resolvers }: SubgraphDefinition): Subgraph {
  const whole = withSharedTypes(typeDefs);
  const document = parse(whole);
  const faults = NAME.test(name) ? [] : [`the name must match ${String(NAME)}`];
  faults.push(...faultsOf(document, resolvers));
  if (faults.length > 0) throw new Error(`The subgraph '${name}' cannot be built:\n${faults.map((fault) => `  - ${fault}`).join('\n')}`);

  const all: Resolvers = { ...sharedScalars, ...resolvers, ...forgettingMutations(resolvers) };
  const schema = buildSubgraphSchema([{ typeDefs: document, resolvers: all as GraphQLResolverMap }]);
  return { name, typeDefs: whole, resolvers: all, schema };
}

/**
 * Mutations whose loaders forget before and after each command: the commands of one document run one after the other, and what
 * one selects must show what it did, whatever was loaded before.
 */
function forgettingMutations(resolvers: Resolvers): Resolvers {
  const mutations = resolvers['Mutation'];
  if (mutations === undefined || mutations instanceof GraphQLScalarType) return {};
  const forgetting = Object.entries(mutations).map(([field, resolve]): [string, Resolver] => [
    field,
    async (parent, args, context, info) => {
      forgetLoaded(context);
      try {
        return await resolve(parent, args, context, info);
      } finally {
        forgetLoaded(context);
      }
    },
  ]);
  return { Mutation: Object.fromEntries(forgetting) };
}

/** A type of the SDL with its extensions taken together. */
interface Declared {
  kind: 'object' | 'interface' | 'union' | 'enum' | 'input' | 'scalar';
  described: boolean;
  /** Whether each declaration of it is an `extend`, which cannot carry a description. */
  onlyExtended: boolean;
  fields: Map<string, FieldDefinitionNode | InputValueDefinitionNode>;
  keys: { fields: string[]; resolvable: boolean }[];
}

function faultsOf(document: DocumentNode, resolvers: Resolvers): string[] {
  const types = declaredTypes(document);
  const faults = [...types].flatMap(([name, type]) => [...undescribed(name, type), ...unresolved(name, type, resolvers[name])]);
  for (const name of Object.keys(resolvers)) {
    if (!types.has(name)) faults.push(`there are resolvers for the type ${name}, which the SDL does not declare`);
  }
  return faults;
}

function declaredTypes(document: DocumentNode): Map<string, Declared> {
  const types = new Map<string, Declared>();
  for (const node of document.definitions) {
    const kind = KINDS.get(node.kind);
    if (kind === undefined || !('name' in node)) continue;
    const extended = node.kind.endsWith('Extension');
    const type = types.get(node.name.value) ?? noDeclaration(kind);
    type.onlyExtended &&= extended;
    if ('description' in node && isDescribed(node.description)) type.described = true;
    if ('fields' in node) for (const field of node.fields ?? []) type.fields.set(field.name.value, field);
    if ('directives' in node) for (const directive of node.directives ?? []) type.keys.push(...keyOf(directive));
    types.set(node.name.value, type);
  }
  return types;
}

function noDeclaration(kind: Declared['kind']): Declared {
  return { kind, described: false, onlyExtended: true, fields: new Map(), keys: [] };
}

const KINDS: ReadonlyMap<string, Declared['kind']> = new Map([
  [Kind.OBJECT_TYPE_DEFINITION, 'object'],
  [Kind.OBJECT_TYPE_EXTENSION, 'object'],
  [Kind.INTERFACE_TYPE_DEFINITION, 'interface'],
  [Kind.INTERFACE_TYPE_EXTENSION, 'interface'],
  [Kind.UNION_TYPE_DEFINITION, 'union'],
  [Kind.UNION_TYPE_EXTENSION, 'union'],
  [Kind.ENUM_TYPE_DEFINITION, 'enum'],
  [Kind.ENUM_TYPE_EXTENSION, 'enum'],
  [Kind.INPUT_OBJECT_TYPE_DEFINITION, 'input'],
  [Kind.INPUT_OBJECT_TYPE_EXTENSION, 'input'],
  [Kind.SCALAR_TYPE_DEFINITION, 'scalar'],
  [Kind.SCALAR_TYPE_EXTENSION, 'scalar'],
]);

function keyOf(directive: DirectiveNode): Declared['keys'] {
  if (directive.name.value !== 'key') return [];
  const argument = (name: string) => directive.arguments?.find((one) => one.name.value === name)?.value;
  const fields = argument('fields');
  const resolvable = argument('resolvable');
  return [
    {
      fields: fields?.kind === Kind.STRING ? fields.value.split(/[\s,{}]+/).filter((field) => field !== '') : [],
      resolvable: !(resolvable?.kind === Kind.BOOLEAN && !resolvable.value),
    },
  ];
}

function isDescribed(description: StringValueNode | undefined): boolean {
  return description !== undefined && description.value.trim() !== '';
}

/**
 * What lacks a description. The name and the keys of an entity are let pass, since of the subgraphs that share it only its owner
 * describes them; composition checks the whole.
 */
function undescribed(name: string, type: Declared): string[] {
  const isEntity = type.keys.length > 0;
  const faults = type.described || type.onlyExtended || isEntity || ROOTS.has(name) ? [] : [`the type ${name} has no description`];
  const keys = new Set(type.keys.flatMap((key) => key.fields));
  for (const [field, node] of type.fields) {
    if (!isDescribed(node.description) && !keys.has(field)) faults.push(`the field ${name}.${field} has no description`);
  }
  return faults;
}

/** What is missing from the resolvers of a type, and what they have that the type has not. */
function unresolved(name: string, type: Declared, resolvers: TypeResolvers | GraphQLScalarType | undefined): string[] {
  if (type.kind === 'scalar') {
    const known = resolvers instanceof GraphQLScalarType || name in sharedScalars;
    return known ? [] : [`the scalar ${name} has no GraphQLScalarType among the resolvers`];
  }
  if (resolvers instanceof GraphQLScalarType) return [`${name} is not a scalar, but its resolver is one`];
  const given = new Set(Object.keys(resolvers ?? {}));
  const faults: string[] = [];
  if (type.kind === 'object') {
    for (const [field, node] of type.fields) {
      if (given.delete(field)) continue;
      const takesArguments = 'arguments' in node && (node.arguments ?? []).length > 0;
      if (ROOTS.has(name)) faults.push(`the field ${name}.${field} has no resolver`);
      else if (takesArguments) faults.push(`the field ${name}.${field} takes arguments and has no resolver, so it would ignore them`);
    }
    const hasReference = given.delete('__resolveReference');
    if (type.keys.some((key) => key.resolvable) && !hasReference) {
      faults.push(`the entity ${name} has no __resolveReference; give it one, or say resolvable: false`);
    }
    if (hasReference && type.keys.length === 0) faults.push(`${name} has a __resolveReference, but no @key`);
  }
  if (type.kind === 'interface' || type.kind === 'union') given.delete('__resolveType');
  // Enums among them: their values are their names, since an inner value would have to be the same in every subgraph.
  for (const field of given) faults.push(`there is a resolver for ${name}.${field}, which the SDL does not declare`);
  return faults;
}
