import { chmodSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { storeToken, tokenFinder } from './tokens.ts';

const SERVER = 'https://data.example';

let ownConfigFolder: string;
beforeEach(() => {
  ownConfigFolder = mkdtempSync(join(tmpdir(), 'throughline-tokens-'));
});
afterEach(() => rmSync(ownConfigFolder, { recursive: true, force: true }));

const file = () => join(ownConfigFolder, 'tokens.json');
const find = (origin: string) => tokenFinder({ ownConfigFolder, tokens: [] })(origin);

describe('the store of tokens', () => {
  it('answers a token to its own server alone', () => {
    storeToken({ ownConfigFolder }, SERVER, 'tl_a');
    expect([find(SERVER), find('https://other.example'), find('http://data.example')]).toEqual(['tl_a', null, null]);
  });

  it('is a file for its user alone, and leaves nothing beside it', () => {
    storeToken({ ownConfigFolder }, SERVER, 'tl_a');
    expect([statSync(file()).mode & 0o777, readdirSync(ownConfigFolder)]).toEqual([0o600, ['tokens.json']]);
  });

  it('forgets one and keeps the others', () => {
    storeToken({ ownConfigFolder }, SERVER, 'tl_a');
    storeToken({ ownConfigFolder }, 'http://localhost:4000', 'tl_b');
    expect([storeToken({ ownConfigFolder }, SERVER, null), storeToken({ ownConfigFolder }, SERVER, null)]).toEqual([true, false]);
    expect([find(SERVER), find('http://localhost:4000')]).toEqual([null, 'tl_b']);
  });

  it('is refused once others can read it', () => {
    storeToken({ ownConfigFolder }, SERVER, 'tl_a');
    chmodSync(file(), 0o644);
    expect(() => find(SERVER)).toThrow('can be read by others');
  });

  it.each(['', '[]', '{"https://data.example": 3}', '{'])('says that %j is not what it wrote', (text) => {
    writeFileSync(file(), text, { mode: 0o600 });
    expect(() => find(SERVER)).toThrow('not what this command wrote');
  });

  it.each([
    ['http://localhost:4000', 'tl_e'],
    ['http://127.0.0.1:4000', 'tl_e'],
    ['http://[::1]:4000', 'tl_e'],
    ['https://localhost', 'tl_e'],
    [SERVER, null],
    ['http://localhost.example', null],
    ['http://127.0.0.1.example:80', null],
  ])('gives a token that is for no server by name to this machine alone: %s', (origin, token) => {
    expect(tokenFinder({ ownConfigFolder, tokens: [{ token: 'tl_e', origin: null, variable: 'T' }] })(origin)).toBe(token);
  });

  it('goes behind a token of the environment, unless that is for another server', () => {
    storeToken({ ownConfigFolder }, SERVER, 'tl_a');
    const given = (origin: string | null) => tokenFinder({ ownConfigFolder, tokens: [{ token: 'tl_e', origin, variable: 'T' }] })(SERVER);
    expect([given(SERVER), given('https://other.example')]).toEqual(['tl_e', 'tl_a']);
  });
});
