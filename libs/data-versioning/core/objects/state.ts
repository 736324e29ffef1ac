// What we know of files that we hashed before: a file whose inode, size and two times are the same still has the same hash, so that `status` looks at each
// file once and reads none. One state for each tracked folder, with its files in the order in which the system lists them (it rarely changes, so names are compared in
// passing instead of being looked up), and one for all files that are tracked alone.
// A state is only ever a shortcut: one that is damaged, of another version or of another path is as good as none.

import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as zlib from 'node:zlib';
import type { HashName } from '../types.ts';
import { isUnwritable } from './failures.ts';
import { md5Of } from './hash.ts';
import { readRegularFile } from './regular-file.ts';
import { MD5_BYTES } from './tasks.ts';

/** Inode, size, and the times of the last change of the content and of the file, in milliseconds: as in `tasks.ts`, without its flags. */
export const KEPT_FACTS = 4;
const MAGIC = 'TLSTATE2';
/** Magic, checksum, length of the head. */
const PREFIX_BYTES = 16;
const ALIGNMENT = 8;

export interface KnownFolder {
  /** Relative to the output; empty for itself. */
  readonly path: string;
  readonly names: readonly string[];
  readonly facts: Float64Array;
  readonly digests: Uint8Array;
}

export interface State {
  /** Of the output, or of what else is known of it. */
  readonly path: string;
  readonly hash: HashName;
  /** The manifest's MD5, where all files of the folders are in it. */
  readonly treeMd5: string | null;
  readonly sizeBytes: number;
  readonly fileCount: number;
  readonly folders: readonly KnownFolder[];
}

interface Head extends Omit<State, 'folders'> {
  readonly folders: readonly { readonly path: string; readonly count: number; readonly nameBytes: number }[];
}

/** Where the state of an output lies. */
export function stateFile(stateFolder: string, path: string, hash: HashName): string {
  return join(stateFolder, md5Of(Buffer.from(`${hash}\0${path}`)));
}

/** Null where there is none that can be used. */
export function readState(file: string): State | null {
  try {
    return decodeState(readRegularFile(file));
  } catch {
    // Whatever is wrong with it, the files can be hashed again.
    return null;
  }
}

export function writeState(file: string, state: State): void {
  writeBeside(file, encodeState(state));
}

/**
 * Another command that reads it meanwhile sees the old one or the new one; after a power cut it may be damaged, which its reader has to bear. It only saves work: where the disk
 * is full, or the repository somebody else's, the old one stays and the command goes on.
 */
export function writeBeside(file: string, content: Uint8Array | string): void {
  const temporary = `${file}.${process.pid}`;
  try {
    mkdirSync(join(file, '..'), { recursive: true });
    // Whatever lies there, a link of a stranger included, is not written to.
    rmSync(temporary, { force: true });
    writeFileSync(temporary, content, { flag: 'wx' });
    renameSync(temporary, file);
  } catch (error) {
    if (!isUnwritable(error)) throw error;
    try {
      rmSync(temporary, { force: true });
    } catch {
      // Where nothing can be written, nothing was.
    }
  }
}

export function encodeState(state: State): Buffer {
  const names = state.folders.map((folder) => Buffer.from(folder.names.join('\0')));
  const head: Head = {
    path: state.path,
    hash: state.hash,
    treeMd5: state.treeMd5,
    sizeBytes: state.sizeBytes,
    fileCount: state.fileCount,
    folders: state.folders.map((folder, index) => ({
      path: folder.path,
      count: folder.names.length,
      nameBytes: names[index]?.length ?? 0,
    })),
  };
  const headBytes = Buffer.from(JSON.stringify(head));
  const prefix = Buffer.alloc(PREFIX_BYTES);
  const parts: Buffer[] = [prefix, headBytes];
  let length = PREFIX_BYTES + headBytes.length;
  const append = (bytes: Buffer) => {
    parts.push(bytes);
    length += bytes.length;
  };
  const align = () => append(Buffer.alloc((ALIGNMENT - (length % ALIGNMENT)) % ALIGNMENT));
  for (const [index, folder] of state.folders.entries()) {
    append(names[index] ?? Buffer.alloc(0));
    align();
    append(Buffer.from(folder.facts.buffer, folder.facts.byteOffset, folder.facts.byteLength));
    append(Buffer.from(folder.digests.buffer, folder.digests.byteOffset, folder.digests.byteLength));
  }
  const all = Buffer.concat(parts, length);
  all.write(MAGIC, 'latin1');
  all.writeUInt32LE(headBytes.length, 12);
  all.writeUInt32LE(checksum(all.subarray(12)), 8);
  return all;
}

/** Null unless it is whole and ours. */
export function decodeState(input: Buffer): State | null {
  if (input.length < PREFIX_BYTES || input.toString('latin1', 0, MAGIC.length) !== MAGIC) return null;
  if (input.readUInt32LE(8) !== checksum(input.subarray(12))) return null;
  // The numbers are looked at where they lie, which needs their place to be a multiple of eight.
  const bytes = input.byteOffset % ALIGNMENT === 0 ? input : Buffer.from(new Uint8Array(input).buffer);
  let at = PREFIX_BYTES + bytes.readUInt32LE(12);
  const { folders: shapes, ...head } = JSON.parse(bytes.toString('utf8', PREFIX_BYTES, at)) as Head;
  const folders: KnownFolder[] = [];
  for (const { path, count, nameBytes } of shapes) {
    const names = count === 0 ? [] : bytes.toString('utf8', at, at + nameBytes).split('\0');
    at += nameBytes;
    at += (ALIGNMENT - (at % ALIGNMENT)) % ALIGNMENT;
    const facts = new Float64Array(bytes.buffer, bytes.byteOffset + at, count * KEPT_FACTS);
    at += facts.byteLength;
    const digests = new Uint8Array(bytes.buffer, bytes.byteOffset + at, count * MD5_BYTES);
    at += digests.byteLength;
    if (names.length !== count) return null;
    folders.push({ path, names, facts, digests });
  }
  return { ...head, folders };
}

/** Node has it since 20.15; it guards against disks, so any checksum would do, but states outlive an update of Node. */
const fastChecksum = (zlib as { crc32?: (data: Uint8Array) => number }).crc32;

function checksum(bytes: Uint8Array): number {
  return fastChecksum === undefined ? slowChecksum(bytes) : fastChecksum(bytes);
}

let table: Uint32Array | null = null;

/** CRC-32 as in ISO 3309, the same as zlib's. */
export function slowChecksum(bytes: Uint8Array): number {
  table ??= Uint32Array.from({ length: 256 }, (_, index) => {
    let value = index;
    for (let bit = 0; bit < 8; bit++) value = (value & 1) === 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
    return value >>> 0;
  });
  let crc = 0xffffffff;
  for (const byte of bytes) crc = (crc >>> 8) ^ (table[(crc ^ byte) & 0xff] ?? 0);
  return (crc ^ 0xffffffff) >>> 0;
}
