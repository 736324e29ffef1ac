import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ConfigFile } from './config-file.ts';
import { checkSetting, maskedValue } from './config-options.ts';

const REMOTE = { section: 'remote', name: 'store' };
const TEXT = `# kept by hand
[core]
    remote = store  # the usual one
    autostage = true

['remote "Store"']
    url = ../../data
    ; = odd
`.replace('    ; = odd\n', '');

describe('a config file', () => {
  test('keeps its comments and its order when a setting changes', () => {
    const file = new ConfigFile(TEXT, 'config');
    file.set(REMOTE, 'url', 's3://bucket');
    file.set({ section: 'core', name: null }, 'analytics', 'false');
    expect(file.print()).toBe(TEXT.replace('../../data', 's3://bucket').replace('true\n', 'true\n    analytics = false\n'));
  });

  test('is read with names in lower case, without comments and quotes', () => {
    const file = new ConfigFile(
      `[Core]\nRemote = "My # store" # why\n[cache]\ntype = "hardlink,copy"\n['remote "X"']\nurl=a, b\n`,
      'config',
    );
    expect(file.entries()).toEqual([
      { section: { section: 'core', name: null }, key: 'remote', value: 'My # store' },
      { section: { section: 'cache', name: null }, key: 'type', value: 'hardlink,copy' },
      { section: { section: 'remote', name: 'x' }, key: 'url', value: ['a', 'b'] },
    ]);
  });

  test('gives back every value that was set, whatever is in it', () => {
    const value = fc.string({ unit: fc.constantFrom('a', ' ', '"', "'", '#', ',', '=', '[', '\n', 'é', '%', '$', '\t'), maxLength: 10 });
    fc.assert(
      fc.property(value, (text) => {
        const file = new ConfigFile('', 'config');
        try {
          file.set(REMOTE, 'password', text);
        } catch (error) {
          // Nothing can quote both kinds of quotes in threes, or at the end.
          expect(/["']/.test(text)).toBe(true);
          expect(error).toMatchObject({ code: 'CONFIG_INVALID' });
          return;
        }
        expect(new ConfigFile(file.print(), 'config').entries().at(-1)?.value).toBe(text);
      }),
    );
  });

  test('loses a section with its last setting, and a removed one with all of them', () => {
    const file = new ConfigFile(TEXT, 'config');
    expect(file.unset(REMOTE, 'url')).toBe(true);
    expect(file.print()).not.toContain('remote "');
    expect(file.removeSection({ section: 'core', name: null })).toBe(true);
    expect(file.print()).toBe('# kept by hand\n');
  });

  test.each([
    ['a = 1\n', 'config:1 stands before any section'],
    ['[core]\nnonsense\n', 'config:2 is neither'],
    ['[core]\na = "x\n', 'config:2 has a value with a quote'],
    ["[core]\na = '''x\n", 'config:2 opens three quotes'],
  ])('that says %j is refused with its line', (text, message) => {
    expect(() => new ConfigFile(text, 'config')).toThrow(message);
  });
});

describe('a setting', () => {
  test.each([
    [{ section: 'core', name: null, option: 'autostge' }, 'true', 'Did you mean autostage?'],
    [{ section: 'cor', name: null, option: 'remote' }, 'x', 'Did you mean core?'],
    [{ section: 'remote', name: 's', option: 'regin', url: 's3://b' }, 'x', 'Did you mean region?'],
    [{ section: 'remote', name: 's', option: 'url', url: 'htps://b' }, 'htps://b', 'Did you mean https://?'],
  ])('that is misspelt (%j) is refused with the nearest known one', (setting, value, hint) => {
    expect(() => checkSetting(setting, value)).toThrow(expect.objectContaining({ code: 'CONFIG_UNKNOWN', hint }) as Error);
  });

  test.each([
    ['autostage', 'yes'],
    ['checksum_jobs', '0'],
  ])('core.%s cannot be %s', (option, value) => {
    expect(() => checkSetting({ section: 'core', name: null, option }, value)).toThrow(
      expect.objectContaining({ code: 'CONFIG_INVALID' }) as Error,
    );
  });

  test('that is secret is masked, in addresses too', () => {
    expect(maskedValue('password', 'p')).toBe('********');
    expect(maskedValue('url', 'https://me:p@host/x')).toBe('https://********@host/x');
    expect(maskedValue('url', 'https://me:p@host/x?sig=s#f')).toBe('https://********@host/x?********#f');
    expect(maskedValue('url', 's3://bucket/a@b')).toBe('s3://bucket/a@b');
  });
});
