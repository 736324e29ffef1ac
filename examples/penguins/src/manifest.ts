// A digest that everybody can compute: the server names a dataset version or a model version by the SHA-256 of its manifest, a text of one
// line a file. Computing it here from the bytes tells whether the server knows them already, and that it says the truth of them.

import { createHash } from 'node:crypto';

export function sha256(bytes: Uint8Array | string): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** The digest of files by their paths; `file` is a version of one file without a folder around it. No file here is executable. */
export function digestOf(kind: 'dir' | 'file', files: ReadonlyMap<string, Uint8Array>): string {
  const lines = [...files]
    .sort(([a], [b]) => Buffer.compare(Buffer.from(a, 'utf8'), Buffer.from(b, 'utf8')))
    .map(([path, bytes]) => {
      const md5 = createHash('md5').update(bytes).digest('hex');
      return `${sha256(bytes)} ${md5} ${bytes.length} - ${JSON.stringify(path)}\n`;
    });
  return sha256(`throughline-manifest 1 ${kind}\n${lines.join('')}`);
}
