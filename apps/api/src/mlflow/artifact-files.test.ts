import { describe, expect, it } from 'vitest';

import { checkProxyPath } from './artifact-files.ts';

describe('a path of the artifact proxy', () => {
  it.each([
    '0/abc/artifacts/model/MLmodel',
    '0/abc/artifacts/b b+ü.bin',
    '0/a/artifacts/100%.txt',
    '0/a/artifacts/..hidden',
    '0/a/artifacts/a..b',
  ])('may be %s', (path) => {
    expect(checkProxyPath(path)).toBe(path);
  });

  it.each([
    '..',
    '../x',
    'a/../b',
    'a/..',
    './a',
    '/etc/passwd',
    'a//b',
    'a\\b',
    'a\0b',
    '%2e%2e/x',
    'a/%2E%2e/b',
    '%252e%252e/x',
    'a%2f..%2fb',
    'a%5cb',
    'a%00b',
  ])('may not be %j', (path) => {
    expect(() => checkProxyPath(path)).toThrow('Invalid path');
  });
});
