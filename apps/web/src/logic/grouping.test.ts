import { expect, it } from 'vitest';

import { groupFilter, groupLabel, groupTerm, isGroupColumn } from './grouping.ts';

it('columns are terms of the grammar', () => {
  expect(['p:batch size', 't:team', 'a:status'].map(groupTerm)).toEqual(['params.`batch size`', 'tags.`team`', 'attributes.status']);
});

it('columns have names for people', () => {
  expect(['p:lr', 'a:status'].map(groupLabel)).toEqual(['lr', 'State']);
});

it('what is no column of a group is told apart', () => {
  expect(['p:lr', 'm:loss', 'p:', ''].map(isGroupColumn)).toEqual([true, false, false, false]);
});

it('the runs of a group are found by its values, beside the filter in force', () => {
  expect(groupFilter("tags.team = 'a'", ['p:lr', 't:stage'], ["it's", null])).toBe(
    "tags.team = 'a' AND params.`lr` = \"it's\" AND tags.`stage` IS NULL",
  );
});

it('a value with both kinds of quotes cannot be looked for', () => {
  expect(groupFilter('', ['p:lr'], [`'"`])).toBe(null);
});
