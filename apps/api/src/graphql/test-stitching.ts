// The other way to run the subgraphs, for tests alone: an MIT federation gateway in this process, over the composed supergraph.

import { getStitchedSchemaFromSupergraphSdl } from '@graphql-tools/federation';
import type { GraphqlContext, Subgraph } from '@throughline/graphql';
import type { ExecutionResult, GraphQLSchema } from 'graphql';
import { execute, GraphQLError, parse, validate } from 'graphql';

/** Stitches the subgraphs as a gateway would: it knows of them what the supergraph says, and sends them documents. */
export function stitch(supergraphSdl: string, subgraphs: readonly Subgraph[]): GraphQLSchema {
  // The gateway names a subgraph as the supergraph's join__Graph enum does.
  const enumName = (name: string) => name.replaceAll('-', '_').toUpperCase();
  const schemas = new Map(subgraphs.map((subgraph) => [enumName(subgraph.name), subgraph.schema]));
  return getStitchedSchemaFromSupergraphSdl({
    supergraphSdl,
    onSubschemaConfig(config) {
      const schema = schemas.get(enumName(config.name));
      if (schema === undefined) throw new Error(`There is no subgraph ${config.name}.`);
      config.executor = ({ document, variables: variableValues, context: contextValue }) =>
        execute({ schema, document, variableValues, contextValue }) as never;
    },
  });
}

export interface Question {
  query: string;
  variables?: Record<string, unknown>;
  context: GraphqlContext;
}

/** What a schema answers, as JSON carries it, its errors in an order that does not depend on who was faster. */
export async function answerOf(schema: GraphQLSchema, { query, variables = {}, context }: Question) {
  const document = parse(query);
  const [invalid] = validate(schema, document);
  if (invalid instanceof GraphQLError) throw invalid;
  const { data, errors = [] }: ExecutionResult = await execute({ schema, document, variableValues: variables, contextValue: context });
  const met = errors.map(({ message, path }) => ({ message, path: path?.join('.') ?? '' }));
  return {
    data: JSON.parse(JSON.stringify(data ?? null)) as unknown,
    errors: met.sort((a, b) => `${a.path} ${a.message}`.localeCompare(`${b.path} ${b.message}`)),
  };
}
