// The scalars that all subgraphs share. Inside, a BigInt is a bigint and a DateTime is a Date; what is out of range or not exact
// is refused on the way in, and is a defect on the way out.

import type { ValueNode } from 'graphql';
import { GraphQLError, GraphQLScalarType, Kind, valueFromASTUntyped } from 'graphql';

const INT64_MIN = -(2n ** 63n);
const INT64_MAX = 2n ** 63n - 1n;
const DIGITS = /^-?\d{1,19}$/;
const ISO_8601 = /^(\d{4})-(\d{2})-(\d{2})T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{1,9})?(?:Z|[+-](?:[01]\d|2[0-3]):[0-5]\d)$/;
const NOT_FINITE = new Map([
  ['NaN', Number.NaN],
  ['Infinity', Number.POSITIVE_INFINITY],
  ['-Infinity', Number.NEGATIVE_INFINITY],
]);

/** A value as messages quote it: short, and never more than one line. */
function quoted(value: unknown): string {
  return (typeof value === 'bigint' ? value.toString() : JSON.stringify(value ?? null)).slice(0, 80);
}

function refuse(message: string, node?: ValueNode): GraphQLError {
  return new GraphQLError(message, node === undefined ? {} : { nodes: node });
}

function toBigInt(value: unknown): bigint | null {
  if (typeof value === 'bigint') return value >= INT64_MIN && value <= INT64_MAX ? value : null;
  if (typeof value === 'number') return Number.isSafeInteger(value) ? BigInt(value) : null;
  return typeof value === 'string' && DIGITS.test(value) ? toBigInt(BigInt(value)) : null;
}

function readBigInt(value: unknown, node?: ValueNode): bigint {
  const read = toBigInt(value);
  if (read === null) throw refuse(`A BigInt is a 64-bit whole number, written as a string of digits; it was ${quoted(value)}.`, node);
  return read;
}

/** A 64-bit whole number: decimal digits in a string outside, a bigint inside. */
const bigIntScalar = new GraphQLScalarType<bigint, string>({
  name: 'BigInt',
  serialize(value) {
    const whole = toBigInt(value);
    if (whole === null) throw new TypeError(`Not a 64-bit whole number: ${String(value)}`);
    return whole.toString();
  },
  parseValue: (value) => readBigInt(value),
  parseLiteral: (node) => readBigInt(node.kind === Kind.INT || node.kind === Kind.STRING ? node.value : null, node),
});

function readDate(value: unknown, node?: ValueNode): Date {
  const match = typeof value === 'string' ? ISO_8601.exec(value) : null;
  if (match !== null && typeof value === 'string') {
    // Date takes February 30 for a day in March, so the day must fit its month first.
    const daysInMonth = new Date(Date.UTC(Number(match[1]), Number(match[2]), 0)).getUTCDate();
    const date = new Date(value);
    if (!Number.isNaN(date.getTime()) && Number(match[3]) <= daysInMonth) return date;
  }
  throw refuse(`A DateTime is written in ISO 8601 with its offset, as in "2026-11-23T15:24:58Z"; it was ${quoted(value)}.`, node);
}

/** A moment: ISO 8601 in UTC outside, a Date inside. Finer than milliseconds is cut off. */
const dateTimeScalar = new GraphQLScalarType<Date, string>({
  name: 'DateTime',
  serialize: (value) => (value instanceof Date ? value : readDate(value)).toISOString(),
  parseValue: (value) => readDate(value),
  parseLiteral: (node) => readDate(node.kind === Kind.STRING ? node.value : null, node),
});

/** Any JSON value, as it is. */
const jsonScalar = new GraphQLScalarType<unknown, unknown>({
  name: 'JSON',
  serialize: (value) => value,
  parseValue: (value) => value,
  parseLiteral: (node, variables) => valueFromASTUntyped(node, variables),
});

function readMetric(value: unknown, node?: ValueNode): number {
  if (typeof value === 'number' && Number.isFinite(value)) return value;
  const special = typeof value === 'string' ? NOT_FINITE.get(value) : undefined;
  if (special === undefined) {
    throw refuse(
      `A MetricValue is a number that fits a double, or one of "NaN", "Infinity" and "-Infinity"; it was ${quoted(value)}.`,
      node,
    );
  }
  return special;
}

/** A double, NaN and the infinities included. */
const metricValueScalar = new GraphQLScalarType<number, number | string>({
  name: 'MetricValue',
  serialize(value) {
    if (typeof value !== 'number') throw new TypeError(`Not a number: ${String(value)}`);
    return Number.isFinite(value) ? value : String(value);
  },
  parseValue: (value) => readMetric(value),
  parseLiteral: (node) =>
    readMetric(
      node.kind === Kind.INT || node.kind === Kind.FLOAT ? Number(node.value) : node.kind === Kind.STRING ? node.value : null,
      node,
    ),
});

/** The scalars of shared.graphql, by name. */
export const sharedScalars: Readonly<Record<string, GraphQLScalarType>> = {
  BigInt: bigIntScalar,
  DateTime: dateTimeScalar,
  JSON: jsonScalar,
  MetricValue: metricValueScalar,
};
