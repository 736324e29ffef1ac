// The server's own words. They belong to the folder where the server stands, whose `npx throughline` knows both; here they say so, instead of
// being unknown or, worse, meaning something else.

import { DomainError } from '@throughline/kernel';

const WORDS: readonly string[] = ['server', 'backup', 'restore', 'token'];

export const SERVER_HELP = `The server's own words, in the folder where the server stands:
  npx throughline server <backup|restore|doctor|gc|import mlflow|token>
`;

/** Whether a line is for the server: by its first word, or since data has no such meaning for it. */
export function isServerWord([word, ...rest]: readonly string[]): boolean {
  if (word === undefined) return false;
  if (WORDS.includes(word)) return true;
  if (word === 'import') return rest[0] === 'mlflow';
  if (word === 'doctor') return rest.includes('--deep');
  return word === 'gc' && rest.some((one) => one.startsWith('--older-than'));
}

/** Throws `unimplemented` SERVER_WORD. */
export function refuseServerWord(line: readonly string[]): never {
  const words = (line[0] === 'server' ? line.slice(1) : line).filter((word) => /^[\w-]+$/.test(word)).slice(0, 2);
  throw new DomainError({
    kind: 'unimplemented',
    code: 'SERVER_WORD',
    message: `'${['throughline', ...line.slice(0, 2)].join(' ')}' keeps a server, and is run in the folder where the server stands.`,
    hint: `There: npx throughline ${['server', ...words].join(' ')}`,
  });
}
