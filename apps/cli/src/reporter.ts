// What the core tells of long work, as bars on the terminal. One bar stands at a time: that of the work which began last.

import type { Reporter, Task } from '@throughline/data-versioning/core';
import type { Terminal } from '@throughline/kernel';

const SILENT: Task = { advance: () => undefined, setTotal: () => undefined, end: () => undefined };

export interface ReporterOptions {
  terminal: Terminal;
  /** No bars and no warnings. */
  isQuiet: boolean;
}

export function createReporter({ terminal, isQuiet }: ReporterOptions): Reporter {
  const open: object[] = [];
  return {
    task(title, unit, total) {
      if (isQuiet) return SILENT;
      const bar = terminal.progress(title, unit === 'bytes' ? 'bytes' : 'things');
      const key = {};
      let done = 0;
      let of = total;
      open.push(key);
      const show = () => {
        if (open.at(-1) === key) bar.at(done, of);
      };
      return {
        advance(by) {
          done += by;
          show();
        },
        setTotal(found) {
          of = found;
          show();
        },
        end() {
          const index = open.indexOf(key);
          if (index !== -1) open.splice(index, 1);
          bar.end();
        },
      };
    },
    warn(message) {
      if (!isQuiet) terminal.note(`${terminal.caution('warning:')} ${message}`);
    },
  };
}
