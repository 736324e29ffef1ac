// Where it ran: without it, figures mean nothing.

import { availableParallelism, cpus, loadavg, totalmem } from 'node:os';
import { inspect } from 'node:util';

/** Read before anything is started: the load is others', and makes every figure worse. */
export function machine(): Record<string, unknown> {
  return {
    startedAt: new Date().toISOString(),
    platform: `${process.platform} ${process.arch}`,
    cores: availableParallelism(),
    processor: cpus()[0]?.model ?? '',
    memoryGigabytes: Number((totalmem() / 2 ** 30).toFixed(1)),
    loadAverage: loadavg().map((load) => Number(load.toFixed(2))),
    node: process.versions.node,
  };
}

/** For people: a line for each group of facts. */
export function environmentText(environment: Readonly<Record<string, unknown>>): string {
  const plain: string[] = [];
  const groups: string[] = [];
  for (const [name, value] of Object.entries(environment)) {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) plain.push(`${name} ${words(value)}`);
    else
      groups.push(
        `${name}: ${Object.entries(value)
          .map(([key, one]) => `${key} ${words(one)}`)
          .join(', ')}`,
      );
  }
  return [plain.join(', '), ...groups].join('\n');
}

function words(value: unknown): string {
  if (Array.isArray(value)) return value.map(words).join(' ');
  return typeof value === 'string' ? value : inspect(value, { breakLength: Infinity });
}
