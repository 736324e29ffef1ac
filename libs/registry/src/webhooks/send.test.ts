import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { send } from './send.ts';
import type { Letter } from './send.ts';
import { startReceiver } from './testing.ts';
import type { Receiver } from './testing.ts';

let receiver: Receiver;
beforeEach(async () => {
  receiver = await startReceiver();
});
afterEach(() => receiver.close());

const post = (more: Partial<Letter> = {}) =>
  send({ url: new URL(receiver.url), headers: {}, body: '{}', allowPrivate: true, timeoutMs: 10_000, ...more });

describe('a letter', () => {
  it('is answered with the status, the Retry-After and the start of the body', async () => {
    receiver.answer = (response) => void response.writeHead(429, { 'Retry-After': '3' }).end('later');
    expect(await post()).toEqual({ status: 429, retryAfter: '3', text: 'later' });
  });

  it('is read for a few kilobytes, however long its answer', async () => {
    receiver.answer = (response) => {
      const more = () => {
        while (!response.destroyed && response.write('x'.repeat(65_536)));
        response.once('drain', more);
      };
      more();
    };
    const { text } = await post();
    expect(text).toBe('x'.repeat(4_096));
  });

  it('whose answer holds what is no text is answered with text all the same', async () => {
    receiver.answer = (response) => void response.end(Buffer.from([0x61, 0x00, 0xff]));
    expect((await post()).text).toBe('a\uFFFD\uFFFD');
  });

  it.each<[string, Receiver['answer']]>([
    ['does not answer', () => undefined],
    ['begins to answer and goes on for ever', (response) => void response.writeHead(200).write('x')],
  ])('to a receiver that %s is given up in time', async (_how, answer) => {
    receiver.answer = answer;
    await expect(post({ timeoutMs: 50 })).rejects.toMatchObject({ code: 'ETIMEDOUT' });
  });

  it('to a receiver with endless headers is given up', async () => {
    receiver.answer = (response) => void response.writeHead(200, { 'X-Long': 'x'.repeat(20_000) }).end();
    await expect(post()).rejects.toMatchObject({ code: 'HPE_HEADER_OVERFLOW' });
  });

  it('that is answered with a change of protocol is answered, and nothing more is said', async () => {
    receiver.answer = (response) =>
      void response.socket?.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n');
    expect(await post()).toEqual({ status: 101, retryAfter: null, text: '' });
  });

  it('is broken off where its sender ends', async () => {
    receiver.answer = () => undefined;
    const stop = new AbortController();
    const sent = post({ signal: stop.signal });
    await expect.poll(() => receiver.received.length).toBe(1);
    stop.abort();
    await expect(sent).rejects.toMatchObject({ name: 'AbortError' });
  });
});
