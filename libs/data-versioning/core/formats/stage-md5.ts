// The MD5 at the top of an import's `.dvc` file: of all that decides what the import is, as Python's json prints it. DVC tells by it whether somebody
// edited the file by hand.

import { createHash } from 'node:crypto';
import { quotePython } from './manifest.ts';
import { pythonFloat } from './yaml-print.ts';
import { Float, isMap } from './yaml-value.ts';
import type { YamlMap, YamlValue } from './yaml-value.ts';

/** What never counts: the MD5 itself, words for people, and facts beside the hashes. */
const LEFT_OUT: ReadonlySet<string> = new Set([
  ...['desc', 'type', 'labels', 'meta', 'locked', 'frozen', 'metric', 'persist'],
  ...['isexec', 'size', 'nfiles'],
]);

/** @param file The whole `.dvc` file without what goes without saying. */
export function md5OfStage(file: YamlMap): string {
  const { md5: _md5, ...rest } = file;
  return createHash('md5').update(pythonJson(rest)).digest('hex');
}

function pythonJson(value: YamlValue): string {
  if (Array.isArray(value)) return `[${value.map(pythonJson).join(', ')}]`;
  if (typeof value === 'string') return quotePython(value);
  if (value instanceof Float) return pythonFloat(value.value);
  if (typeof value === 'bigint') return String(value);
  if (!isMap(value)) return JSON.stringify(value);
  const entries = Object.entries(value).filter(([key]) => !LEFT_OUT.has(key));
  return `{${entries
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, one]) => `${quotePython(key)}: ${pythonJson(one)}`)
    .join(', ')}}`;
}
