// How large a document may be: one validation rule that measures each operation with its fragments unfolded, so that neither
// aliases nor fragments make it cheaper than it runs. A fragment is measured once, however often it is spread.

import type { OperationDefinitionNode, SelectionNode, SelectionSetNode, ValidationRule } from 'graphql';
import { GraphQLError, Kind } from 'graphql';

export interface QueryLimits {
  /** How deep fields may nest. */
  maxDepth: number;
  /** How deep they may nest below `__schema` and `__type`; the introspection query of graphql-js needs 13. */
  maxIntrospectionDepth: number;
  /** How many fields there may be, each alias and each spread counted. */
  maxFields: number;
  /** How many of them may be at the root, where each is a query or a command of its own. */
  maxRootFields: number;
}

export const QUERY_LIMITS: QueryLimits = { maxDepth: 15, maxIntrospectionDepth: 20, maxFields: 1000, maxRootFields: 20 };

/** The longest query text, in bytes. */
export const MAX_QUERY_BYTES = 100_000;

/** The most tokens in a query text. */
export const MAX_QUERY_TOKENS = 5000;

interface Size {
  depth: number;
  introspectionDepth: number;
  fields: number;
  /** Fields on the outermost level. */
  width: number;
}

const NOTHING: Size = { depth: 0, introspectionDepth: 0, fields: 0, width: 0 };
const INTROSPECTION: ReadonlySet<string> = new Set(['__schema', '__type']);

/** The rule that refuses operations above the limits. */
export function queryLimitsRule(limits: QueryLimits = QUERY_LIMITS): ValidationRule {
  return (context) => {
    const fragments = new Map<string, Size>();

    const sizeOfAll = (set: SelectionSetNode | undefined): Size => (set?.selections ?? []).map(sizeOf).reduce(together, NOTHING);

    const sizeOf = (node: SelectionNode): Size => {
      switch (node.kind) {
        case Kind.INLINE_FRAGMENT:
          return sizeOfAll(node.selectionSet);
        case Kind.FRAGMENT_SPREAD:
          return sizeOfFragment(node.name.value);
        case Kind.FIELD: {
          const below = sizeOfAll(node.selectionSet);
          const isIntrospection = INTROSPECTION.has(node.name.value);
          return {
            depth: isIntrospection ? 1 : 1 + below.depth,
            introspectionDepth: isIntrospection ? below.depth : below.introspectionDepth,
            fields: 1 + below.fields,
            width: 1,
          };
        }
      }
    };

    const sizeOfFragment = (name: string): Size => {
      const known = fragments.get(name);
      if (known !== undefined) return known;
      // While it is being measured it counts for nothing: a fragment within itself is another rule's to refuse.
      fragments.set(name, NOTHING);
      const size = sizeOfAll(context.getFragment(name)?.selectionSet);
      fragments.set(name, size);
      return size;
    };

    return {
      OperationDefinition(node) {
        for (const message of excesses(sizeOfAll(node.selectionSet), limits)) context.reportError(refusal(message, node));
      },
    };
  };
}

function together(a: Size, b: Size): Size {
  return {
    depth: Math.max(a.depth, b.depth),
    introspectionDepth: Math.max(a.introspectionDepth, b.introspectionDepth),
    fields: a.fields + b.fields,
    width: a.width + b.width,
  };
}

function excesses(size: Size, limits: QueryLimits): string[] {
  const messages: string[] = [];
  if (size.depth > limits.maxDepth) messages.push(`fields nest ${size.depth} deep; at most ${limits.maxDepth} are allowed`);
  if (size.introspectionDepth > limits.maxIntrospectionDepth) {
    messages.push(`introspection nests ${size.introspectionDepth} deep; at most ${limits.maxIntrospectionDepth} are allowed`);
  }
  if (size.fields > limits.maxFields) messages.push(`it has ${size.fields} fields; at most ${limits.maxFields} are allowed`);
  if (size.width > limits.maxRootFields) messages.push(`it has ${size.width} root fields; at most ${limits.maxRootFields} are allowed`);
  return messages;
}

function refusal(message: string, node: OperationDefinitionNode): GraphQLError {
  return new GraphQLError(`The operation is too large: ${message}.`, { nodes: node });
}
