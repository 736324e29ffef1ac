import { describe, expect, it } from 'vitest';

import { readSettings } from './settings.ts';

const HOME = '/home/ada';

describe('the environment', () => {
  it('says where settings lie, as DVC has it', () => {
    const { globalConfigFolder, systemConfigFolder, ownConfigFolder } = readSettings({
      HOME,
      XDG_CONFIG_HOME: '/conf',
      XDG_CONFIG_DIRS: '/sys:/other',
    });
    expect({ globalConfigFolder, systemConfigFolder, ownConfigFolder }).toEqual({
      globalConfigFolder: '/conf/dvc',
      systemConfigFolder: '/sys/dvc',
      ownConfigFolder: '/conf/throughline',
    });
  });

  it("takes DVC's own variables, which name the folder of the file", () => {
    const { globalConfigFolder, systemConfigFolder } = readSettings({
      HOME,
      DVC_GLOBAL_CONFIG_DIR: '/elsewhere',
      DVC_SYSTEM_CONFIG_DIR: '/there/dvc',
    });
    expect({ globalConfigFolder, systemConfigFolder }).toEqual({ globalConfigFolder: '/elsewhere', systemConfigFolder: '/there/dvc' });
  });

  it.each([
    [{}, []],
    [{ THROUGHLINE_TOKEN: 'tl_a' }, [{ token: 'tl_a', origin: null, variable: 'THROUGHLINE_TOKEN' }]],
    [
      { THROUGHLINE_TOKEN: 'tl_a', THROUGHLINE_URL: 'https://data.example/x' },
      [{ token: 'tl_a', origin: 'https://data.example', variable: 'THROUGHLINE_TOKEN' }],
    ],
    [{ MLFLOW_TRACKING_TOKEN: 'tl_b' }, []],
    [{ MLFLOW_TRACKING_TOKEN: 'tl_b', MLFLOW_TRACKING_URI: './mlruns' }, []],
    [
      { MLFLOW_TRACKING_TOKEN: 'tl_b', MLFLOW_TRACKING_URI: 'http://localhost:4000' },
      [{ token: 'tl_b', origin: 'http://localhost:4000', variable: 'MLFLOW_TRACKING_TOKEN' }],
    ],
  ])('shows tokens of %j to the servers that they are for', (variables, tokens) => {
    expect(readSettings({ HOME, ...variables }).tokens).toEqual(tokens);
  });

  it('is refused where a token has a line end in it', () => {
    expect(() => readSettings({ HOME, THROUGHLINE_TOKEN: 'tl_a\n' })).toThrow('THROUGHLINE_TOKEN has characters');
  });

  it('names the run', () => {
    expect([
      readSettings({ HOME, MLFLOW_RUN_ID: 'a' }).run,
      readSettings({ HOME, MLFLOW_RUN_ID: 'a', THROUGHLINE_RUN_ID: 'b' }).run,
    ]).toEqual(['a', 'b']);
  });

  it('names proxies, in lower case before upper case', () => {
    expect(readSettings({ HOME }).proxies).toEqual({ http: null, https: null, except: null });
    const { proxies } = readSettings({ HOME, HTTP_PROXY: 'a', http_proxy: 'b', HTTPS_PROXY: 'c', NO_PROXY: 'd' });
    expect(proxies).toEqual({ http: 'b', https: 'c', except: 'd' });
  });
});
