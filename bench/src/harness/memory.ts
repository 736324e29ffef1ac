// How much memory a program and its descendants hold, from Linux's /proc. RSS counts a page that two processes share twice; PSS shares it
// out, and is what the machine really has to give.

import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { basename } from 'node:path';

export interface Memory {
  processes: number;
  rssMegabytes: number;
  pssMegabytes: number;
}

/** The memory of all Node processes among `pid` and its descendants. Throws where there is no /proc. */
export function memoryOfNode(pid: number): Memory {
  const sum: Memory = { processes: 0, rssMegabytes: 0, pssMegabytes: 0 };
  for (const one of withDescendants(pid, parents())) {
    if (programOf(one) !== 'node') continue;
    const rollup = readIfAlive(`/proc/${one}/smaps_rollup`);
    if (rollup === null) continue;
    sum.processes += 1;
    sum.rssMegabytes += kilobytes(rollup, 'Rss') / 1024;
    sum.pssMegabytes += kilobytes(rollup, 'Pss') / 1024;
  }
  if (sum.processes === 0) throw new Error(`there is no Node process at ${pid}`);
  return sum;
}

/** A process and everything below it, by who is whose parent. */
export function withDescendants(root: number, parentOf: ReadonlyMap<number, number>): number[] {
  const children = Map.groupBy(parentOf.keys(), (pid) => parentOf.get(pid));
  const found = [root];
  for (const pid of found) found.push(...(children.get(pid) ?? []));
  return found;
}

function parents(): Map<number, number> {
  const found = new Map<number, number>();
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const stat = readIfAlive(`/proc/${name}/stat`);
    // The name stands in parentheses and may hold anything, parentheses among it.
    const parent = stat === null ? undefined : stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1];
    if (parent !== undefined) found.set(Number(name), Number(parent));
  }
  return found;
}

function programOf(pid: number): string | null {
  try {
    return basename(readlinkSync(`/proc/${pid}/exe`));
  } catch {
    // It has ended, or it is the kernel's.
    return null;
  }
}

function readIfAlive(file: string): string | null {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    const code: unknown = error instanceof Error ? Reflect.get(error, 'code') : undefined;
    if (code === 'ENOENT' || code === 'ESRCH') return null;
    throw error;
  }
}

/** A line such as `Pss:    61234 kB`. */
export function kilobytes(rollup: string, name: string): number {
  const found = new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(rollup)?.[1];
  if (found === undefined) throw new Error(`no ${name} in smaps_rollup`);
  return Number(found);
}
