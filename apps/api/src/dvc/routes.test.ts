// The remote over HTTP, as clients speak to it. What the real dvc makes of it is in interop.

import { createHash, randomUUID } from 'node:crypto';
import { connect } from 'node:net';

import { encodeManifest } from '@throughline/data-versioning/formats';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import type { Sent } from '../testing/client.ts';
import { startRun } from '../testing/story.ts';
import { sha256Of, startWorld } from '../testing/world.ts';
import type { World } from '../testing/world.ts';
import { frameOf, FRAMES_TYPE } from './frames.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(async () => {
  await world.close();
});

const BASE = '/dvc/default';
const md5Of = (bytes: string | Uint8Array) => createHash('md5').update(bytes).digest('hex');
const addressOf = (id: string) => `${BASE}/files/md5/${id.slice(0, 2)}/${id.slice(2)}`;
const legacyAddressOf = (id: string) => `${BASE}/${id.slice(0, 2)}/${id.slice(2)}`;
const codeOf = ({ text }: Sent) => (JSON.parse(text) as { error?: { code: string } }).error?.code;
/** Texts that no other test has. */
const fresh = (count = 1) => Array.from({ length: count }, (_, index) => `${index} ${randomUUID()}`);

interface Folder {
  id: string;
  bytes: Buffer;
  texts: string[];
}

function folderOf(files: Record<string, string>): Folder {
  const entries = Object.entries(files).map(([path, text]) => ({ path, md5: md5Of(text) }));
  const bytes = encodeManifest(entries);
  return { id: `${md5Of(bytes)}.dir`, bytes, texts: Object.values(files) };
}

const post = (path: string, body: object, token?: string) =>
  world.send('POST', `${BASE}/${path}`, JSON.stringify(body), {
    headers: { 'content-type': 'application/json' },
    ...(token === undefined ? {} : { token }),
  });

async function putFrames(texts: readonly string[], folders: readonly Folder[] = []): Promise<unknown> {
  const frames = [
    ...texts.map((text) => ({ md5: md5Of(text), isTree: false, bytes: Buffer.from(text) })),
    ...folders.map(({ id, bytes }) => ({ md5: id.slice(0, 32), isTree: true, bytes })),
  ];
  const body = Buffer.concat(frames.flatMap(frameOf));
  const { text } = await world.send('POST', `${BASE}/objects/put`, body, { headers: { 'content-type': FRAMES_TYPE } });
  return JSON.parse(text);
}

async function tokenOf(scope: 'READ' | 'WRITE'): Promise<string> {
  const input = { name: `dvc ${randomUUID()}`, scope, principal: 'dvc' };
  return (await world.command<{ secret: string }>('createToken', { input }, 'secret')).secret;
}

