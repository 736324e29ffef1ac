// One executable schema over all subgraphs, in one process. The subgraphs stay what they are, and a router could run them one by
// one; this runs them without planning queries, without printing and parsing documents between them, at a fifth of the time.
//
// How: an object on its way through the execution is *carried*: the parent object that a subgraph's resolver gave, and which
// subgraph that was, its home. A field that the home declares runs the home's resolver on that parent. Any other field belongs to
// another subgraph, whose parent object is loaded through its reference resolver, by the entity's key, once for a request.
// All references that are needed in one tick are loaded together, so a list costs as many batches as it has subgraphs.
//
// Which subgraph has a field is read from the subgraphs themselves. What this does not execute (@requires, @provides, @override,
// @interfaceObject, keyed interfaces, nested keys) is refused when the schema is built.

import type { GraphqlContext, Load, Subgraph } from '@throughline/graphql';
import { defineLoader } from '@throughline/graphql';
import type {
  DirectiveNode,
  DocumentNode,
  GraphQLAbstractType,
  GraphQLField,
  GraphQLFieldResolver,
  GraphQLObjectType,
  GraphQLOutputType,
  GraphQLResolveInfo,
  GraphQLScalarType,
  GraphQLSchema,
} from 'graphql';
import {
  buildSchema,
  defaultFieldResolver,
  defaultTypeResolver,
  getNamedType,
  isAbstractType,
  isCompositeType,
  isIntrospectionType,
  isLeafType,
  isListType,
  isNonNullType,
  isObjectType,
  isScalarType,
  isSpecifiedScalarType,
  Kind,
  parse,
  visit,
} from 'graphql';

type Args = Record<string, unknown>;
type Resolve = GraphQLFieldResolver<unknown, GraphqlContext, Args>;

export interface MergedSchemaOptions {
  /** The public schema that composition made of these very subgraphs. */
  publicSdl: string;
  subgraphs: readonly Subgraph[];
}

/**
 * Builds the merged schema. Its context is a GraphqlContext.
 * Throws an Error that lists what it cannot execute, or what the public schema has and no subgraph declares.
 */
export function createMergedSchema({ publicSdl, subgraphs }: MergedSchemaOptions): GraphQLSchema {
  const schema = buildSchema(publicSdl);
  const homes = subgraphs.map(homeOf);
  const faults: string[] = homes.flatMap((home) => home.unsupported);
  const roots = new Set([schema.getQueryType(), schema.getMutationType()]);
  if (schema.getSubscriptionType()) faults.push('subscriptions are not executed');

  for (const type of Object.values(schema.getTypeMap())) {
    if (isIntrospectionType(type)) continue;
    if (isScalarType(type) && !isSpecifiedScalarType(type)) adoptScalar(type, homes);
    else if (isAbstractType(type)) type.resolveType = abstractTypeResolver(homes);
    else if (isObjectType(type) && roots.has(type)) faults.push(...resolveRoot(type, homes));
    else if (isObjectType(type)) faults.push(...resolveEntity(type, homes));
  }
  if (faults.length > 0) throw new Error(`The merged schema cannot be built:\n${faults.map((fault) => `  - ${fault}`).join('\n')}`);
  return schema;
}

/** One subgraph, as the merge reads it. */
interface Home {
  subgraph: Subgraph;
  /** The keys that it declares, by entity. */
  keys: ReadonlyMap<string, readonly Key[]>;
  unsupported: string[];
}

interface Key {
  fields: readonly string[];
  /** Whether this subgraph can load the entity by it. */
  resolvable: boolean;
}

/** A parent object, the subgraph whose it is, and what other subgraphs have of the same entity. */
class Carried {
  readonly home: Home;
  readonly parent: unknown;
  readonly elsewhere = new Map<Home, Promise<unknown>>();

  constructor(home: Home, parent: unknown) {
    this.home = home;
    this.parent = parent;
  }
}

/** The directives that this executor knows the meaning of, or that have none for it. Any other may ask for what it does not do. */
const KNOWN_DIRECTIVES: ReadonlySet<string> = new Set(['key', 'shareable', 'link', 'deprecated', 'specifiedBy', 'oneOf']);

