import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { sortTree } from '../formats/manifest.ts';
import type { Tree } from '../types.ts';
import { compareTrees } from './compare.ts';

// Few names and few contents, so that every kind of change is met; an astral one and one behind it in UTF-16 only.
const path = fc.constantFrom('a', 'a-b', 'a/b', 'b', '\u{1F600}', '\uffee', 'é', 'e\u0301');
const tree: fc.Arbitrary<Tree> = fc
  .uniqueArray(fc.record({ path, md5: fc.constantFrom('0', '1') }), { selector: (entry) => entry.path })
  .map((entries) => sortTree(entries));

test('the old files with the changes made to them are the new files', () => {
  fc.assert(
    fc.property(tree, tree, (old, now) => {
      const { added, deleted, modified, unchanged } = compareTrees(old, now);
      expect(sortTree([...added, ...modified.map((pair) => pair.new), ...unchanged])).toEqual(now);
      expect(sortTree([...deleted, ...modified.map((pair) => pair.old), ...unchanged])).toEqual(old);
    }),
  );
});

test('a file is modified where its content differs and nowhere else', () => {
  fc.assert(
    fc.property(tree, tree, (old, now) => {
      for (const pair of compareTrees(old, now).modified) {
        expect(pair.old.path).toBe(pair.new.path);
        expect(pair.old.md5).not.toBe(pair.new.md5);
      }
    }),
  );
});
