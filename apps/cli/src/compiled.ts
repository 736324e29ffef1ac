// The packed program, out of what V8 made of it the last time: compiling half a megabyte takes a fifth of the time of a `status`. What is kept for a verb lies in the
// user's own cache folder and is only ever a shortcut. Code is run from it, so it counts only where nobody else could have written it, and where it is whole and of this
// very program: V8 itself looks at its own release and flags and at the length of the source, and at nothing else.

import { createHash } from 'node:crypto';
import { closeSync, fstatSync, mkdirSync, openSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Script } from 'node:vm';

import type * as Program from './program.ts';
import { compiledFolder } from './settings.ts';

const DIGEST_BYTES = 32;
const OTHERS_MAY_WRITE = 0o022;
/** After so long it is made anew: so what other releases left goes away. */
const KEPT_MS = 30 * 24 * 3_600_000;

export const { runProgram } = load(process.argv[2] ?? '');

function load(verb: string): typeof Program {
  const file = fileURLToPath(new URL('./program.js', import.meta.url));
  const source = readFileSync(file);
  const kept = join(compiledFolder(), `${/^[a-z-]{1,20}$/.test(verb) ? verb : 'other'}-${process.version}-${process.arch}`);
  const cachedData = readKept(kept, source);
  // As Node wraps a file. The program is ASCII, which needs no decoding.
  const script = new Script(`(function (exports, require, module, __filename, __dirname) {${source.toString('latin1')}\n})`, {
    filename: file,
    ...(cachedData === null ? {} : { cachedData }),
  });
  if (script.cachedDataRejected !== false) {
    process.once('exit', (code) => {
      // A line that could not be read, or a verb that failed, has seen little of the program.
      if (code === 0) keep(kept, source, script);
    });
  }
  const module = { exports: {} };
  const run = script.runInThisContext() as (...parts: readonly unknown[]) => void;
  run(module.exports, createRequire(file), module, file, dirname(file));
  return module.exports as typeof Program;
}

/** Null where there is none that can be trusted. */
function readKept(file: string, source: Buffer): Buffer | null {
  try {
    const descriptor = openSync(file, 'r');
    try {
      const { uid, mode } = fstatSync(descriptor);
      if (process.getuid !== undefined && (uid !== process.getuid() || (mode & OTHERS_MAY_WRITE) !== 0)) return null;
      const bytes = readFileSync(descriptor);
      const data = bytes.subarray(DIGEST_BYTES);
      return digestOf(source, data).equals(bytes.subarray(0, DIGEST_BYTES)) ? data : null;
    } finally {
      closeSync(descriptor);
    }
  } catch {
    // Not there, or not readable: the program is compiled.
    return null;
  }
}

function keep(file: string, source: Buffer, script: Script): void {
  const folder = dirname(file);
  const temporary = `${file}.${process.pid}`;
  try {
    // Somebody who works as another user in this home, as sudo lets him, leaves nothing there that the other could not remove.
    if (process.getuid !== undefined && ownerAbove(folder) !== process.getuid()) return;
    const data = script.createCachedData();
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    for (const name of readdirSync(folder)) {
      const found = statSync(join(folder, name), { throwIfNoEntry: false });
      if (found !== undefined && Date.now() - found.mtimeMs > KEPT_MS) rmSync(join(folder, name), { force: true });
    }
    writeFileSync(temporary, Buffer.concat([digestOf(source, data), data]), { mode: 0o600 });
    renameSync(temporary, file);
  } catch {
    // A home that cannot be written to, or a full disk: the next command compiles as this one did.
    rmSync(temporary, { force: true });
  }
}

/** Whose the folder is, or the nearest one above it that is there. */
function ownerAbove(folder: string): number {
  const found = statSync(folder, { throwIfNoEntry: false });
  return found === undefined ? ownerAbove(dirname(folder)) : found.uid;
}

function digestOf(source: Buffer, data: Buffer): Buffer {
  return createHash('sha256').update(source).update(data).digest();
}
