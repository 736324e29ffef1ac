'use client';

import { Popover } from 'radix-ui';
import { useState } from 'react';

import type { ExperimentDetails } from '../api/experiment.ts';
import { isSystemMetric } from '../logic/metrics.ts';
import { DownIcon } from '../ui/icons.tsx';

const FIXED: readonly (readonly [column: string, label: string])[] = [
  ['state', 'State'],
  ['started', 'Started'],
  ['duration', 'Duration'],
  ['user', 'User'],
  ['dataset', 'Dataset'],
  ['model', 'Model'],
];

/** The columns where nobody has chosen others. */
export function defaultColumns({ metricKeys, paramKeys }: ExperimentDetails): string[] {
  const metrics = metricKeys.filter((key) => !isSystemMetric(key)).slice(0, 3);
  return ['state', 'started', ...metrics.map((key) => `m:${key}`), ...paramKeys.slice(0, 1).map((key) => `p:${key}`), 'dataset', 'model'];
}

export function labelOf(column: string): string {
  if (column.startsWith('m:') || column.startsWith('p:')) return column.slice(2);
  return column === 'name' ? 'Run' : (FIXED.find(([id]) => id === column)?.[1] ?? column);
}

interface ChooserProps {
  experiment: ExperimentDetails;
  shown: readonly string[];
  isDefault: boolean;
  onShown: (columns: readonly string[] | null) => void;
}

/** Which columns the table has, and so which metrics are drawn. */
export function ColumnChooser({ experiment, shown, isDefault, onShown }: ChooserProps) {
  const [text, setText] = useState('');
  const groups: readonly { title: string; columns: readonly (readonly [string, string])[] }[] = [
    { title: 'About the run', columns: FIXED },
    { title: 'Metrics', columns: experiment.metricKeys.map((key) => [`m:${key}`, key] as const) },
    { title: 'Params', columns: experiment.paramKeys.map((key) => [`p:${key}`, key] as const) },
  ];
  const wanted = text.trim().toLowerCase();
  const toggle = (column: string) => onShown(shown.includes(column) ? shown.filter((each) => each !== column) : [...shown, column]);
  return (
    <Popover.Root>
      <Popover.Trigger className="button">
        Columns
        <DownIcon />
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Content className="popover" align="end" sideOffset={4} aria-label="Columns">
          <input
            type="search"
            className="input"
            placeholder="Find a column"
            aria-label="Find a column"
            value={text}
            onChange={(event) => setText(event.currentTarget.value)}
          />
          <div className="popover-list">
            {groups.map(({ title, columns }) => {
              const found = columns.filter(([, label]) => label.toLowerCase().includes(wanted));
              return found.length === 0 ? null : (
                <fieldset key={title}>
                  <legend>{title}</legend>
                  {found.map(([column, label]) => (
                    <label key={column}>
                      <input type="checkbox" checked={shown.includes(column)} onChange={() => toggle(column)} />
                      <span title={label}>{label}</span>
                    </label>
                  ))}
                </fieldset>
              );
            })}
          </div>
          <button type="button" className="text-button" disabled={isDefault} onClick={() => onShown(null)}>
            The usual columns
          </button>
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  );
}
