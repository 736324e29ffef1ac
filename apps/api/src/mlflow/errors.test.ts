import { DomainError, invalid } from '@throughline/kernel';
import type { ErrorKind } from '@throughline/kernel';
import { describe, expect, it } from 'vitest';

import { toMlflowError } from './errors.ts';

const of = (kind: ErrorKind, code = 'ANY') => {
  const { status, body } = toMlflowError(new DomainError({ kind, code, message: 'words' }), 'request');
  return [status, body.error_code];
};

describe("an error in MLflow's words", () => {
  it.each([
    ['invalid', 400, 'INVALID_PARAMETER_VALUE'],
    ['conflict', 400, 'INVALID_STATE'],
    ['unauthenticated', 401, 'UNAUTHENTICATED'],
    ['forbidden', 403, 'PERMISSION_DENIED'],
    ['not_found', 404, 'RESOURCE_DOES_NOT_EXIST'],
    ['corrupt', 422, 'DATA_LOSS'],
    ['exhausted', 429, 'RESOURCE_EXHAUSTED'],
    ['internal', 500, 'INTERNAL_ERROR'],
    ['unimplemented', 501, 'NOT_IMPLEMENTED'],
    ['unavailable', 503, 'TEMPORARILY_UNAVAILABLE'],
  ] as const)('that is %s is %d %s', (kind, status, code) => {
    expect(of(kind)).toEqual([status, code]);
  });

  it.each([
    ['EXPERIMENT_EXISTS', 'conflict', 400, 'RESOURCE_ALREADY_EXISTS'],
    ['MODEL_EXISTS', 'conflict', 400, 'RESOURCE_ALREADY_EXISTS'],
    ['RUN_NOT_ACTIVE', 'conflict', 400, 'INVALID_PARAMETER_VALUE'],
    ['EXPERIMENT_NOT_ACTIVE', 'conflict', 400, 'INVALID_PARAMETER_VALUE'],
    ['ALIAS_NOT_FOUND', 'not_found', 400, 'INVALID_PARAMETER_VALUE'],
  ] as const)('is finer than its kind where the protocol is: %s', (code, kind, status, told) => {
    expect(of(kind, code)).toEqual([status, told]);
  });

  // Its client tries these again, up to seven times and ever more slowly.
  it.each(['invalid', 'conflict', 'forbidden', 'unauthenticated', 'not_found', 'corrupt'] as const)(
    'that is a mistake of the client (%s) is none that the client tries again',
    (kind) => {
      expect([408, 429, 500, 502, 503, 504]).not.toContain(of(kind)[0]);
    },
  );

  it('says how to help it beside what was wrong', () => {
    const { body } = toMlflowError(invalid('ANY', 'It was wrong.', { hint: 'Do this.' }), 'request');
    expect(body).toEqual({ error_code: 'INVALID_PARAMETER_VALUE', message: 'It was wrong. Do this.' });
  });

  it.each([new Error('SELECT secret'), new DomainError({ kind: 'internal', code: 'X', message: 'SELECT secret' }), 'thrown text', null])(
    'that is a defect (%s) tells nothing but where the log has more',
    (error) => {
      const { status, body } = toMlflowError(error, 'request-7');
      expect([status, body.error_code]).toEqual([500, 'INTERNAL_ERROR']);
      expect(body.message).toBe('Something went wrong on the server. Its log has more under request-7.');
    },
  );
});
