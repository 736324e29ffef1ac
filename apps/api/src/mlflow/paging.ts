// How MLflow's requests page: `max_results` and `page_token`, with a default and a largest size that each search has for itself.

import { invalid } from '@throughline/kernel';
import type { PageRequest } from '@throughline/kernel';

/** The fields with which a request asks for a page. */
export interface Asked {
  max_results: number | undefined;
  page_token: string | undefined;
}

/** The page that a request asks for. Throws `invalid` for a size outside 1 to `max`, in MLflow's words. An empty token is none. */
export function askedPage(asked: Asked, sizes: { default: number; max: number }): PageRequest {
  const first = asked.max_results ?? sizes.default;
  if (first < 1) throw outside(first, 'a positive integer');
  if (first > sizes.max) throw outside(first, `at most ${sizes.max}`);
  return { first, after: asked.page_token || null };
}

function outside(size: number, must: string): Error {
  return invalid('INVALID_PARAMETER_VALUE', `Invalid value ${size} for parameter 'max_results' supplied. It must be ${must}.`);
}
