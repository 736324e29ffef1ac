// Random documents over a schema, for comparing two ways to run it. Arguments come from a pool by their name; a field that needs
// one that the pool has not is left out.

import fc from 'fast-check';
import type { GraphQLArgument, GraphQLField, GraphQLNamedOutputType, GraphQLSchema } from 'graphql';
import { getNamedType, isAbstractType, isCompositeType, isObjectType, isRequiredArgument } from 'graphql';

/** Literals by the argument's name. */
export type ArgumentPool = Readonly<Record<string, readonly string[]>>;

interface Writer {
  schema: GraphQLSchema;
  pool: ArgumentPool;
  /** A number from 0 up to, not including, the given one. */
  pick: (below: number) => number;
  /** How many fields may still be written. */
  budget: { left: number };
  aliases: { next: number };
}

/** Query documents of at most `maxFields` fields that nest at most `maxDepth` deep. */
export function queries(schema: GraphQLSchema, pool: ArgumentPool, limits: { maxDepth: number; maxFields: number }): fc.Arbitrary<string> {
  return fc.infiniteStream(fc.nat()).map((numbers) => {
    const pick = (below: number): number => {
      const next = numbers.next();
      return next.done === true ? 0 : next.value % below;
    };
    const writer: Writer = { schema, pool, pick, budget: { left: limits.maxFields }, aliases: { next: 0 } };
    const query = schema.getQueryType();
    return query ? selection(query, limits.maxDepth, writer) : '{ __typename }';
  });
}

function selection(type: GraphQLNamedOutputType, depth: number, writer: Writer): string {
  const parts: string[] = [];
  if (writer.pick(3) === 0) parts.push('__typename');
  if (isAbstractType(type)) {
    for (const possible of writer.schema.getPossibleTypes(type)) {
      if (writer.pick(3) > 0) parts.push(`... on ${possible.name} ${selection(possible, depth, writer)}`);
    }
  }
  if (isObjectType(type)) {
    const fields = Object.values(type.getFields());
    const count = 1 + writer.pick(4);
    for (let index = 0; index < count; index += 1) {
      const field = fields[writer.pick(fields.length)];
      if (field !== undefined && writer.budget.left > 0) parts.push(...written(field, depth, writer));
    }
  }
  return `{ ${parts.length === 0 ? '__typename' : parts.join(' ')} }`;
}

function written(field: GraphQLField<unknown, unknown>, depth: number, writer: Writer): string[] {
  const named = getNamedType(field.type);
  if (isCompositeType(named) && depth <= 1) return [];
  const args = field.args.map((argument) => ({ argument, literal: literalFor(argument, writer) }));
  if (args.some(({ argument, literal }) => literal === null && isRequiredArgument(argument))) return [];
  writer.budget.left -= 1;
  // Aliases keep fields with different arguments apart.
  const alias = `f${(writer.aliases.next += 1)}: `;
  const list = args.filter(({ literal }) => literal !== null).map(({ argument, literal }) => `${argument.name}: ${literal ?? ''}`);
  const below = isCompositeType(named) ? ` ${selection(named, depth - 1, writer)}` : '';
  return [`${alias}${field.name}${list.length === 0 ? '' : `(${list.join(', ')})`}${below}`];
}

function literalFor(argument: GraphQLArgument, writer: Writer): string | null {
  const literals = writer.pool[argument.name] ?? [];
  if (literals.length === 0 || (!isRequiredArgument(argument) && writer.pick(2) === 0)) return null;
  return literals[writer.pick(literals.length)] ?? null;
}
