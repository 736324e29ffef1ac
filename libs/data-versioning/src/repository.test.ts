// Goal: a repository has one address whatever form it was given in, and no secret survives.
// Method: a table of forms that people use, and properties over generated addresses with secrets in them.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { isSameRepository, namesAt, normalizeCommit, normalizeRepository } from './repository.ts';

describe('normalizeRepository', () => {
  it.each([
    ['git@GitHub.com:acme/data.git', 'ssh://github.com/acme/data'],
    ['github.com:acme/data', 'ssh://github.com/acme/data'],
    ['ssh://git@github.com:22/acme/data.git', 'ssh://github.com/acme/data'],
    ['ssh://git@git.example.org:2222/acme/data', 'ssh://git.example.org:2222/acme/data'],
    ['https://user:ghp_secret@GitHub.com/acme/Data.git/', 'https://github.com/acme/Data'],
    ['https://github.com:443/acme//data', 'https://github.com/acme/data'],
    ['https://host/acme/data?private_token=secret#readme', 'https://host/acme/data'],
    ['git+https://host/acme/data.git', 'https://host/acme/data'],
    ['https://user:p@ss@host/acme/data', 'https://host/acme/data'],
    ['git@[::1]:acme/data', 'ssh://[::1]/acme/data'],
    ['/srv/git/data.git', 'file:///srv/git/data'],
    ['file:///home/me/data/.git', 'file:///home/me/data'],
    ['https://host/acme/x/../data', 'https://host/acme/data'],
  ])('takes %s for %s', (given, normal) => {
    expect(normalizeRepository(given)).toBe(normal);
  });

  it.each([
    '',
    '   ',
    'data',
    './data',
    'C:\\data',
    'c:/data',
    'https://',
    'https://host',
    'https://host/.git',
    'ftp://host/x',
    'https://a b/c',
    'https://host/a\u0000b',
    'file://other/x',
    'https://host:99999/x',
    'https://host/\ud800',
  ])('refuses %j', (given) => {
    expect(() => normalizeRepository(given)).toThrow(expect.objectContaining({ kind: 'invalid' }));
  });

  it('does not repeat a refused address, which may hold a password', () => {
    expect(() => normalizeRepository('https://me:hunter2@')).toThrow(
      expect.objectContaining({ message: expect.not.stringContaining('hunter2') as string }),
    );
  });

  const word = fc.stringMatching(/^[a-z0-9]{1,8}$/);
  const secret = fc.stringMatching(/^[A-Z]{12}[!$&'()*+,;=@:]{0,3}[A-Z]{4}$/);
  const form = fc.constantFrom(
    (user: string, host: string, path: string) => `https://${user}@${host}.org/${path}`,
    (user: string, host: string, path: string) => `ssh://${user}@${host}.org/${path}.git`,
    (user: string, host: string, path: string) => `https://${host}.org/${path}?token=${user}`,
    (user: string, host: string, path: string) => `${user.replaceAll(/[@:]/g, '')}@${host}.org:${path}.git`,
  );

  it('keeps nothing of a secret', () => {
    fc.assert(
      fc.property(form, secret, word, word, (write, user, host, path) => {
        const normal = normalizeRepository(write(user, host, path));
        expect(normal).not.toMatch(/[A-Z]/);
        expect(normal).toMatch(new RegExp(`^[a-z]+://${host}\\.org/${path}$`));
      }),
    );
  });

  it('leaves alone what it has made', () => {
    const part = fc.stringMatching(/^[a-zA-Z0-9._@:%~-]{0,6}$/);
    fc.assert(
      fc.property(
        fc.constantFrom('https://', 'ssh://', 'file:///', 'git@host:', '/', 'git://'),
        fc.array(part, { minLength: 1, maxLength: 5 }),
        (head, parts) => {
          const once = normalOrNull(`${head}${parts.join('/')}`);
          if (once !== null) expect(normalizeRepository(once)).toBe(once);
        },
      ),
      { numRuns: 1000 },
    );
  });

  it('answers any text with an address or a refusal', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        normalOrNull(text);
      }),
    );
  });
});

/** The normal form; null where it is refused. Any other failure passes through. */
function normalOrNull(text: string): string | null {
  try {
    return normalizeRepository(text);
  } catch (error) {
    expect(error).toMatchObject({ kind: 'invalid' });
    return null;
  }
}

describe('two addresses', () => {
  it.each<[string, string, boolean]>([
    ['git@git.example:Acme/shop.git', 'https://git.example/acme/shop', true],
    ['ssh://git@git.example:2222/acme/shop', 'https://git.example:8443/acme/shop', true],
    ['https://git.example/acme/shop', 'https://git.example/acme/shop2', false],
    ['https://git.example/acme/shop', 'https://other.example/acme/shop', false],
    ['/home/ada/shop', '/home/Ada/shop', false],
    ['/home/ada/shop', 'https://home/ada/shop', false],
  ])('%s and %s lead to one repository: %s', (one, other, isSame) => {
    expect(isSameRepository(normalizeRepository(one), normalizeRepository(other))).toBe(isSame);
  });
});

describe('the names of a path', () => {
  it.each<[string, string[]]>([
    ['git@git.example:Acme/Shop.git', ['data/raw', 'shop/data/raw', 'acme/shop/data/raw']],
    ['/srv/shop', ['data/raw', 'shop/data/raw', 'srv/shop/data/raw']],
  ])('in %s go from the shortest to the whole', (repository, names) => {
    expect(namesAt('data/raw', normalizeRepository(repository))).toEqual(names);
  });
});

describe('normalizeCommit', () => {
  it('takes full ids of SHA-1 and SHA-256 repositories in either case', () => {
    expect(normalizeCommit('A'.repeat(40))).toBe('a'.repeat(40));
    expect(normalizeCommit('0'.repeat(64))).toBe('0'.repeat(64));
  });

  it.each(['HEAD', 'abc1234', 'g'.repeat(40), 'a'.repeat(41)])('refuses %s', (text) => {
    expect(() => normalizeCommit(text)).toThrow(expect.objectContaining({ code: 'INVALID_COMMIT' }));
  });
});
