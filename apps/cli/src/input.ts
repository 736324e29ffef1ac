// What is asked of whoever stands at the terminal, or read from a pipe.

import { createInterface } from 'node:readline/promises';
import { StringDecoder } from 'node:string_decoder';
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

/** Reads a line that is not shown, or all of a pipe; without the line end. Throws `invalid` INTERRUPTED. */
export async function readSecret(question: string): Promise<string> {
  if (!process.stdin.isTTY) return (await readAll(process.stdin)).trim();
  return await readHidden(process.stdin, () => process.stderr.write(`${question}: `)).finally(() => process.stderr.write('\n'));
}

/** Asks for something secret where somebody stands at the terminal; each question once, however often the answer is needed, and one after the other. */
export function askOnce(): (question: string) => Promise<string | null> {
  const asked = new Map<string, Promise<string>>();
  let before: Promise<unknown> = Promise.resolve();
  return async (question) => {
    if (!process.stdin.isTTY || !process.stderr.isTTY) return null;
    const answer = asked.get(question) ?? before.then(() => readSecret(question));
    asked.set(question, answer);
    before = answer;
    return await answer;
  };
}

const ENTER = /[\r\n\u0004]/;
const INTERRUPT = '\u0003';
const BACKSPACE = /[\b\u007f]/;

/** Letter by letter, in raw mode: nothing is echoed. The mode comes before the question, since whoever sees that may type at once. */
function readHidden(input: ReadStream, ask: () => void): Promise<string> {
  return new Promise((done, failed) => {
    const typed: string[] = [];
    const decoder = new StringDecoder('utf8');
    const end = () => {
      input.setRawMode(false);
      input.off('data', onData);
      input.pause();
    };
    const onData = (chunk: Buffer) => {
      for (const letter of decoder.write(chunk)) {
        if (letter === INTERRUPT) {
          end();
          failed(invalid('INTERRUPTED', 'Nothing was entered.'));
          return;
        }
        if (ENTER.test(letter)) {
          end();
          done(typed.join(''));
          return;
        }
        if (BACKSPACE.test(letter)) typed.pop();
        else typed.push(letter);
      }
    };
    input.setRawMode(true);
    input.on('data', onData);
    ask();
  });
}
