// YAML, as far as an MLmodel file needs it: nested maps, lists and scalars. Texts are written in JSON's quotes, which YAML takes
// as they are, unless they are plain words; so nothing can turn into a number, a date or a boolean on the way.

export type Yaml = string | number | boolean | null | readonly Yaml[] | { readonly [key: string]: Yaml };

const PLAIN = /^[A-Za-z_][\w./-]*$/;
/** Words that YAML 1.1, which Python reads, takes for something else. */
const RESERVED = /^(?:y|n|yes|no|on|off|true|false|null|nan|inf)$/i;

/** Writes a map as a YAML document. Throws for a number that is not finite, and for an empty map or list. */
export function writeYaml(document: { readonly [key: string]: Yaml }): string {
  return lines(document)
    .map((line) => `${line}\n`)
    .join('');
}

function lines(value: Yaml): string[] {
  if (isList(value)) return notEmpty(value).flatMap((item) => hang('-', item));
  if (isMap(value)) return notEmpty(Object.entries(value)).flatMap(([key, item]) => hang(`${text(key)}:`, item));
  return [scalar(value)];
}

/** A scalar behind its head; a map or list below it, indented. */
function hang(head: string, value: Yaml): string[] {
  if (!isList(value) && !isMap(value)) return [`${head} ${scalar(value)}`];
  const below = lines(value).map((line) => `  ${line}`);
  // A list's item begins on the line of its dash.
  return head === '-' ? [`- ${below[0]?.slice(2) ?? ''}`, ...below.slice(1)] : [head, ...below];
}

function isList(value: Yaml): value is readonly Yaml[] {
  return Array.isArray(value);
}

function isMap(value: Yaml): value is { readonly [key: string]: Yaml } {
  return typeof value === 'object' && value !== null && !isList(value);
}

function notEmpty<Item>(items: readonly Item[]): readonly Item[] {
  if (items.length === 0) throw new Error('An empty map or list has no place in this YAML.');
  return items;
}

function scalar(value: string | number | boolean | null): string {
  if (typeof value === 'string') return text(value);
  if (typeof value === 'number' && !Number.isFinite(value)) throw new Error(`${value} has no place in this YAML.`);
  return String(value);
}

function text(value: string): string {
  return PLAIN.test(value) && !RESERVED.test(value) ? value : JSON.stringify(value);
}
