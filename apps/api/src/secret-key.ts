// The key under which secrets are kept: from the configuration, or else from a file in the data folder, made when it is first needed. It
// is not in the database, so that neither a dump of it nor a backup tells what others were trusted with.

import { randomBytes } from 'node:crypto';
import { closeSync, fsyncSync, linkSync, mkdirSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';

import { DomainError } from '@throughline/kernel';

import type { Config } from './config.ts';

const KEY_BYTES = 32;
const NAME = 'secret.key';

/** Answers the key when asked. Servers that share a database over several machines need it in the configuration. */
export function secretKeyOf({ secretKey, dataDir }: Pick<Config, 'secretKey' | 'dataDir'>): () => Uint8Array {
  return () => secretKey ?? keyIn(dataDir);
}

/** The key as it is; null where none was needed yet. */
export function findSecretKey({ secretKey, dataDir }: Pick<Config, 'secretKey' | 'dataDir'>): Uint8Array | null {
  const key = secretKey ?? read(join(dataDir, NAME));
  return key === null ? null : checked(key);
}

function keyIn(folder: string): Uint8Array {
  const file = join(folder, NAME);
  return checked(read(file) ?? (make(folder, file), read(file)));
}

function checked(key: Uint8Array | null): Uint8Array {
  if (key?.byteLength === KEY_BYTES) return key;
  throw new DomainError({
    kind: 'unavailable',
    code: 'SECRET_KEY_DAMAGED',
    message: `The file ${NAME} of the data folder is not a key: it must hold ${KEY_BYTES} bytes in base64.`,
    hint: 'Put back the one that the secrets were kept under, or remove it and give the webhooks new secrets.',
  });
}

function read(file: string): Buffer | null {
  try {
    return Buffer.from(readFileSync(file, 'utf8').trim(), 'base64');
  } catch (error) {
    if (error instanceof Error && Reflect.get(error, 'code') === 'ENOENT') return null;
    throw error;
  }
}

/** Whole or not at all, and only one of those that make it at once: the name is given to a file that is written and safe. */
function make(folder: string, file: string): void {
  mkdirSync(folder, { recursive: true });
  const draft = `${file}.${randomBytes(8).toString('hex')}`;
  const handle = openSync(draft, 'wx', 0o600);
  try {
    writeSync(handle, `${randomBytes(KEY_BYTES).toString('base64')}\n`);
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
  try {
    linkSync(draft, file);
  } catch (error) {
    // Another process was faster, and its key is the one.
    if (!(error instanceof Error && Reflect.get(error, 'code') === 'EEXIST')) throw error;
  } finally {
    rmSync(draft);
  }
  syncFolder(folder);
}

/** The name must outlive a loss of power as well as what it names. */
function syncFolder(folder: string): void {
  // Windows has no handles of folders to sync, and writes names through.
  if (process.platform === 'win32') return;
  const handle = openSync(folder, 'r');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}
