import { describe, expect, it } from 'vitest';

import { Api } from './api.ts';
import { inRun } from './runs.ts';

/** An Api that answers without a server, and notes what was asked. */
class ScriptedApi extends Api {
  readonly asked: string[];

  constructor(asked: string[] = [], token?: string) {
    super('http://127.0.0.1:1', token);
    this.asked = asked;
  }

  override as(token: string): Api {
    return new ScriptedApi(this.asked, token);
  }

  override async query<Data>(document: string, variables: Record<string, unknown> = {}): Promise<Data> {
    const field = /result: (\w+)/.exec(document)?.[1] ?? '';
    const { status } = (variables['input'] ?? {}) as { status?: string };
    this.asked.push(status === undefined ? field : `${field} ${status}`);
    const result = field === 'createToken' ? { token: { id: 't' }, secret: 's' } : { id: 'r', ref: 'run:r' };
    return { result } as Data;
  }
}

const options = (signal = new AbortController().signal) => ({ experimentId: 'e', name: 'clean', signal });

describe('a run with a token of its own', () => {
  it('is finished, and its token revoked, when the work is done', async () => {
    const api = new ScriptedApi();
    expect(await inRun(api, options(), async (run) => run.ref)).toBe('run:r');
    expect(api.asked).toEqual(['createRun', 'createToken', 'revokeToken', 'updateRun FINISHED']);
  });

  it('has failed, and its token is revoked, when the work throws; the error is passed on', async () => {
    const api = new ScriptedApi();
    await expect(inRun(api, options(), () => Promise.reject(new Error('No data.')))).rejects.toThrow('No data.');
    expect(api.asked).toEqual(['createRun', 'createToken', 'revokeToken', 'updateRun FAILED']);
  });

  it('was killed when somebody stopped it', async () => {
    const api = new ScriptedApi();
    const stop = new AbortController();
    const work = inRun(api, options(stop.signal), async () => stop.abort(new Error('Stopped.')));
    await expect(work).rejects.toThrow('Stopped.');
    expect(api.asked).toEqual(['createRun', 'createToken', 'revokeToken', 'updateRun KILLED']);
  });

  it('is not begun after that', async () => {
    const api = new ScriptedApi();
    await expect(inRun(api, options(AbortSignal.abort(new Error('Stopped.'))), async () => 1)).rejects.toThrow('Stopped.');
    expect(api.asked).toEqual([]);
  });
});
