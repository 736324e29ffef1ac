// Lists that are one value to the executor. A list of GraphQL's own costs it a step, a path and a check for each item, a chart of 2,000 buckets
// ten thousand of them; a scalar that is a list is printed at once.

import { GraphQLScalarType } from 'graphql';

function columnOf(value: unknown): Float64Array {
  if (value instanceof Float64Array) return value;
  throw new TypeError(`Not a column of numbers: ${String(value)}`);
}

/** Doubles, each as a MetricValue is written: JSON has no word for NaN and the infinities. */
export const metricValues = new GraphQLScalarType<Float64Array, (number | string)[]>({
  name: 'MetricValues',
  serialize(value) {
    const values: (number | string)[] = [];
    for (const number of columnOf(value)) values.push(Number.isFinite(number) ? number : String(number));
    return values;
  },
});

/** Whole numbers that a double holds exactly. */
export const wholeNumbers = new GraphQLScalarType<Float64Array, number[]>({
  name: 'WholeNumbers',
  serialize(value) {
    const values: number[] = [];
    for (const number of columnOf(value)) {
      if (!Number.isSafeInteger(number)) throw new TypeError(`Not a whole number within 2^53: ${number}`);
      values.push(number);
    }
    return values;
  },
});