describe('an object', () => {
  it.each(['POST', 'PUT'])('is taken by %s, and given back whole, in part, and by its size', async (method) => {
    const [text = ''] = fresh();
    const address = addressOf(md5Of(text));
    expect((await world.send('GET', address)).status).toBe(404);
    expect((await world.send(method, address, text)).status).toBe(201);
    expect((await world.send(method, address, text)).status).toBe(200);
    expect((await world.download(address)).bytes.toString()).toBe(text);
    expect((await world.download(address, { headers: { range: 'bytes=2-5' } })).bytes.toString()).toBe(text.slice(2, 6));
    expect((await world.send('HEAD', address)).headers.get('content-length')).toBe(String(text.length));
  });

  it('is refused where its bytes have another name, and nothing of it is kept', async () => {
    const [text = '', other = ''] = fresh(2);
    const sent = await world.send('POST', addressOf(md5Of(text)), other);
    expect([sent.status, codeOf(sent)]).toEqual([400, 'CONTENT_MISMATCH']);
    expect(await world.objectsWith(Buffer.from(other))).toEqual([]);
    expect((await world.send('GET', addressOf(md5Of(text)))).status).toBe(404);
  });

  it('of DVC 2 lies at its own address, under the name that it had there', async () => {
    const [text = ''] = fresh();
    const name = md5Of(`${text}\n`);
    expect((await world.send('POST', legacyAddressOf(name), `${text}\r\n`)).status).toBe(201);
    expect((await world.download(legacyAddressOf(name))).bytes.toString()).toBe(`${text}\r\n`);
    expect((await world.send('GET', addressOf(name))).status).toBe(404);
  });

  it.each([
    `${BASE}/runs/ab/cdef`,
    `${BASE}/files/md5`,
    `${BASE}/files/md5/ab/${'0'.repeat(29)}`,
    `${BASE}/files/md5/AB/${'0'.repeat(30)}`,
    `${BASE}/files/sha256/ab/${'0'.repeat(30)}`,
    `${BASE}/..%2fdefault/ab/${'0'.repeat(30)}`,
  ])('is not at %s', async (address) => {
    for (const method of ['GET', 'HEAD', 'POST', 'PUT']) {
      expect((await world.send(method, address, method.startsWith('P') ? 'x' : undefined)).status).toBe(404);
    }
  });

  it('that a client sends in pieces and gives up leaves nothing, and one that it hangs up on is served to others', async () => {
    const [text = ''] = fresh();
    const address = addressOf(md5Of(text));
    const { port, hostname } = new URL(world.url);
    const before = await world.countFiles();
    /** Sends something, and goes away: once all of it is sent, or at the first word of the answer. */
    const hangUp = (head: string, when: 'sent' | 'answered') =>
      new Promise<void>((resolve, reject) => {
        const socket = connect(Number(port), hostname, () => (when === 'sent' ? socket.end(head) : socket.write(head)));
        socket.on('data', () => when === 'answered' && socket.resetAndDestroy());
        socket.on('error', reject);
        socket.on('close', () => resolve());
      });
    await hangUp(`POST ${address} HTTP/1.1\r\nHost: ${hostname}\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n${text.slice(0, 5)}\r\n`, 'sent');
    await expect.poll(() => world.countFiles()).toBe(before);
    await world.send('POST', address, text);
    await hangUp(`GET ${address} HTTP/1.1\r\nHost: ${hostname}\r\n\r\n`, 'answered');
    expect((await world.download(address)).bytes.toString()).toBe(text);
    expect(world.log).toEqual([]);
  });
});

describe('a folder', () => {
  it('is taken once its files are here', async () => {
    const [a = '', b = ''] = fresh(2);
    const folder = folderOf({ 'a.csv': a, 'sub/b "ü".csv': b });
    const early = await world.send('POST', addressOf(folder.id), Buffer.from(folder.bytes));
    expect([early.status, codeOf(early)]).toEqual([409, 'MISSING_FILES']);
    for (const text of folder.texts) await world.send('POST', addressOf(md5Of(text)), text);
    expect((await world.send('POST', addressOf(folder.id), Buffer.from(folder.bytes))).status).toBe(201);
    expect((await world.download(addressOf(folder.id))).bytes).toEqual(folder.bytes);
  });

  it.each(['../a', '/a', 'a/../../b', '.git/hooks/post-checkout', 'a//b', 'a\0b', ''])(
    'that names the path %j is refused, and nothing of it is kept',
    async (path) => {
      const [text = ''] = fresh();
      await world.send('POST', addressOf(md5Of(text)), text);
      const bytes = Buffer.from(JSON.stringify([{ md5: md5Of(text), relpath: path }]));
      const sent = await world.send('POST', addressOf(`${md5Of(bytes)}.dir`), bytes);
      expect([sent.status, codeOf(sent)]).toEqual([400, 'MANIFEST_DAMAGED']);
      expect(await world.objectsWith(bytes)).toEqual([]);
    },
  );

  it('is there for every version of a folder, whoever registered it', async () => {
    const [text = ''] = fresh();
    const input = { dataset: `uploaded ${randomUUID()}`, files: [{ path: 'a.csv', sha256: await world.upload(Buffer.from(text)) }] };
    const { dvcMd5 } = await world.command<{ dvcMd5: string }>('registerDatasetVersion', { input }, 'dvcMd5');
    expect((await world.download(addressOf(dvcMd5))).bytes.toString()).toBe(`[{"md5": "${md5Of(text)}", "relpath": "a.csv"}]`);
    expect((await world.download(addressOf(md5Of(text)))).bytes.toString()).toBe(text);
  });
});

