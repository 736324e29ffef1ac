// What is asked of whoever stands at the terminal, or read from a pipe.

import { createInterface } from 'node:readline/promises';
import type { ReadStream } from 'node:tty';

import type { Terminal } from '@throughline/kernel';
import { invalid } from '@throughline/kernel';

const MAX_INPUT_BYTES = 256 * 2 ** 20;

/** Asks yes or no; no is what counts unless the answer is plainly yes, and where there is nobody to ask. */
export function confirmWith(terminal: Terminal): (question: string) => Promise<boolean> {
  return async (question) => {
    if (!process.stdin.isTTY || !process.stderr.isTTY) return false;
    const asking = createInterface({ input: process.stdin, output: process.stderr });
    try {
      const answer = await asking.question(`${terminal.caution(question)} [y/N] `);
      return /^y(es)?$/i.test(answer.trim());
    } finally {
      asking.close();
    }
  };
}

/** Reads all of a pipe. Throws `invalid` INPUT_TOO_LARGE. */
export async function readAll(input: AsyncIterable<unknown>): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of input) {
    const bytes = Buffer.from(chunk as Buffer);
    size += bytes.length;
    if (size > MAX_INPUT_BYTES) throw invalid('INPUT_TOO_LARGE', `The standard input has more than ${MAX_INPUT_BYTES} bytes.`);
    chunks.push(bytes);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** Reads a line that is not shown, or all of a pipe; without the line end. */
export async function readSecret(question: string): Promise<string> {
  if (!process.stdin.isTTY) return (await readAll(process.stdin)).trim();
  process.stderr.write(`${question}: `);
  const secret = await readHidden(process.stdin);
  process.stderr.write('\n');
  return secret;
}

/** Asks for something secret where somebody stands at the terminal; each question once, however often the answer is needed. */
export function askOnce(): (question: string) => Promise<string | null> {
  const asked = new Map<string, Promise<string>>();
  return async (question) => {
    if (!process.stdin.isTTY || !process.stderr.isTTY) return null;
    const answer = asked.get(question) ?? readSecret(question);
    asked.set(question, answer);
    return await answer;
  };
}

const ENTER = /[\r\n]/;
const INTERRUPT = '\u0003';
const BACKSPACE = /[\b\u007f]/;

/** Letter by letter, in raw mode: nothing is echoed. */
function readHidden(input: ReadStream): Promise<string> {
  return new Promise((done, failed) => {
    let typed = '';
    const end = () => {
      input.setRawMode(false);
      input.off('data', onData);
      input.pause();
    };
    const onData = (chunk: Buffer | string) => {
      for (const letter of chunk.toString()) {
        if (letter === INTERRUPT) {
          end();
          failed(invalid('INTERRUPTED', 'Nothing was entered.'));
          return;
        }
        if (ENTER.test(letter)) {
          end();
          done(typed.trim());
          return;
        }
        typed = BACKSPACE.test(letter) ? typed.slice(0, -1) : typed + letter;
      }
    };
    input.setRawMode(true);
    input.resume();
    input.on('data', onData);
  });
}
