'use client';

import { Popover } from 'radix-ui';
import { useState } from 'react';

import type { ExperimentDetails } from '../api/experiment.ts';
import { GROUP_ATTRIBUTES, groupLabel, MOST_GROUP_KEYS } from '../logic/grouping.ts';
import { DownIcon } from '../ui/icons.tsx';

interface Props {
  experiment: ExperimentDetails;
  chosen: readonly string[];
  onChosen: (columns: readonly string[]) => void;
}

/** What the runs are grouped by: params, tags by their name, or the state and the user. */
export function GroupChooser({ experiment, chosen, onChosen }: Props) {
  const [text, setText] = useState('');
  const wanted = text.trim();
  const lists: readonly { title: string; columns: readonly (readonly [string, string])[] }[] = [
    { title: 'Chosen', columns: chosen.map((column) => [column, groupLabel(column)] as const) },
    { title: 'About the run', columns: GROUP_ATTRIBUTES },
    { title: 'Params', columns: experiment.paramKeys.map((key) => [`p:${key}`, key] as const) },
    ...(wanted === '' ? [] : [{ title: 'A tag of this name', columns: [[`t:${wanted}`, wanted] as const] }]),
  ];
  const toggle = (column: string) => onChosen(chosen.includes(column) ? chosen.filter((one) => one !== column) : [...chosen, column]);
  const label = chosen.length === 0 ? 'Group' : `Grouped by ${chosen.map(groupLabel).join(', ')}`;
  return (
    <Popover.Root>
      <Popover.Trigger className="button" aria-pressed={chosen.length > 0}>
        <span className="clamp">{label}</span>
        <DownIcon />
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Content className="popover" align="end" sideOffset={4} aria-label="Group by">
          <input
            type="search"
            className="input"
            placeholder="A param or a tag"
            aria-label="A param or a tag"
            value={text}
            onChange={(event) => setText(event.currentTarget.value)}
          />
          <div className="popover-list">
            {lists.map(({ title, columns }, index) => {
              const found = columns.filter(
                ([column, name]) =>
                  (index === 0 || !chosen.includes(column)) && name.toLowerCase().includes(index === 0 ? '' : wanted.toLowerCase()),
              );
              return found.length === 0 ? null : (
                <fieldset key={title}>
                  <legend>{title}</legend>
                  {found.map(([column, name]) => (
                    <label key={column}>
                      <input
                        type="checkbox"
                        checked={chosen.includes(column)}
                        disabled={!chosen.includes(column) && chosen.length >= MOST_GROUP_KEYS}
                        onChange={() => toggle(column)}
                      />
                      <span title={name}>{name}</span>
                    </label>
                  ))}
                </fieldset>
              );
            })}
          </div>
          <button type="button" className="text-button" disabled={chosen.length === 0} onClick={() => onChosen([])}>
            No groups
          </button>
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  );
}
