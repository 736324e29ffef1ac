import type { ErrorKind } from '@throughline/kernel';
import { conflict, DomainError, invalid, invariant } from '@throughline/kernel';
import { execute, GraphQLError, GraphQLObjectType, GraphQLSchema, GraphQLString, parse } from 'graphql';
import { describe, expect, it } from 'vitest';

import { originOf, problemOf, toGraphqlError } from './errors.ts';
import { asResult } from './result.ts';

const of = (kind: ErrorKind) => new DomainError({ kind, code: 'SOME_CODE', message: 'Some words.' });
const silent = { requestId: 'request-1', log: () => undefined };

describe('asResult', () => {
  it('names the type of what the work gave, and leaves that itself alone', async () => {
    const run = Object.freeze({ id: '1' });
    await expect(asResult('Run', () => run)).resolves.toEqual({ __typename: 'Run', id: '1' });
  });

  it('answers a refusal as a problem', async () => {
    const work = async () => {
      throw conflict('NAME_TAKEN', 'The name is taken.', { hint: 'Take another.', details: { count: 2n } });
    };
    await expect(asResult('Run', work)).resolves.toEqual({
      __typename: 'Problem',
      kind: 'CONFLICT',
      code: 'NAME_TAKEN',
      message: 'The name is taken.',
      hint: 'Take another.',
      details: { count: '2' },
    });
  });

  it.each<ErrorKind>(['internal', 'unauthenticated'])('throws %s on', async (kind) => {
    const error = of(kind);
    const work = () => {
      throw error;
    };
    await expect(asResult('Run', work)).rejects.toBe(error);
  });

  it('throws defects on', async () => {
    const error = new TypeError('undefined is not a function');
    await expect(asResult('Run', () => Promise.reject(error))).rejects.toBe(error);
  });
});

describe('problemOf', () => {
  it('has no hint and no details where the error has none', () => {
    expect(problemOf(invalid('BAD', 'Bad.'))).toMatchObject({ kind: 'INVALID', hint: null, details: null });
  });
});

describe('toGraphqlError', () => {
  it.each<[ErrorKind, string]>([
    ['invalid', 'BAD_USER_INPUT'],
    ['not_found', 'NOT_FOUND'],
    ['conflict', 'CONFLICT'],
    ['forbidden', 'FORBIDDEN'],
    ['unauthenticated', 'UNAUTHENTICATED'],
    ['unavailable', 'UNAVAILABLE'],
    ['exhausted', 'RESOURCE_EXHAUSTED'],
    ['unimplemented', 'UNIMPLEMENTED'],
    ['corrupt', 'CORRUPT'],
  ])('says %s as %s, with the words of the domain', (kind, code) => {
    expect(toGraphqlError(of(kind), silent).toJSON()).toEqual({ message: 'Some words.', extensions: { code, kind, reason: 'SOME_CODE' } });
  });

  it('keeps the place in the document', async () => {
    const fields = {
      broken: {
        type: GraphQLString,
        resolve: () => {
          throw conflict('TAKEN', 'Taken.');
        },
      },
    };
    const schema = new GraphQLSchema({ query: new GraphQLObjectType({ name: 'Query', fields }) });
    const { errors } = await execute({ schema, document: parse('{ alias: broken }') });
    expect(toGraphqlError(errors?.[0], silent).toJSON()).toMatchObject({ path: ['alias'], locations: [{ line: 1, column: 3 }] });
  });

  it.each([
    { what: 'an internal error', error: of('internal') },
    { what: 'a broken invariant', error: broken() },
    { what: 'a defect', error: new Error('Some words.') },
    { what: 'a defect in a GraphQLError', error: new GraphQLError('Some words.', { originalError: new Error('Some words.') }) },
    { what: 'something that is no error', error: 'Some words.' },
  ])('hides $what, and logs it under the request’s id', ({ error }) => {
    const logged: [string, unknown][] = [];
    const said = toGraphqlError(error, { requestId: 'request-1', log: (...line) => logged.push(line) });
    expect(JSON.stringify(said)).not.toContain('Some words');
    expect(said.extensions).toMatchObject({ code: 'INTERNAL_SERVER_ERROR', requestId: 'request-1' });
    expect(logged).toEqual([['GraphQL request request-1 met a defect', originOf(error)]]);
  });
});

function broken(): unknown {
  try {
    invariant(false, 'Some words.');
  } catch (error) {
    return error;
  }
}