describe('who may', () => {
  const [text = ''] = fresh();
  const address = addressOf(md5Of(text));

  it('write: whose token has that scope, by any of the ways to send it', async () => {
    const [read, write] = [await tokenOf('READ'), await tokenOf('WRITE')];
    expect((await world.send('POST', address, text, { token: read })).status).toBe(403);
    const basic = `Basic ${Buffer.from(`dvc:${write}`).toString('base64')}`;
    for (const headers of [{ authorization: `Bearer ${write}` }, { authorization: basic }, { 'x-throughline-token': write }]) {
      expect((await world.send('POST', address, text, { headers })).status).toBeLessThan(202);
    }
    expect((await world.send('GET', address, undefined, { token: read })).status).toBe(200);
    expect((await world.send('GET', address, undefined, { headers: { 'x-throughline-token': 'tl_wrong' } })).status).toBe(401);
  });

  it('see it: nobody of another workspace, to whom it is as if it were not there', async () => {
    const other = await world.services.access.ensureWorkspace('others');
    const foreign = address.replace('/default/', `/${other.name}/`);
    expect((await world.send('GET', foreign)).status).toBe(404);
    expect((await world.send('GET', foreign, undefined, { token: await tokenOf('READ') })).status).toBe(403);
    const asked = await world.send('POST', `/dvc/${other.name}/objects/missing`, JSON.stringify({ ids: [md5Of(text)] }));
    expect(JSON.parse(asked.text)).toEqual({ missing: [md5Of(text)] });
  });
});

