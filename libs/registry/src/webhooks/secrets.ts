// The secrets of webhooks at rest: AES-256-GCM under a key that is not in the database, so that a dump or a backup of it signs nothing.
// Each is bound to its webhook, and says by which key it was sealed, so that a wrong key is told from a damaged text.
//
// A sealed secret is: 1 (the form), 4 bytes of the key's fingerprint, 12 of the nonce, 16 of the tag, and the text.

import { createCipheriv, createDecipheriv, createHash, hkdfSync, randomBytes } from 'node:crypto';

import type { Queryable } from '@throughline/database';
import { DomainError } from '@throughline/kernel';

import { listSecrets } from './store.ts';

export interface SecretBox {
  /** Encrypts a secret for its owner. Throws where there is no key. */
  seal(owner: string, secret: string): Buffer;
  /** Decrypts it. Throws `unavailable` SECRET_UNREADABLE where it was sealed under another key, or is damaged. */
  open(owner: string, sealed: Uint8Array): string;
}

const FORM = 1;
const CIPHER = 'aes-256-gcm';
const HEAD = 1 + 4;
const NONCE = 12;
const TAG = 16;

interface Keys {
  cipherKey: Buffer;
  fingerprint: Buffer;
}

/** Makes the box over the server's master key, 32 bytes, which is asked for when it is first needed. */
export function createSecretBox(masterKey: () => Uint8Array): SecretBox {
  let derived: Keys | undefined;
  const keys = (): Keys => (derived ??= derive(masterKey()));
  return {
    seal(owner, secret) {
      const { cipherKey, fingerprint } = keys();
      const nonce = randomBytes(NONCE);
      const cipher = createCipheriv(CIPHER, cipherKey, nonce).setAAD(Buffer.from(owner));
      const text = Buffer.concat([cipher.update(secret, 'utf8'), cipher.final()]);
      return Buffer.concat([Buffer.of(FORM), fingerprint, nonce, cipher.getAuthTag(), text]);
    },

    open(owner, sealed) {
      const { cipherKey, fingerprint } = keys();
      const bytes = Buffer.from(sealed);
      if (bytes.length < HEAD + NONCE + TAG || bytes[0] !== FORM || !bytes.subarray(1, HEAD).equals(fingerprint)) throw unreadable();
      const nonce = bytes.subarray(HEAD, HEAD + NONCE);
      const tag = bytes.subarray(HEAD + NONCE, HEAD + NONCE + TAG);
      try {
        const decipher = createDecipheriv(CIPHER, cipherKey, nonce).setAAD(Buffer.from(owner)).setAuthTag(tag);
        return Buffer.concat([decipher.update(bytes.subarray(HEAD + NONCE + TAG)), decipher.final()]).toString('utf8');
      } catch (cause) {
        throw unreadable(cause);
      }
    },
  };
}

/** The webhooks, of whichever workspace, that have a secret, and the names of those whose secret does not open with the key; all of them without one. */
export async function checkSecrets(db: Queryable, masterKey: Uint8Array | null): Promise<{ secrets: number; unreadable: string[] }> {
  const secrets = await listSecrets(db);
  const box = masterKey === null ? null : createSecretBox(() => masterKey);
  const opens = ({ id, secret }: { id: string; secret: Buffer }): boolean => {
    if (box === null) return false;
    try {
      box.open(id, secret);
      return true;
    } catch (error) {
      if (error instanceof DomainError && error.code === 'SECRET_UNREADABLE') return false;
      throw error;
    }
  };
  return { secrets: secrets.length, unreadable: secrets.filter((secret) => !opens(secret)).map(({ name }) => name) };
}

function derive(masterKey: Uint8Array): Keys {
  if (masterKey.byteLength !== 32) throw new Error(`the master key has ${masterKey.byteLength} bytes; it must have 32`);
  // A key of its own, so that the master key may serve other purposes too.
  const cipherKey = Buffer.from(hkdfSync('sha256', masterKey, Buffer.alloc(0), 'throughline webhook secrets', 32));
  return { cipherKey, fingerprint: createHash('sha256').update(cipherKey).digest().subarray(0, 4) };
}

function unreadable(cause?: unknown): DomainError {
  return new DomainError({
    kind: 'unavailable',
    code: 'SECRET_UNREADABLE',
    message: "The webhook's secret cannot be read with this server's key.",
    hint: 'Start the server with the key that it was made under (THROUGHLINE_SECRET_KEY), or give the webhook a new secret.',
    cause,
  });
}
