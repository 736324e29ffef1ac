import { describe, expect, it } from 'vitest';

import { answerTo, extraTags, filterOf, METRICS, metricValue, orderOf, paramChoice, questionOf } from './run-data.ts';

const RUNS = 2_000;

describe('the runs that are searched', () => {
  it('have no two alike values in a metric, so that there is one right order', () => {
    const values = new Set(Array.from({ length: 75_000 }, (_, run) => metricValue(run, 7)));
    expect(values.size).toBe(75_000);
  });

  it('have ten tags each, with the four that every run has', () => {
    expect(extraTags(5)).toHaveLength(6);
    expect(new Set(extraTags(5).map(({ key }) => key)).size).toBe(6);
  });
});

describe('the questions', () => {
  it('are all different ones, of which about a tenth of the runs is the answer', () => {
    const asked = Array.from({ length: 200 }, (_, seed) => questionOf(seed));
    expect(new Set(asked.map((question) => filterOf(question) + orderOf(question))).size).toBe(200);
    const shares = asked.slice(0, 20).map((question) => answerTo(question, RUNS).length / RUNS);
    expect(Math.min(...shares)).toBeGreaterThan(0.05);
    expect(Math.max(...shares)).toBeLessThan(0.16);
  });

  it('never order by the metric that they filter by', () => {
    for (let seed = 0; seed < 500; seed += 1) {
      const { metric, order } = questionOf(seed);
      expect(order).not.toBe(metric);
      expect(order).toBeLessThan(METRICS);
    }
  });

  it('are answered with the runs that match, in order', () => {
    const question = { ...questionOf(1), descending: true };
    const found = answerTo(question, RUNS);
    for (const run of found) {
      expect(paramChoice(run, question.param)).toBe(question.choice);
      expect(metricValue(run, question.metric)).toBeGreaterThan(question.threshold);
    }
    const values = found.map((run) => metricValue(run, question.order));
    expect(values).toEqual([...values].sort((a, b) => b - a));
  });
});
