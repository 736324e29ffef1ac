'use client';

import { Dialog } from '../ui/dialog.tsx';

const GROUPS: readonly { title: string; keys: readonly (readonly [keys: string, what: string])[] }[] = [
  {
    title: 'Everywhere',
    keys: [
      ['Ctrl K', 'Search, or go to a page'],
      ['?', 'This list'],
      ['[', 'Fold or unfold the rail'],
      ['g h', 'Home'],
      ['g e', 'Experiments'],
      ['g d', 'Datasets'],
      ['g m', 'Models'],
      ['g p', 'Deployments (production)'],
      ['g l', 'Lineage'],
      ['g s', 'Settings'],
    ],
  },
  {
    title: 'A table of runs',
    keys: [
      ['/', 'Filter'],
      ['j', 'Next run'],
      ['k', 'Previous run'],
      ['x', 'Select or deselect the run'],
      ['Enter', 'Open the run'],
      ['c', 'Compare what is selected'],
      ['Escape', 'Deselect all'],
    ],
  },
  {
    title: 'A chart',
    keys: [
      ['drag', 'Look closer at those steps'],
      ['double click', 'All steps again'],
    ],
  },
];

export function KeyList({ open, onOpenChange }: { open: boolean; onOpenChange: (open: boolean) => void }) {
  return (
    <Dialog open={open} onOpenChange={onOpenChange} title="Keys" wide>
      <div className="key-groups">
        {GROUPS.map(({ title, keys }) => (
          <section key={title}>
            <h3>{title}</h3>
            <dl>
              {keys.map(([key, what]) => (
                <div key={key}>
                  <dt>
                    {key.length > 3 || !key.includes(' ') ? <kbd>{key}</kbd> : key.split(' ').map((each) => <kbd key={each}>{each}</kbd>)}
                  </dt>
                  <dd>{what}</dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </div>
    </Dialog>
  );
}
