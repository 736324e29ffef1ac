// What a remote's settings may have AWS's tools do on this machine. Method: files of settings as a repository can carry them; no server is asked.

import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { connect } from './s3-client.ts';
import type { S3Options } from './s3-client.ts';
import { temporaryFolder } from './testing.ts';

let place: ReturnType<typeof temporaryFolder>;
beforeEach(() => {
  place = temporaryFolder();
});
afterEach(() => place.remove());

const options = (given: Partial<S3Options>): S3Options => ({
  bucket: 'bucket',
  prefix: '',
  endpoint: 'http://127.0.0.1:9',
  region: 'us-east-1',
  profile: null,
  accessKeyId: null,
  secretAccessKey: null,
  sessionToken: null,
  credentialsFile: null,
  configFile: null,
  isAnonymous: false,
  useSsl: true,
  verify: true,
  connectTimeoutMs: 1000,
  idleTimeoutMs: 1000,
  writeExtras: {},
  readExtras: {},
  ...given,
});

const keyOf = async (given: Partial<S3Options>) => {
  const { client } = await connect(options({ profile: 'own', ...given }));
  try {
    return (await client.config.credentials()).accessKeyId;
  } finally {
    client.destroy();
  }
};

it.each(['credentialsFile', 'configFile'] as const)('a file that the remote names as its %s runs no command', async (which) => {
  const file = join(place.folder, 'aws');
  const mark = join(place.folder, 'mark');
  const answer = JSON.stringify({ Version: 1, AccessKeyId: 'a', SecretAccessKey: 'b' });
  writeFileSync(
    file,
    `[own]\n credential_process = sh -c "touch ${mark}; echo '${answer}'"\n[profile own]\ncredential_process=touch ${mark}\n`,
  );
  await expect(keyOf({ [which]: file })).rejects.toMatchObject({
    code: 'REMOTE_CONFIG',
    message: expect.stringContaining('credential_process') as string,
  });
  expect(existsSync(mark)).toBe(false);
});

it('a file that the remote names sends no file of this machine away', async () => {
  const file = join(place.folder, 'aws');
  writeFileSync(file, '[profile own]\nrole_arn = arn:aws:iam::1:role/x\nweb_identity_token_file = /etc/hostname\n');
  await expect(keyOf({ configFile: file })).rejects.toMatchObject({
    code: 'REMOTE_CONFIG',
    message: expect.stringContaining('web_identity_token_file') as string,
  });
});

it('a file that the remote names gives keys', async () => {
  const file = join(place.folder, 'aws');
  writeFileSync(file, '[own]\naws_access_key_id = key\naws_secret_access_key = secret\n');
  expect(await keyOf({ credentialsFile: file })).toBe('key');
});

it('a file that the remote names and that is not there is named', async () => {
  await expect(keyOf({ credentialsFile: join(place.folder, 'none') })).rejects.toMatchObject({
    code: 'REMOTE_CONFIG',
    message: expect.stringContaining('none') as string,
  });
});
