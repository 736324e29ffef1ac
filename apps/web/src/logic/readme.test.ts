import { expect, it } from 'vitest';

import { readDraft, readmeImage, readmeLink, withoutFrontMatter, writeDraft } from './readme.ts';

const home = { dataset: 'sea birds', number: 3 };

it.each(['https://example.org/a?b#c', 'http://example.org', 'mailto:team@example.org'])('lets a link lead out to %s', (url) => {
  expect(readmeLink(url, home)).toEqual({ href: url, isOutside: true });
});

it.each([
  'javascript:alert(1)',
  'JaVaScRiPt:alert(1)',
  'java\nscript:alert(1)',
  'data:text/html,x',
  'file:///etc/passwd',
  'ftp://example.org',
  '//example.org/a',
  '\\\\example.org/a',
  '/settings',
  '#columns',
  '?tab=files',
  '../../settings',
  'a/../../b',
  '%',
  '',
  '.',
])('lets neither a link nor a picture lead to %j', (url) => {
  expect([readmeLink(url, home)?.isOutside === true, readmeImage(url, home)]).toEqual([false, null]);
  expect(readmeLink(url, home)).toBe(null);
});

it('leads a relative link to that file of the version', () => {
  expect(readmeLink('./data/50%25%20more.csv#top', home)).toEqual({
    href: '/datasets/sea%20birds/3?tab=files&file=data%2F50%25%20more.csv',
    isOutside: false,
  });
});

it('loads pictures of the version, and of nowhere else', () => {
  expect(readmeImage('plots/../plots/a b.png', home)).toBe('/api/v1/datasets/sea%20birds/versions/3/files/plots/a%20b.png');
  expect(readmeImage('https://example.org/pixel.gif', home)).toBe(null);
  expect(readmeImage('data:image/gif;base64,R0lGODlhAQABAAAAACw=', home)).toBe(null);
});

it('leads a relative path nowhere while there is no version', () => {
  expect([readmeLink('train.csv', null), readmeImage('a.png', null)]).toEqual([null, null]);
});

it.each([
  ['---\nlicense: mit\n---\n# Penguins\n', '# Penguins\n'],
  ['---\r\nlicense: mit\r\n---\r\n# Penguins', '# Penguins'],
  ['---\n---\n', ''],
  ['# Penguins\n---\nmore\n---\n', '# Penguins\n---\nmore\n---\n'],
  ['---\nnever closed\n', '---\nnever closed\n'],
])('leaves out the head that is for programs: %j', (text, shown) => {
  expect(withoutFrontMatter(text)).toBe(shown);
});

it('keeps a draft with the writing that it began from, and lets go of what is none', () => {
  expect(readDraft(writeDraft({ text: '# A', revision: 2 }))).toEqual({ text: '# A', revision: 2 });
  expect([null, '', 'null', '{"text":1,"revision":2}', '{"text":"a"}', '{"text":"a","revision":0.5}'].map(readDraft)).toEqual(
    Array.from({ length: 6 }, () => null),
  );
});