describe('many at once', () => {
  it('are asked for, sent and fetched', async () => {
    const texts = fresh(300);
    const folder = folderOf(Object.fromEntries(texts.map((text, index) => [`sub/${index}.txt`, text])));
    const ids = [...texts.map(md5Of), folder.id];
    expect(JSON.parse((await post('objects/missing', { ids })).text)).toEqual({ missing: ids });
    expect(await putFrames(texts, [folder])).toEqual({ stored: 301, known: 0, refused: [] });
    expect(await putFrames(texts, [folder])).toEqual({ stored: 0, known: 301, refused: [] });
    expect(JSON.parse((await post('objects/missing', { ids })).text)).toEqual({ missing: [] });
    const response = await fetch(`${world.url}${BASE}/objects/get`, { method: 'POST', body: JSON.stringify({ ids }) });
    const expected = [
      ...texts.map((text) => ({ md5: md5Of(text), isTree: false, bytes: Buffer.from(text) })),
      {
        md5: folder.id.slice(0, 32),
        isTree: true,
        bytes: folder.bytes,
      },
    ];
    expect(Buffer.from(await response.arrayBuffer())).toEqual(Buffer.concat(expected.flatMap(frameOf)));
  });

  it('are refused one by one', async () => {
    const [good = '', absent = ''] = fresh(2);
    const whole = folderOf({ 'a.csv': good });
    const lacking = folderOf({ 'a.csv': good, 'b.csv': absent });
    const wrong = { md5: md5Of(absent), isTree: false, bytes: Buffer.from('something else') };
    const body = Buffer.concat([...frameOf(wrong), ...frameOf({ md5: md5Of(good), isTree: false, bytes: Buffer.from(good) })]);
    const { text } = await world.send('POST', `${BASE}/objects/put`, body);
    expect(JSON.parse(text)).toMatchObject({ stored: 1, refused: [{ id: md5Of(absent), code: 'CONTENT_MISMATCH' }] });
    expect(await putFrames([], [lacking, whole])).toMatchObject({ stored: 1, refused: [{ id: lacking.id, code: 'MISSING_FILES' }] });
  });

  it('are told of where they are not there, or too large for a frame', async () => {
    const large = Buffer.alloc(9 * 2 ** 20, 'large');
    await world.send('PUT', addressOf(md5Of(large)), large);
    const [absent = ''] = fresh();
    const ids = [md5Of(absent), `${md5Of(absent)}.dir`, md5Of(large)];
    const response = await fetch(`${world.url}${BASE}/objects/get`, { method: 'POST', body: JSON.stringify({ ids }) });
    const bytes = Buffer.from(await response.arrayBuffer());
    const heads = [0, 41, 82].map((at) => [bytes.readBigUInt64BE(at), bytes.readUInt8(at + 8), bytes.toString('latin1', at + 9, at + 41)]);
    expect(heads).toEqual([
      [2n ** 64n - 1n, 0, md5Of(absent)],
      [2n ** 64n - 1n, 1, md5Of(absent)],
      [0n, 2, md5Of(large)],
    ]);
  });

  it('hear why they are refused, however much is still to come', async () => {
    const frame = Buffer.concat(frameOf({ md5: md5Of(''), isTree: false, bytes: Buffer.alloc(8 * 2 ** 20) }));
    const sent = await world.send('POST', `${BASE}/objects/put`, Buffer.concat(Array.from({ length: 10 }, () => frame)));
    expect([sent.status, codeOf(sent)]).toEqual([400, 'INVALID_FRAMES']);
    const tooLarge = await world.send('PUT', addressOf(md5Of('')), Buffer.alloc(65 * 2 ** 20));
    expect([tooLarge.status, codeOf(tooLarge)]).toEqual([400, 'BODY_TOO_LARGE']);
  });

  it.each<[string, string]>([
    ['objects/missing', '{"ids": ["../etc/passwd"]}'],
    ['objects/missing', '{"ids": 1}'],
    ['objects/get', 'no json'],
    ['objects/put', 'no frames'],
    ['versions', '{}'],
    ['reads', '{"run": "x", "id": "y", "files": []}'],
  ])('are refused by %s with %s', async (path, body) => {
    expect((await world.send('POST', `${BASE}/${path}`, body)).status).toBe(400);
  });
});

