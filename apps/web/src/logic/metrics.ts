import type { MetricValue } from './format.ts';

interface Metric {
  key: string;
  step: string;
  min: MetricValue;
  max: MetricValue;
}

/** Whether a key is one of the machine's own readings, which matter less than what was measured of the model. */
export function isSystemMetric(key: string): boolean {
  return key.startsWith('system/');
}

/** The metrics whose value changed over the run, what was measured of the model first. Others say all they have in one number. */
export function curvesOf<M extends Metric>(metrics: readonly M[]): M[] {
  const curves = metrics.filter(({ min, max }) => min !== max);
  return [...curves.filter(({ key }) => !isSystemMetric(key)), ...curves.filter(({ key }) => isSystemMetric(key))];
}

/** Those, and then the ones that never changed though they were logged beyond step 0. */
export function drawableOf<M extends Metric>(metrics: readonly M[]): M[] {
  return [...curvesOf(metrics), ...metrics.filter(({ step, min, max }) => min === max && step !== '0')];
}

/** Whether small is good, as far as the name tells: losses and errors. */
export function isBetterLow(key: string): boolean {
  return /loss|err(or)?\b|rmse|mae\b|mse\b|perplexity|latency|divergence/i.test(key);
}