function homeOf(subgraph: Subgraph): Home {
  const document = parse(subgraph.typeDefs);
  const keys = new Map<string, Key[]>();
  const unsupported = unsupportedIn(document).map((fault) => `${subgraph.name}: ${fault}`);
  for (const node of document.definitions) {
    if (node.kind !== Kind.OBJECT_TYPE_DEFINITION && node.kind !== Kind.OBJECT_TYPE_EXTENSION) continue;
    const own = (node.directives ?? []).filter((directive) => directive.name.value === 'key').map(keyOf);
    if (own.length === 0) continue;
    keys.set(node.name.value, [...(keys.get(node.name.value) ?? []), ...own]);
    unsupported.push(...unsupportedKeys(subgraph, node.name.value, own));
  }
  return { subgraph, keys, unsupported };
}

function keyOf(directive: DirectiveNode): Key {
  const argument = (name: string) => directive.arguments?.find((one) => one.name.value === name)?.value;
  const fields = argument('fields');
  const resolvable = argument('resolvable');
  return {
    fields: fields?.kind === Kind.STRING ? fields.value.split(/[\s,]+/).filter((field) => field !== '') : [],
    resolvable: !(resolvable?.kind === Kind.BOOLEAN && !resolvable.value),
  };
}

function unsupportedIn(document: DocumentNode): string[] {
  const faults: string[] = [];
  visit(document, {
    Directive(node) {
      if (!KNOWN_DIRECTIVES.has(node.name.value)) faults.push(`@${node.name.value} is not executed`);
    },
    InterfaceTypeDefinition(node) {
      if (node.directives?.some((directive) => directive.name.value === 'key')) faults.push(`the interface ${node.name.value} has a @key`);
    },
  });
  return faults;
}

/** A key must be made of single values that are always there, since its text is what the reference is loaded by. */
function unsupportedKeys(subgraph: Subgraph, typename: string, keys: readonly Key[]): string[] {
  const declared = fieldsOf(subgraph, typename);
  const isSingle = (field: string) => {
    const type = declared[field]?.type;
    return type !== undefined && isNonNullType(type) && isLeafType(type.ofType);
  };
  return keys
    .filter((key) => key.fields.length === 0 || !key.fields.every(isSingle))
    .map((key) => `${subgraph.name}: the key "${key.fields.join(' ')}" of ${typename} is not made of single non-null values`);
}

function fieldsOf(subgraph: Subgraph, typename: string): Partial<Record<string, GraphQLField<unknown, GraphqlContext, Args>>> {
  const type = subgraph.schema.getType(typename);
  return isObjectType(type) ? type.getFields() : {};
}

/** Our scalars read and write alike in every subgraph, so the first that has the scalar lends its functions. */
function adoptScalar(type: GraphQLScalarType, homes: readonly Home[]): void {
  const own = homes.map((home) => home.subgraph.schema.getType(type.name)).find(isScalarType);
  if (own === undefined) return;
  type.serialize = own.serialize;
  type.parseValue = own.parseValue;
  type.parseLiteral = own.parseLiteral;
}

/** What an interface's or a union's value is, its home knows. */
function abstractTypeResolver(homes: readonly Home[]): NonNullable<GraphQLAbstractType['resolveType']> {
  const known = new Set(homes);
  return (value: unknown, context: GraphqlContext, info: GraphQLResolveInfo, type: GraphQLAbstractType) => {
    const { home, parent } = carried(value, known);
    const own = home.subgraph.schema.getType(type.name);
    if (!isAbstractType(own)) throw new Error(`The subgraph ${home.subgraph.name} gave a ${type.name}, which it does not declare.`);
    return (own.resolveType ?? defaultTypeResolver)(parent, context, { ...info, schema: home.subgraph.schema }, own);
  };
}

function carried(value: unknown, homes: ReadonlySet<Home>): Carried {
  if (value instanceof Carried && homes.has(value.home)) return value;
  throw new Error('A value came into the merged schema that none of its subgraphs gave.');
}

/** Fields of Query and Mutation run in the first subgraph that declares them. */
function resolveRoot(type: GraphQLObjectType, homes: readonly Home[]): string[] {
  const faults: string[] = [];
  for (const field of Object.values(type.getFields())) {
    const home = homes.find((one) => fieldsOf(one.subgraph, type.name)[field.name] !== undefined);
    if (home === undefined) {
      faults.push(`no subgraph declares ${type.name}.${field.name}`);
      continue;
    }
    const resolve = carrying(home, ownResolver(home, type.name, field.name), field.type);
    field.resolve = (source: unknown, args: Args, context: GraphqlContext, info) => resolve(source, args, context, info);
  }
  return faults;
}

