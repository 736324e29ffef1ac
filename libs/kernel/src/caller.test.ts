import { describe, expect, it } from 'vitest';

import { requireRun, requireScope, requireWrite } from './caller.ts';
import type { Caller, Scope } from './caller.ts';

const caller = (scope: Scope, runId: string | null = null): Caller => ({
  workspaceId: '',
  principalId: '',
  name: 'somebody',
  scope,
  runId,
});

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

describe('a run’s own token', () => {
  const own = caller('ADMIN', 'run');

  it.each(['WRITE', 'ADMIN'] as const)('does not do what needs %s by default, whatever its scope', (needs) => {
    expect(() => {
      requireScope(own, needs);
    }).toThrow('made for one run');
  });

  it('writes where writes of runs are seen to, with the scope for it', () => {
    expect(() => {
      requireScope(own, 'READ');
      requireWrite(own);
    }).not.toThrow();
    expect(() => {
      requireWrite(caller('READ', 'run'));
    }).toThrow('scope write');
  });

  it.each([
    [['run'], true],
    [['other', 'run'], true],
    [['other'], false],
    [[null], false],
    [[], false],
  ] as const)('may write what belongs to %j: %s', (runs, may) => {
    const asking = () => {
      requireRun(own, ...runs);
    };
    if (may) expect(asking).not.toThrow();
    else expect(asking).toThrow('made for one run');
  });

  it('is the only one that this is asked of', () => {
    expect(() => {
      requireRun(caller('WRITE'));
    }).not.toThrow();
  });
});
