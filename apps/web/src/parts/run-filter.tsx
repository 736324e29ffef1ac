'use client';

import type { KeyboardEvent } from 'react';
import { useEffect, useRef, useState } from 'react';

import type { ExperimentDetails } from '../api/experiment.ts';
import { isSystemMetric } from '../logic/metrics.ts';
import { useKeys } from '../ui/use-keys.ts';

/** A filter that fits an experiment, for whoever has not written one yet. */
export function exampleOf({ metricKeys, paramKeys }: ExperimentDetails): string {
  const metric = metricKeys.find((key) => !isSystemMetric(key)) ?? 'accuracy';
  const quotedKey = /^\w+$/.test(metric) ? metric : `\`${metric}\``;
  const [param] = paramKeys;
  return `metrics.${quotedKey} > 0.9${param === undefined || !/^\w+$/.test(param) ? '' : ` and params.${param} = '…'`}`;
}

interface FilterProps {
  filter: string;
  example: string;
  wrong: boolean;
  onFilter: (filter: string) => void;
}

/** MLflow's filter grammar; Enter asks, Escape leaves. */
export function FilterBox({ filter, example, wrong, onFilter }: FilterProps) {
  const [text, setText] = useState(filter);
  const input = useRef<HTMLInputElement>(null);
  useKeys({ '/': () => input.current?.focus() });
  // The box is made anew for each filter in force; whoever typed it keeps the focus.
  useEffect(() => {
    if (filter !== '' && document.activeElement === document.body) input.current?.focus();
  }, [filter]);
  const press = (event: KeyboardEvent<HTMLInputElement>) => {
    if (event.key === 'Enter') onFilter(text.trim());
    if (event.key === 'Escape') {
      setText(filter);
      event.currentTarget.blur();
    }
  };
  return (
    <div className={wrong ? 'filter wrong' : 'filter'}>
      <kbd>/</kbd>
      <input
        ref={input}
        type="text"
        className="mono"
        aria-label="Filter runs"
        aria-invalid={wrong}
        aria-describedby={wrong ? 'filter-error' : undefined}
        placeholder={example}
        spellCheck={false}
        autoComplete="off"
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
        onKeyDown={press}
      />
      {text.trim() !== filter ? <small>Enter</small> : null}
      {filter === '' ? null : (
        <button type="button" className="text-button" onClick={() => onFilter('')}>
          Clear
        </button>
      )}
    </div>
  );
}
