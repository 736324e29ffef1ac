import { parse } from 'graphql';
import { describe, expect, it } from 'vitest';

import { describeGap } from './gaps.ts';
import { facts, node } from './testing.ts';

const GAPS = [
  ['UNRESOLVED_INPUT', facts(node('datasetInput', 1), { label: 'train "a"' })],
  ['NO_INPUTS', facts(node('run', 1))],
  ['NO_RUN', facts(node('modelVersion', 1))],
  ['NO_RUN', facts(node('loggedModel', 1))],
  ['NO_DIGEST', facts(node('modelVersion', 1))],
  ['RETRACTED_DATA', facts(node('datasetVersion', 1), { retraction: 'wrong units' })],
] as const;

describe('a gap', () => {
  it.each(GAPS)('%s says in words what is missing, and how to fill it', (kind, of) => {
    const { message, hint } = describeGap(kind, of);
    expect(message).toMatch(/^[A-Z].+/);
    expect(hint).toMatch(/mutation \{|mlflow\./);
  });

  it.each(GAPS)('%s hints at mutations that GraphQL can read', (kind, of) => {
    const [mutation] = /mutation \{.*\}/.exec(describeGap(kind, of).hint) ?? [];
    if (mutation !== undefined) expect(parse(mutation).definitions).toHaveLength(1);
  });

  it('names the reason for which data was withdrawn', () => {
    const [, , , , , [kind, of]] = GAPS;
    expect(describeGap(kind, of).message).toContain('wrong units');
  });
});
