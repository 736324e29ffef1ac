import { describe, expect, it } from 'vitest';

import { requireScope } from './caller.ts';
import type { Caller, Scope } from './caller.ts';

const caller = (scope: Scope): Caller => ({ workspaceId: '', principalId: '', name: 'somebody', scope, runId: null });

describe('a scope', () => {
  it.each([
    ['READ', 'READ', true],
    ['READ', 'WRITE', false],
    ['WRITE', 'READ', true],
    ['WRITE', 'ADMIN', false],
    ['ADMIN', 'WRITE', true],
    ['ADMIN', 'ADMIN', true],
  ] as const)('%s may do what needs %s: %s', (has, needs, may) => {
    const asking = () => {
      requireScope(caller(has), needs);
    };
    if (may) expect(asking).not.toThrow();
    else expect(asking).toThrow(`This needs a token with the scope ${needs.toLowerCase()}; yours has ${has.toLowerCase()}.`);
  });
});
