import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isObjectId, objectOfPath, objectPath, parseObjectId, printObjectId } from './object-id.ts';

const id = fc.record({
  hash: fc.constantFrom('md5' as const, 'md5-dos2unix' as const),
  md5: fc.stringMatching(/^[0-9a-f]{32}$/),
  isTree: fc.boolean(),
});

test('a name and a path come back as the object that they were made of', () => {
  fc.assert(
    fc.property(id, (object) => {
      expect(parseObjectId(printObjectId(object), object.hash)).toEqual(object);
      expect(objectOfPath(objectPath(object))).toEqual(object);
    }),
  );
});

test('objects of DVC 3 lie below files/md5, older ones at the top', () => {
  expect(objectPath(parseObjectId('d41d8cd98f00b204e9800998ecf8427e.dir', 'md5'))).toBe('files/md5/d4/1d8cd98f00b204e9800998ecf8427e.dir');
  expect(objectPath(parseObjectId('D41D8CD98F00B204E9800998ECF8427E', 'md5-dos2unix'))).toBe('d4/1d8cd98f00b204e9800998ecf8427e');
});

test('whatever else there is names no object, so that no path can be made of it', () => {
  fc.assert(
    fc.property(
      fc.string().filter((text) => !/^[0-9a-f]{32}(?:\.dir)?$/i.test(text)),
      (text) => !isObjectId(text) && objectOfPath(text) === null,
    ),
  );
  expect(() => parseObjectId('../../etc/passwd', 'md5')).toThrow('is no object');
  expect(() => parseObjectId('d41d8cd98f00b204e9800998ecf8427e\n', 'md5')).toThrow('is no object');
});