describe('a version of what was pushed', () => {
  const SIGHTING = { repository: 'https://git.example/acme/data.git', path: 'data', commit: 'c'.repeat(40) };

  it('is made of its name alone, once', async () => {
    const [a = '', b = ''] = fresh(2);
    const folder = folderOf({ 'a.csv': a, 'run.sh': b });
    const name = `pushed ${randomUUID()}`;
    const body = {
      name,
      description: 'What it is',
      id: folder.id,
      message: 'first',
      executable: ['run.sh'],
      sighting: SIGHTING,
      tags: ['holdout'],
    };
    const early = await post('versions', body);
    expect([early.status, codeOf(early)]).toEqual([409, 'MISSING_FILES']);
    await putFrames(folder.texts, [folder]);
    const made = JSON.parse((await post('versions', body)).text) as { digest: string };
    expect(made).toMatchObject({ dataset: name, version: 1, created: true });
    expect(JSON.parse((await post('versions', body)).text)).toEqual({ ...made, created: false });
    const ref = `data:${encodeURIComponent(name)}@holdout`;
    const { datasetVersion } = await world.query<{ datasetVersion: object }>(
      `query ($id: ID!) { datasetVersion(id: $id) {
        digest dvcMd5 message tags dataset { description } sightings { path commit } files { nodes { path executable sha256 } } } }`,
      { id: ref },
    );
    expect(datasetVersion).toEqual({
      digest: made.digest,
      dvcMd5: folder.id,
      message: 'first',
      tags: ['current', 'holdout'],
      dataset: { description: 'What it is' },
      sightings: [{ path: SIGHTING.path, commit: SIGHTING.commit }],
      files: {
        nodes: [
          { path: 'a.csv', executable: false, sha256: sha256Of(Buffer.from(a)) },
          { path: 'run.sh', executable: true, sha256: sha256Of(Buffer.from(b)) },
        ],
      },
    });
  });

  it('is another where other files can be executed, which DVC does not tell', async () => {
    const texts = fresh(3);
    const folder = folderOf(Object.fromEntries(texts.map((text, index) => [`${index}.sh`, text])));
    await putFrames(texts, [folder]);
    const name = `executable ${randomUUID()}`;
    const register = async (executable: string[]) =>
      JSON.parse((await post('versions', { name, id: folder.id, executable })).text) as { version: number; created: boolean };
    const sets = [[], ['1.sh', '0.sh'], ['0.sh'], ['0.sh', '1.sh', '1.sh'], []];
    const made = [];
    for (const executable of sets) made.push(await register(executable));
    expect(made.map(({ version, created }) => [version, created])).toEqual([
      [1, true],
      [2, true],
      [3, true],
      [2, false],
      [1, false],
    ]);
  });

  it('may be a file alone, which is called as it was in Git', async () => {
    const [text = ''] = fresh();
    await putFrames([text]);
    const input = {
      dataset: `one file ${randomUUID()}`,
      object: md5Of(text),
      executable: [''],
      sighting: { ...SIGHTING, path: 'data/one.csv' },
    };
    const version = await world.command('registerPushedVersion', { input }, 'dvcMd5 files { nodes { path executable } }');
    expect(version).toMatchObject({ dvcMd5: md5Of(text), files: { nodes: [{ path: 'one.csv', executable: true }] } });
  });

  it('is refused for a path that is none of its files', async () => {
    const [text = ''] = fresh();
    const folder = folderOf({ 'a.csv': text });
    await putFrames([text], [folder]);
    const sent = await post('versions', { name: 'x', id: folder.id, executable: ['b.csv'] });
    expect([sent.status, codeOf(sent)]).toEqual([400, 'NOT_A_FILE_OF_VERSION']);
  });

  it.each(['a\0b', '../a', '/a', 'a//b', '\ud800'])('is refused for the path %j, which no file can have', async (path) => {
    const [text = ''] = fresh();
    const folder = folderOf({ 'a.csv': text });
    await putFrames([text], [folder]);
    for (const id of [folder.id, md5Of(text)]) {
      const sent = await post('versions', { name: 'x', id, executable: [path] });
      expect([sent.status, codeOf(sent)]).toEqual([400, 'INVALID_PATH']);
    }
  });

  it('tells what it needs, page by page', async () => {
    const [text = '', pushedOnly = ''] = fresh(2);
    const folder = folderOf({ 'a.csv': text });
    await putFrames([text, pushedOnly], [folder]);
    await post('versions', { name: `needs ${randomUUID()}`, id: folder.id });
    const needed = new Set<string>();
    for (let next: string | null = ''; next !== null;) {
      const page = JSON.parse((await world.send('GET', `${BASE}/needed?cursor=${encodeURIComponent(next)}`)).text) as {
        ids: string[];
        next: string | null;
      };
      for (const id of page.ids) needed.add(id);
      next = page.next;
    }
    expect([md5Of(text), folder.id, md5Of(pushedOnly)].map((id) => needed.has(id))).toEqual([true, true, false]);
  });
});

