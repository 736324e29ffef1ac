import { describe, expect, it } from 'vitest';

import { HELP, readCommandLine } from './token-arguments.ts';

const ID = '0198c0de-0000-7000-8000-000000000000';

describe('the command line of throughline token', () => {
  it('reads what to make', () => {
    const { wish, values } = readCommandLine(['create', '--name', 'ci', '--scope', 'Write', '--expires-days', '90', '--run', 'abc']);
    expect(wish).toEqual({ what: 'create', name: 'ci', scope: 'WRITE', days: 90 });
    expect(values).toMatchObject({ workspace: 'default', run: 'abc', json: false });
  });

  it('reads what to revoke, by either form of the id', () => {
    expect(readCommandLine(['revoke', `token_${ID}`]).wish).toEqual({ what: 'revoke', id: ID });
    expect(readCommandLine(['revoke', ID]).wish).toEqual({ what: 'revoke', id: ID });
  });

  it('helps whatever else stands there', () => {
    expect(readCommandLine(['make', '-h']).wish).toEqual({ what: 'help' });
    expect(HELP).toContain('npx throughline token create --name ci');
  });

  it.each([
    [[], 'create, list or revoke'],
    [['make'], "'make' is none of"],
    [['create', '--scope', 'read'], '--name is missing'],
    [['create', '--name', 'x'], '--scope is missing'],
    [['create', '--name', 'x', '--scope', 'god'], "'god' is no scope"],
    [['create', '--name', 'x', '--scope', 'read', '--expires-days', 'soon'], 'whole number of days'],
    [['create', '--name', 'x', '--scope', 'read', '--colour', 'red'], '--colour'],
    [['revoke'], 'Which token?'],
    [['list', 'all'], "'all'"],
  ])('says what is wrong with %j', (args, words) => {
    const attempt = () => readCommandLine(args);
    expect(attempt).toThrow(words);
    expect(attempt).toThrow(expect.objectContaining({ code: 'USAGE' }) as Error);
  });
});
