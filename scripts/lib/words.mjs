// Whom a line of `npx throughline` is for, in the folder where the server stands: the server's own command, or the one that versions data.

import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

import { ROOT } from './install.mjs';

/** Words that data does not have. */
const SERVER_ONLY = ['backup', 'restore', 'token'];
/** Words that both have: whoever stands in the server's folder means the server. */
const BOTH = ['doctor', 'gc'];

/**
 * The line for the server's command, or null where it is for data. `server <word>` is always the server's; so is what data has no meaning for:
 * `import mlflow`, `doctor --deep`, `gc --older-than`.
 */
export function serverLine(line, folder) {
  const [word, ...rest] = line;
  if (word === 'server') return rest;
  if (SERVER_ONLY.includes(word)) return line;
  if (word === 'import') return rest[0] === 'mlflow' ? line : null;
  if (!BOTH.includes(word)) return null;
  const isPlain = word === 'doctor' ? rest.includes('--deep') : rest.some((one) => one.startsWith('--older-than'));
  return isPlain || standsWithServer(folder) ? line : null;
}

/** Whether a folder is the server's, or one inside of it that belongs to no repository of data. */
function standsWithServer(folder) {
  for (let at = folder; ; at = dirname(at)) {
    if (at === ROOT) return true;
    if (existsSync(join(at, '.dvc')) || at === dirname(at)) return false;
  }
}