describe('what a run read', () => {
  const inputsOf = async (id: string) =>
    (
      await world.query<{ run: { inputs: object[] } }>(
        'query ($id: ID!) { run(id: $id) { inputs { name evidence resolvedBy datasetVersion { ref } } } }',
        { id },
      )
    ).run.inputs;

  async function pushed(name: string): Promise<Folder & { files: { path: string; sha256: string }[] }> {
    const [a = '', b = ''] = fresh(2);
    const folder = folderOf({ 'a.csv': a, 'b/c.csv': b });
    await putFrames(folder.texts, [folder]);
    await post('versions', { name, id: folder.id });
    const files = [
      { path: 'a.csv', sha256: sha256Of(Buffer.from(a)) },
      { path: 'b/c.csv', sha256: sha256Of(Buffer.from(b)) },
    ];
    return { ...folder, files };
  }

  it('is matched where the run itself sends the hash of every file', async () => {
    const folder = await pushed('read-by-hashes');
    const run = await startRun(world);
    const sent = await post('reads', { run: run.runId, id: folder.id, digest: null, files: folder.files }, run.token);
    expect(JSON.parse(sent.text)).toEqual({ version: 'data:read-by-hashes@1' });
    expect(await inputsOf(run.id)).toEqual([
      { name: 'read-by-hashes', evidence: 'MATCHED', resolvedBy: 'hashes', datasetVersion: { ref: 'data:read-by-hashes@1' } },
    ]);
  });

  it('is asserted where somebody else says so, and refused where a hash is another', async () => {
    const folder = await pushed('read-by-somebody');
    const run = await startRun(world);
    await post('reads', { run: run.runId, id: folder.id, digest: null, files: folder.files });
    expect(await inputsOf(run.id)).toMatchObject([{ evidence: 'ASSERTED' }]);
    const wrong = folder.files.map((file) => ({ ...file, sha256: '0'.repeat(64) }));
    const sent = await post('reads', { run: run.runId, id: folder.id, digest: null, files: wrong }, run.token);
    expect([sent.status, codeOf(sent)]).toEqual([400, 'HASH_DIFFERS']);
  });

  it('waits for a version of it where there is none', async () => {
    const [text = ''] = fresh();
    const folder = folderOf({ 'a.csv': text });
    await putFrames([text], [folder]);
    const run = await startRun(world);
    const files = [{ path: 'a.csv', sha256: sha256Of(Buffer.from(text)) }];
    expect(JSON.parse((await post('reads', { run: run.runId, id: folder.id, digest: null, files }, run.token)).text)).toEqual({
      version: null,
    });
    expect(await inputsOf(run.id)).toMatchObject([{ name: folder.id, datasetVersion: null }]);
    await post('versions', { name: 'registered-later', id: folder.id });
    expect(await inputsOf(run.id)).toMatchObject([{ datasetVersion: { ref: 'data:registered-later@1' } }]);
  });

  it.each<[string, (folder: Folder, token: string) => Promise<unknown>]>([
    [
      'one by one',
      async ({ texts }, token) => {
        for (const text of texts) await world.download(addressOf(md5Of(text)), { token });
      },
    ],
    [
      'in batches',
      async ({ texts }, token) =>
        (
          await fetch(`${world.url}${BASE}/objects/get`, {
            method: 'POST',
            headers: { authorization: `Bearer ${token}` },
            body: JSON.stringify({ ids: texts.map(md5Of) }),
          })
        ).arrayBuffer(),
    ],
  ])('is observed where it fetched every file %s', async (how, read) => {
    const name = `fetched-${how.replaceAll(' ', '-')}`;
    const folder = await pushed(name);
    const run = await startRun(world);
    await read(folder, run.token);
    await world.services.commands.settle();
    await world.mlflow('runs/log-inputs', {
      run_id: run.runId,
      datasets: [{ dataset: { name, digest: 'd', source_type: 'dvc', source: `data:${name}@1` } }],
    });
    expect(await inputsOf(run.id)).toMatchObject([{ evidence: 'OBSERVED' }]);
  });
});

describe('what is released', () => {
  it('is still there until it is collected', async () => {
    const [text = ''] = fresh();
    await putFrames([text]);
    expect(JSON.parse((await post('objects/release', { ids: [md5Of(text)] })).text)).toEqual({ released: 1 });
    expect((await world.download(addressOf(md5Of(text)))).bytes.toString()).toBe(text);
  });
});
