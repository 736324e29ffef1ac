// Which process is which. A number alone does not name a process: numbers are used again, soonest of all in containers, where
// every start hands out the same few. So a note that outlives its writer keeps the process's birth too, where the system tells it.

import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

export interface ProcessIdentity {
  pid: number;
  /** When it was born, in the system's own words; null where the system does not say. */
  born: string | null;
}

interface LinuxStat {
  name: string;
  zombie: boolean;
  born: string;
}

/** Reads /proc/<pid>/stat (proc(5)); null where there is no such process. The name stands in parentheses and may hold any character. */
function linuxStat(pid: number): LinuxStat | null {
  let text: string;
  try {
    text = readFileSync(`/proc/${pid}/stat`, 'utf8');
  } catch {
    return null;
  }
  const open = text.indexOf('(');
  const close = text.lastIndexOf(')');
  const fields = text.slice(close + 2).split(' ');
  const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  return { name: text.slice(open + 1, close), zombie: fields[0] === 'Z' || fields[0] === 'X', born: `${boot}:${fields[19] ?? ''}` };
}

/** The running process of this number; null where there is none, or only its body, which no parent has collected yet. */
export function identify(pid: number): ProcessIdentity | null {
  if (!Number.isSafeInteger(pid) || pid <= 0) return null;
  if (process.platform === 'linux') {
    const stat = linuxStat(pid);
    return stat === null || stat.zombie ? null : { pid, born: stat.born };
  }
  try {
    process.kill(pid, 0);
  } catch (error) {
    // EPERM: it lives, but is somebody else's.
    if (!(error instanceof Error && Reflect.get(error, 'code') === 'EPERM')) return null;
  }
  return { pid, born: process.platform === 'win32' ? null : bornByPs(pid) };
}

function bornByPs(pid: number): string | null {
  try {
    return execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  } catch {
    // Gone in between, or a system without ps: then the number has to do.
    return null;
  }
}

/** Whether the process that was noted is still the one that runs. */
export function isRunning(noted: ProcessIdentity): boolean {
  const now = identify(noted.pid);
  return now !== null && (noted.born === null || now.born === null || noted.born === now.born);
}

/** The program's name as the kernel knows it; null where it cannot be told. */
export function programName(pid: number): string | null {
  return process.platform === 'linux' ? (linuxStat(pid)?.name ?? null) : null;
}
