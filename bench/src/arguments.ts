// What the command line asks for. Every fault is said with what there is instead.

import { parseArgs } from 'node:util';

export interface Catalogue {
  /** By benchmark, the names of its rows in order. */
  readonly [benchmark: string]: readonly string[];
}

export type Asked =
  | { kind: 'help' }
  | { kind: 'fault'; message: string }
  | { kind: 'run'; benchmark: string; json: boolean; quick: boolean; rows: readonly string[]; rounds: number | null };

const MAX_ROUNDS = 99;

export function helpText(catalogue: Catalogue): string {
  const lists = Object.entries(catalogue).map(([name, rows]) => `  ${name}: ${rows.join(', ')}`);
  return `npm run bench -- <benchmark> [options]

Runs this server and, on the same PostgreSQL, the one that it is compared with; gives both the same work; prints medians, ratios and whether
the bars hold. Ends within 25 minutes on two cores. docs/benchmarks.md says what is measured, and how.

  --only <row>   this row alone; may be given several times
  --rounds <n>   measured rounds of each row (1 to ${MAX_ROUNDS}); a row that runs out of its time has fewer, and says so
  --quick        some seconds a row over little data, for whoever works on the server: proves nothing
  --json         one JSON object on stdout; with npm: npm run --silent bench -- <benchmark> --json
  --help         this text

Benchmarks and their rows:
${lists.join('\n')}

Ends with status 0 where every bar holds, 1 where one falls short, 2 where it was called wrongly.`;
}

export function readArguments(args: readonly string[], catalogue: Catalogue): Asked {
  const fault = (message: string): Asked => ({ kind: 'fault', message });
  let parsed;
  try {
    parsed = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        help: { type: 'boolean', short: 'h', default: false },
        json: { type: 'boolean', default: false },
        quick: { type: 'boolean', default: false },
        only: { type: 'string', multiple: true, default: [] },
        rounds: { type: 'string' },
      },
    });
  } catch (error) {
    return fault(error instanceof Error ? error.message : String(error));
  }
  const { values, positionals } = parsed;
  if (values.help) return { kind: 'help' };
  const benchmarks = Object.keys(catalogue);
  const [benchmark, extra] = positionals;
  if (benchmark === undefined) return fault(`Which benchmark? There is: ${benchmarks.join(', ')}.`);
  const known = Object.hasOwn(catalogue, benchmark) ? catalogue[benchmark] : undefined;
  if (known === undefined) return fault(`There is no benchmark '${benchmark}'; there is: ${benchmarks.join(', ')}.`);
  if (extra !== undefined) return fault(`One benchmark at a time: '${extra}' is one too many.`);
  const stranger = values.only.find((name) => !known.includes(name));
  if (stranger !== undefined) return fault(`${benchmark} has no row '${stranger}'; its rows: ${known.join(', ')}.`);
  const rounds = values.rounds === undefined ? null : wholeNumber(values.rounds);
  if (rounds === undefined) return fault(`--rounds takes a whole number from 1 to ${MAX_ROUNDS}, not '${values.rounds ?? ''}'.`);
  // In the benchmark's own order, whatever order they were asked in: later rows build on the state of earlier ones.
  const rows = values.only.length === 0 ? known : known.filter((name) => values.only.includes(name));
  return { kind: 'run', benchmark, json: values.json, quick: values.quick, rows, rounds };
}

function wholeNumber(text: string): number | undefined {
  const number = Number(text);
  return /^\d+$/.test(text) && number >= 1 && number <= MAX_ROUNDS ? number : undefined;
}
