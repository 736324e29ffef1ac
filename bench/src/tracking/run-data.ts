// The runs that are searched: 75,000 of 20 metrics, 20 params and 10 tags each, computed from the run's number, so that both servers hold the
// same and the right answer to any question can be computed here. Metrics are uniform from 0 to 1; half of the params have five values, as an
// optimizer or a batch size has, half nearly as many as runs, as a learning rate has.

import { noise } from './points.ts';

export const METRICS = 20;
export const PARAMS = 20;
/** The first params, which are the ones that are filtered by. */
export const FEW_VALUED_PARAMS = 10;
export const PARAM_VALUES = 5;
const FIRST_START_MS = 1_750_000_000_000;

export const metricKey = (metric: number): string => `metric_${String(metric).padStart(2, '0')}`;
export const paramKey = (param: number): string => `param_${String(param).padStart(2, '0')}`;
export const runName = (run: number): string => `run-${run}`;
export const startTimeOf = (run: number): number => FIRST_START_MS + run * 1_000;
/** Each took a minute. */
export const endTimeOf = (run: number): number => startTimeOf(run) + 60_000;

export function metricValue(run: number, metric: number): number {
  // Two draws make a double with all of its digits, so that no two are alike.
  return noise(run * METRICS + metric) + noise(0x40000000 + run * METRICS + metric) / 2 ** 32;
}

export function paramChoice(run: number, param: number): number {
  return Math.floor(noise(0x20000000 + run * PARAMS + param) * PARAM_VALUES);
}

export function paramValue(run: number, param: number): string {
  return param < FEW_VALUED_PARAMS ? `choice-${paramChoice(run, param)}` : noise(0x30000000 + run * PARAMS + param).toFixed(9);
}

/** The tags that make ten, with the run's name and the three that every client sets. */
export function extraTags(run: number): { key: string; value: string }[] {
  return [
    { key: 'team', value: `team-${run % 7}` },
    { key: 'stage', value: run % 2 === 0 ? 'explore' : 'candidate' },
    { key: 'dataset', value: `penguins@${run % 30}` },
    { key: 'host', value: `worker-${run % 64}` },
    { key: 'mlflow.source.git.commit', value: noise(run).toString(16).slice(2).padEnd(40, '0').slice(0, 40) },
    { key: 'note', value: `sweep ${Math.floor(run / 100)}, trial ${run % 100}` },
  ];
}

/** A question as a person asks it: of the runs with this param and a metric above this, the best by another metric. */
export interface Question {
  param: number;
  choice: number;
  metric: number;
  threshold: number;
  order: number;
  descending: boolean;
}

/** The seed-th question. Thresholds around the middle halve the runs, a param's value leaves a fifth: about a tenth match. */
export function questionOf(seed: number): Question {
  const draw = (place: number) => noise(0x50000000 + seed * 16 + place);
  const metric = Math.floor(draw(0) * METRICS);
  return {
    param: Math.floor(draw(1) * FEW_VALUED_PARAMS),
    choice: Math.floor(draw(2) * PARAM_VALUES),
    metric,
    threshold: Number((0.45 + draw(3) / 10).toFixed(6)),
    order: (metric + 1 + Math.floor(draw(4) * (METRICS - 1))) % METRICS,
    descending: draw(5) < 0.5,
  };
}

export function filterOf({ param, choice, metric, threshold }: Question): string {
  return `metrics.${metricKey(metric)} > ${threshold} AND params.${paramKey(param)} = 'choice-${choice}'`;
}

export function orderOf({ order, descending }: Question): string {
  return `metrics.${metricKey(order)} ${descending ? 'DESC' : 'ASC'}`;
}

/** The numbers of the runs that match, in the order asked for. */
export function answerTo(question: Question, runs: number): number[] {
  const { param, choice, metric, threshold, order, descending } = question;
  const matches: { run: number; value: number }[] = [];
  for (let run = 0; run < runs; run += 1) {
    if (paramChoice(run, param) !== choice || !(metricValue(run, metric) > threshold)) continue;
    matches.push({ run, value: metricValue(run, order) });
  }
  return matches.sort((a, b) => (descending ? b.value - a.value : a.value - b.value)).map(({ run }) => run);
}
