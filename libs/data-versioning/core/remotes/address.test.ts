import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { isLoopback, isNearby, shownUrl, splitCredentials } from './address.ts';
import { withoutCredentials } from './git-address.ts';
import { globExpression } from './selection.ts';

/** What may stand in an address as it is. */
const word = fc.stringMatching(/^[a-z0-9]{8,20}$/);

describe('An address that is shown', () => {
  it('has neither user nor password nor query in it', () => {
    fc.assert(
      fc.property(word, word, word, (user, password, signature) => {
        for (const shown of [
          shownUrl(`https://${user}:${password}@host/path?sig=${signature}`),
          shownUrl(`throughline://${user}@host/path#${signature}`),
          withoutCredentials(`https://${user}:${password}@host/team/data.git?token=${signature}`),
          withoutCredentials(`ssh://${user}:${password}@host/team/data.git`),
        ]) {
          for (const secret of [user, password, signature]) expect(shown).not.toContain(secret);
        }
      }),
    );
  });

  it('keeps what is no secret', () => {
    expect(shownUrl('s3://bucket/some/path')).toBe('s3://bucket/some/path');
    expect(shownUrl('/mnt/data?really')).toBe('/mnt/data?really');
    expect(withoutCredentials('git@host:team/data.git')).toBe('git@host:team/data.git');
    expect(withoutCredentials('me:secret@host:team/data.git')).toBe('host:team/data.git');
  });
});

describe('Credentials in an address', () => {
  it('are taken out, decoded', () => {
    expect(splitCredentials('https://me:p%40ss@host/x')).toEqual({ url: 'https://host/x', user: 'me', password: 'p@ss' });
    expect(splitCredentials('https://host/x@y')).toEqual({ url: 'https://host/x@y', user: null, password: null });
  });
});

describe('This machine itself', () => {
  it.each(['localhost', '127.0.0.1', '[::1]', 'data.localhost'])('is %s', (host) => expect(isLoopback(host)).toBe(true));
  it.each(['localhost.example.org', '127.0.0.1.example.org', '10.0.0.1'])('is not %s', (host) => expect(isLoopback(host)).toBe(false));
});

describe('What can only be meant from here', () => {
  it.each([
    'http://localhost',
    'http://2130706433',
    'http://0.0.0.0',
    'http://[::]',
    'http://[::1]',
    'http://[::ffff:127.0.0.1]',
    'http://169.254.169.254',
    'http://[fe80::1]',
  ])('is %s', (url) => expect(isNearby(new URL(url).hostname)).toBe(true));
  it.each(['http://data.example', 'http://10.0.0.1', 'http://[2001:db8::1]', 'http://169.255.0.1'])('is not %s', (url) =>
    expect(isNearby(new URL(url).hostname)).toBe(false),
  );
});

describe('A pattern of targets', () => {
  it.each([
    ['*.csv.dvc', 'a.csv.dvc', true],
    ['*.csv.dvc', 'sub/a.csv.dvc', false],
    ['**/*.dvc', 'a/b/c.dvc', true],
    ['**/*.dvc', 'c.dvc', true],
    ['data/[ab]?', 'data/a1', true],
    ['data/[!ab]?', 'data/a1', false],
    ['a.c', 'abc', false],
  ])('%s and %s: %s', (pattern, path, expected) => expect(globExpression(pattern).test(path)).toBe(expected));
});