/** How the parent object of another subgraph is come by. */
type Route = (value: Carried, context: GraphqlContext, info: GraphQLResolveInfo) => Promise<unknown>;

/** How a field is answered by another subgraph than the one that gave the object. */
interface Detour {
  route: Route;
  resolve: Resolve;
}

/** Fields of any other object: entities, which several subgraphs share, and values, which live in one at a time. */
function resolveEntity(type: GraphQLObjectType, homes: readonly Home[]): string[] {
  const faults: string[] = [];
  const sharers = homes.filter((home) => isObjectType(home.subgraph.schema.getType(type.name)));
  const loaders = new Map(sharers.map((home) => [home, referenceLoader(home, type.name)]));
  const routes = new Map(sharers.map((home) => [home, routesFrom(home, type, loaders)]));
  for (const field of Object.values(type.getFields())) {
    const direct = new Map<Home, Resolve>();
    for (const home of sharers) {
      if (fieldsOf(home.subgraph, type.name)[field.name] === undefined) continue;
      direct.set(home, carrying(home, ownResolver(home, type.name, field.name), field.type));
    }
    const detours = new Map<Home, Detour>();
    for (const [from, reached] of routes) {
      if (direct.has(from)) continue;
      const detour = [...reached].flatMap(([home, route]) => detourOver(route, direct.get(home)))[0];
      if (detour === undefined)
        faults.push(`from ${from.subgraph.name}, no key of ${type.name} leads to a subgraph that has ${field.name}`);
      else detours.set(from, detour);
    }
    if (direct.size === 0) faults.push(`no subgraph declares ${type.name}.${field.name}`);
    field.resolve = entityFieldResolver(type.name, direct, detours);
  }
  return faults;
}

function detourOver(route: Route, resolve: Resolve | undefined): Detour[] {
  return resolve === undefined ? [] : [{ route, resolve }];
}

function entityFieldResolver(typename: string, direct: ReadonlyMap<Home, Resolve>, detours: ReadonlyMap<Home, Detour>): Resolve {
  return (source, args, context, info) => {
    if (!(source instanceof Carried)) throw new Error(`A ${typename} came into the merged schema that none of its subgraphs gave.`);
    const resolve = direct.get(source.home);
    if (resolve !== undefined) return resolve(source.parent, args, context, info);
    const detour = detours.get(source.home);
    if (detour === undefined) throw new Error(`The subgraph ${source.home.subgraph.name} gave a ${typename}, which it does not declare.`);
    // An owner that knows no such entity answers null, and with it every field; whether that may be is for the field's type to say.
    return detour.route(source, context, info).then((parent) => (parent === null ? null : detour.resolve(parent, args, context, info)));
  };
}

/**
 * The ways from one subgraph's objects of a type to the other subgraphs that can load them, nearest first. Most are one hop, by a
 * key that both declare; where no such key is, a subgraph in between that has both keys is asked for the other.
 */
function routesFrom(from: Home, type: GraphQLObjectType, loaders: ReadonlyMap<Home, Load<Reference, unknown>>): ReadonlyMap<Home, Route> {
  const routes = new Map<Home, Route>();
  const reached: { home: Home; route: Route }[] = [{ home: from, route: (value) => Promise.resolve(value.parent) }];
  // The list grows while it is walked: each subgraph that is reached is walked from in its turn.
  for (const step of reached) {
    const has = fieldsOf(step.home.subgraph, type.name);
    for (const [home, load] of loaders) {
      const key = home.keys.get(type.name)?.find((one) => one.resolvable && one.fields.every((field) => has[field] !== undefined));
      if (key === undefined || home === from || routes.has(home)) continue;
      const route = remembered(
        home,
        hop({ before: step.home === from ? null : step.route, load, readKey: keyReader(step.home, type, key) }),
      );
      routes.set(home, route);
      reached.push({ home, route });
    }
  }
  return routes;
}

type ReadKey = ReturnType<typeof keyReader>;

/** One hop: from the object as it came (`before` is null), or from what another route came to. */
function hop({ before, load, readKey }: { before: Route | null; load: Load<Reference, unknown>; readKey: ReadKey }): Route {
  return (value, context, info) => {
    const onwards = (reference: Reference) => load(context, reference);
    const fromParent = (parent: unknown) => {
      const reference = readKey(parent, context, info);
      return reference instanceof Promise ? reference.then(onwards) : onwards(reference);
    };
    if (before === null) return fromParent(value.parent);
    return before(value, context, info).then((parent) => (parent === null ? null : fromParent(parent)));
  };
}

