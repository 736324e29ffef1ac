// What a checkout does to files that somebody writes to while it is under way. Method: the test writes when it is told that files are about to be replaced.

import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openRepository } from '../repository/repository.ts';
import { sandbox } from '../testing/sandbox.ts';
import type { Sandbox } from '../testing/sandbox.ts';
import type { Reporter } from '../types.ts';
import { add } from '../verbs/add.ts';
import { checkout } from '../verbs/checkout.ts';
import { init } from '../verbs/init.ts';

let box: Sandbox;
beforeEach(async () => {
  box = sandbox();
  await init(box.surroundings);
});
afterEach(() => box.remove());

const text = (file: string) => readFileSync(path.join(box.root, file), 'utf8');

/** Two states of what is tracked; the first one is wanted again. */
async function twoStates(target: string, first: Readonly<Record<string, string>>, second: Readonly<Record<string, string>>) {
  box.write(first);
  await add(await openRepository(box.surroundings), { targets: [target] });
  const wanted = text(`${target}.dvc`);
  box.write(second);
  await add(await openRepository(box.surroundings), { targets: [target] });
  box.write({ [`${target}.dvc`]: wanted });
}

/** Has a file written to at the moment in which files are about to be replaced. */
function writingTo(file: string): Reporter {
  return {
    ...box.surroundings.reporter,
    task(title, unit, total) {
      if (title.startsWith('Checking out')) writeFileSync(path.join(box.root, file), 'edited meanwhile');
      return box.surroundings.reporter.task(title, unit, total);
    },
  };
}

test.each([
  ['a file of a folder', 'data', 'data/a', 'data/b'],
  ['a file alone', 'data', 'data', null],
])('%s that is written to meanwhile keeps what was written', async (_, target, edited, other) => {
  const state = (which: string) => ({ [edited]: `${which} of ${edited}`, ...(other === null ? {} : { [other]: `${which} of ${other}` }) });
  await twoStates(target, state('first'), state('second'));
  const { failed } = await checkout(await openRepository({ ...box.surroundings, reporter: writingTo(edited) }));
  expect(failed).toMatchObject([{ code: 'FILE_CHANGED' }]);
  expect(text(edited)).toBe('edited meanwhile');
  if (other !== null) expect(text(other)).toBe(`first of ${other}`);
  const again = await checkout(await openRepository(box.surroundings));
  expect(again.failed).toMatchObject([{ code: 'UNSAVED_CHANGES' }]);
  expect(text(edited)).toBe('edited meanwhile');
});

test('a file that is written to meanwhile is replaced by force', async () => {
  await twoStates('data', { 'data/a': 'first' }, { 'data/a': 'second' });
  await checkout(await openRepository({ ...box.surroundings, reporter: writingTo('data/a') }), { force: true });
  expect(text('data/a')).toBe('first');
});
