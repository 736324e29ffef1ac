import { describe, expect, test } from 'vitest';
import { parseDvcFile, printDvcFile, stageOfDvcFile, updateDvcFile } from './dvc-file.ts';

const MD5 = '5e1e3c5164985b05e8df159f95ee08c6';
const NEW = 'b1946ac92492d2347c6235b4d2611184';
const FOLDER = `outs:\n- md5: ${MD5}.dir\n  size: 30\n  nfiles: 9\n  hash: md5\n  path: data\n`;

async function changed(text: string): Promise<string> {
  const content = await parseDvcFile(text, 'x.dvc');
  return updateDvcFile(text, 'x.dvc', { ...content, outs: content.outs.map((entry) => ({ ...entry, md5: NEW, size: 6 })) });
}

describe('a .dvc file', () => {
  test('is printed in the order of DVC, without what goes without saying', () => {
    const entry = {
      path: 'data',
      cache: true,
      push: false,
      desc: 'it',
      md5: MD5,
      hash: 'md5',
      size: 1,
      isexec: true,
      persist: false,
      meta: { a: 1 },
    };
    expect(printDvcFile({ deps: [], outs: [entry], frozen: true, wdir: '.' })).toBe(
      `frozen: true\nouts:\n- md5: ${MD5}\n  size: 1\n  isexec: true\n  hash: md5\n  path: data\n  desc: it\n  meta:\n    a: 1\n  push: false\n`,
    );
  });

  test('comes back as it was', async () => {
    expect(printDvcFile(await parseDvcFile(FOLDER, 'data.dvc'))).toBe(FOLDER);
  });

  test('is a stage whose paths are seen from the root', async () => {
    const stage = stageOfDvcFile(await parseDvcFile(`wdir: ../b\n${FOLDER}`, 'a/data.dvc'), 'a/data.dvc');
    expect(stage.outputs).toMatchObject([
      { path: 'b/data', id: { hash: 'md5', md5: MD5, isTree: true }, sizeBytes: 30, fileCount: 9, isCached: true },
    ]);
  });

  test('of DVC 2, without "hash", names objects of the older kind', async () => {
    const stage = stageOfDvcFile(await parseDvcFile(`outs:\n- md5: ${MD5}\n  path: x\n`, 'x.dvc'), 'x.dvc');
    expect(stage.outputs[0]?.id?.hash).toBe('md5-dos2unix');
  });

  test('whose hash is digits alone is read digit by digit', async () => {
    const content = await parseDvcFile('outs:\n- md5: 01234567890123456789012345678901\n  path: x # c\n', 'x.dvc');
    expect(content.outs[0]?.md5).toBe('01234567890123456789012345678901');
  });

  test('keeps comments, quotes, order and what people noted when a hash changes', async () => {
    const text = `# top\nouts:   # eol\n- path: data\n  md5: ${MD5} # sum\n  # between\n  size: 2\n  desc: "why"\nmeta: {a: [1, 2], lr: 1e-4}\n# end\n`;
    expect(await changed(text)).toBe(text.replace(MD5, NEW).replace('size: 2', 'size: 6'));
  });

  test('gets new keys behind the others and loses those that are gone, by lines', async () => {
    const text = `outs:\n- md5: ${MD5} # c\n  path: data\n  cache: true\n`;
    expect(await changed(text)).toBe(`outs:\n- md5: ${NEW} # c\n  path: data\n  size: 6\n`);
  });

  test('in braces is rewritten in braces', async () => {
    expect(await changed(`outs:\n- {path: x, md5: ${MD5}}\n`)).toBe(`outs:\n- {path: x, md5: ${NEW}, size: 6}\n`);
  });

  test('without comments comes out as DVC would write it', async () => {
    expect(await changed(`outs:\n  - path: 'x'\n    md5: ${MD5}\n`)).toBe(`outs:\n- path: x\n  md5: ${NEW}\n  size: 6\n`);
  });

  test.each([
    ['outs:\n- pth: x\n', '"outs[0].pth"', 'Did you mean path?'],
    ['outs:\n- md5: a\n  path: x\n', '"outs[0].md5" is too short', undefined],
    ['outs:\n- path: 5\n', '"outs[0].path" must be a text', undefined],
    ['outs:\n- size: 3\n', '"outs[0].path" is missing', undefined],
    ['cmd: x\n', '"cmd"', undefined],
    ['outs: x\n', '"outs" must be a list', undefined],
    ['- a\n', 'must hold keys', undefined],
  ])('that says %j is refused with file and key', async (text, message, hint) => {
    await expect(parseDvcFile(text, 'x.dvc')).rejects.toMatchObject({
      message: expect.stringContaining(message) as string,
      ...(hint === undefined ? {} : { hint }),
    });
  });

  test.each(['../x', '/etc/passwd', '.git/hooks/pre-commit', 'a/../../x', '.', 's3://b/x', '.dvc/config'])(
    'whose output is %s is refused',
    async (path) => {
      const content = await parseDvcFile(`outs:\n- path: ${path}\n`, 'x.dvc');
      expect(() => stageOfDvcFile(content, 'x.dvc')).toThrow(expect.objectContaining({ code: 'PATH_REFUSED' }) as Error);
    },
  );
});
