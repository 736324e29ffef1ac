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

/** The metrics that make a curve (more than one step, or more than one value), what was measured of the model first. */
export function curvesOf<M extends Metric>(metrics: readonly M[]): M[] {
  const curves = metrics.filter(({ step, min, max }) => step !== '0' || min !== max);
  return [...curves.filter(({ key }) => !isSystemMetric(key)), ...curves.filter(({ key }) => isSystemMetric(key))];
}

/** Whether small is good, as far as the name tells: losses and errors. */
export function isBetterLow(key: string): boolean {
  return /loss|err(or)?\b|rmse|mae\b|mse\b|perplexity|latency|divergence/i.test(key);
}
