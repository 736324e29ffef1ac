'use client';

import { DropdownMenu } from 'radix-ui';
import type { ReactNode } from 'react';

import { DownIcon } from './icons.tsx';

interface Item {
  label: string;
  onSelect: () => void;
  danger?: boolean;
  disabled?: boolean;
}

/** A button with further actions under it. */
export function Menu({ label, items, children }: { label: string; items: readonly (Item | null)[]; children?: ReactNode }) {
  return (
    <DropdownMenu.Root>
      <DropdownMenu.Trigger className="button" aria-label={label}>
        {children ?? label}
        <DownIcon />
      </DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content className="menu" align="end" sideOffset={4}>
          {items.map((item) =>
            item === null ? null : (
              <DropdownMenu.Item
                key={item.label}
                className={item.danger === true ? 'menu-item danger' : 'menu-item'}
                disabled={item.disabled === true}
                onSelect={item.onSelect}
              >
                {item.label}
              </DropdownMenu.Item>
            ),
          )}
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}
