// What nobody can go under, as programs of a few lines: a walk that looks at every file, and one pass that hashes and copies.

const WALK = `
const { lstatSync, readdirSync } = require('node:fs');
let files = 0;
const folders = [process.argv[1]];
for (const folder of folders) {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = folder + '/' + entry.name;
    if (entry.isDirectory()) folders.push(path);
    else files += lstatSync(path).isFile() ? 1 : 0;
  }
}
console.log(files);
`;

const HASH_AND_COPY = `
const { createHash } = require('node:crypto');
const { closeSync, fsyncSync, openSync, readSync, writeSync } = require('node:fs');
const [, source, target] = process.argv;
const input = openSync(source, 'r');
const output = openSync(target, 'w');
const hash = createHash('md5');
const buffer = Buffer.alloc(1 << 20);
for (let size; (size = readSync(input, buffer)) > 0; ) {
  const chunk = buffer.subarray(0, size);
  hash.update(chunk);
  writeSync(output, chunk);
}
fsyncSync(output);
closeSync(output);
console.log(hash.digest('hex'));
`;

/** Arguments for Node. */
export const walkOf = (folder: string): readonly string[] => ['-e', WALK, folder];
export const hashAndCopyOf = (source: string, target: string): readonly string[] => ['-e', HASH_AND_COPY, source, target];