/** The route, walked once for each object however many fields need it. */
function remembered(home: Home, route: Route): Route {
  return (value, context, info) => {
    const known = value.elsewhere.get(home);
    if (known !== undefined) return known;
    const parent = route(value, context, info);
    value.elsewhere.set(home, parent);
    return parent;
  };
}

/** What a subgraph loads an entity by: its typename and the values of one key. */
type Reference = { readonly __typename: string } & Readonly<Record<string, unknown>>;

/** The reference of an object, its key read by its own subgraph and in the form in which a router would see it. */
function keyReader(from: Home, type: GraphQLObjectType, key: Key) {
  const readers = key.fields.map((field) => {
    const resolve = ownResolver(from, type.name, field);
    const declared = type.getFields()[field]?.type;
    const leaf = declared === undefined ? undefined : getNamedType(declared);
    return { field, resolve, serialize: (value: unknown) => (isLeafType(leaf) ? leaf.serialize(value) : value) };
  });
  return (parent: unknown, context: GraphqlContext, info: GraphQLResolveInfo): Reference | Promise<Reference> => {
    const values = readers.map(({ field, resolve }) => resolve(parent, {}, context, { ...info, fieldName: field }));
    const referenceOf = (ready: readonly unknown[]): Reference => {
      const entries = readers.map(({ field, serialize }, index): [string, unknown] => {
        const value = ready[index];
        if (value === null || value === undefined) throw new Error(`Cannot return null for non-nullable field ${type.name}.${field}.`);
        return [field, serialize(value)];
      });
      return { __typename: type.name, ...Object.fromEntries(entries) };
    };
    return values.some(isPromiseLike) ? Promise.all(values).then(referenceOf) : referenceOf(values);
  };
}

/** Loads entities of one type from one subgraph. Its reference resolver takes one at a time and batches in its own loaders. */
function referenceLoader({ subgraph }: Home, typename: string): Load<Reference, unknown> {
  const resolvers = subgraph.resolvers[typename];
  const resolveReference = resolvers !== undefined && '__resolveReference' in resolvers ? resolvers['__resolveReference'] : undefined;
  const resolve = resolveReference as ((reference: Reference, context: GraphqlContext) => unknown) | undefined;
  return defineLoader<Reference, unknown>(
    (references, context) =>
      Promise.all(
        references.map(async (reference) => {
          try {
            return (await resolve?.(reference, context)) ?? null;
          } catch (error) {
            return error instanceof Error ? error : new Error(`Unexpected error value: ${String(error)}`);
          }
        }),
      ),
    { keyOf: (reference) => JSON.stringify(reference) },
  );
}

/** A field's resolver as its subgraph has it: its own, or the property. */
function ownResolver({ subgraph }: Home, typename: string, field: string): Resolve {
  return fieldsOf(subgraph, typename)[field]?.resolve ?? defaultFieldResolver;
}

/** The resolver with its result carried, where that is an object or a list of them. */
function carrying(home: Home, resolve: Resolve, type: GraphQLOutputType): Resolve {
  if (!isCompositeType(getNamedType(type))) return resolve;
  const depth = listDepth(type);
  return (parent, args, context, info) => carry(home, resolve(parent, args, context, info), depth);
}

function listDepth(type: GraphQLOutputType): number {
  if (isNonNullType(type)) return listDepth(type.ofType);
  return isListType(type) ? 1 + listDepth(type.ofType) : 0;
}

function carry(home: Home, result: unknown, depth: number): unknown {
  // Null, errors, and what is no list where one is due: the executor knows what to say to each.
  if (result === null || result === undefined || result instanceof Error) return result;
  if (isPromiseLike(result)) return result.then((ready) => carry(home, ready, depth));
  if (depth === 0) return new Carried(home, result);
  if (!isIterable(result)) return result;
  // Each item as a promise: where completing one item throws at once, graphql-js 16 leaves the promises of the items before it to
  // themselves, and one of those that rejects later would end the process as an unhandled rejection.
  return Array.from(result, (item) => Promise.resolve(carry(home, item, depth - 1)));
}

function isPromiseLike(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function';
}

function isIterable(value: unknown): value is Iterable<unknown> {
  return typeof value === 'object' && value !== null && Symbol.iterator in value;
}
