'use client';

import { usePathname } from 'next/navigation';
import { DropdownMenu } from 'radix-ui';
import type { ReactNode } from 'react';

import { useData } from '../api/hooks.ts';
import { graphql } from '../gql/gql.ts';
import {
  DatasetIcon,
  DeploymentIcon,
  ExperimentIcon,
  FoldIcon,
  HomeIcon,
  KeyboardIcon,
  LineageIcon,
  Mark,
  ModelIcon,
  SearchIcon,
  SettingsIcon,
  ThemeIcon,
} from '../ui/icons.tsx';
import { Link } from '../ui/link.tsx';
import type { Theme } from './preferences.ts';
import { chooseTheme, currentTheme, toggleRail } from './preferences.ts';

const RailDocument = graphql(`
  query Rail {
    viewer {
      name
      workspace {
        name
      }
    }
    experiments(first: 1) {
      totalCount
    }
    datasets(first: 1) {
      totalCount
    }
    models(first: 1) {
      totalCount
    }
    deployments(first: 1) {
      totalCount
    }
  }
`);

/** The rail on the left: the rooms of the product, the workspace, search, theme. Folds to icons by itself on narrow screens. */
export function Rail({ onSearch, onKeys }: { onSearch: () => void; onKeys: () => void }) {
  const pathname = usePathname();
  const { data } = useData(RailDocument, {}, { staleMs: 30_000 });
  const places: readonly { href: string; label: string; icon: ReactNode; count?: number | undefined; also?: readonly string[] }[] = [
    { href: '/', label: 'Home', icon: <HomeIcon /> },
    {
      href: '/experiments',
      label: 'Experiments',
      icon: <ExperimentIcon />,
      count: data?.experiments.totalCount,
      also: ['/runs', '/compare', '/logged-models'],
    },
    { href: '/datasets', label: 'Datasets', icon: <DatasetIcon />, count: data?.datasets.totalCount },
    { href: '/models', label: 'Models', icon: <ModelIcon />, count: data?.models.totalCount },
    { href: '/deployments', label: 'Deployments', icon: <DeploymentIcon />, count: data?.deployments.totalCount },
    { href: '/lineage', label: 'Lineage', icon: <LineageIcon /> },
  ];
  const isHere = (href: string) => (href === '/' ? pathname === '/' : pathname === href || pathname.startsWith(`${href}/`));
  return (
    <nav className="rail" aria-label="Main">
      <div className="rail-top">
        <Link href="/" className="brand" aria-label="Throughline, home">
          <Mark />
          <span>Throughline</span>
        </Link>
        <button
          type="button"
          className="icon-button fold"
          aria-label="Fold or unfold the rail"
          title="Fold or unfold ( [ )"
          onClick={toggleRail}
        >
          <FoldIcon />
        </button>
      </div>
      <div className="rail-workspace" title="Workspace">
        <span>{data?.viewer.workspace.name ?? ' '}</span>
        <small>workspace</small>
      </div>
      {places.map(({ href, label, icon, count, also }) => (
        <Link
          key={href}
          href={href}
          className="rail-item"
          title={label}
          aria-current={isHere(href) || also?.some(isHere) === true ? 'page' : undefined}
        >
          {icon}
          <span>{label}</span>
          {count === undefined || count === 0 ? null : <small>{count.toLocaleString('en')}</small>}
        </Link>
      ))}
      <span className="spacer" />
      <button type="button" className="rail-item" title="Search" onClick={onSearch}>
        <SearchIcon />
        <span>Search</span>
        <kbd>Ctrl K</kbd>
      </button>
      <button type="button" className="rail-item" title="Keys" onClick={onKeys}>
        <KeyboardIcon />
        <span>Keys</span>
        <kbd>?</kbd>
      </button>
      <ThemeMenu />
      <Link href="/settings" className="rail-item" title="Settings" aria-current={isHere('/settings') ? 'page' : undefined}>
        <SettingsIcon />
        <span>Settings</span>
        <small className="viewer">{data?.viewer.name ?? ''}</small>
      </Link>
    </nav>
  );
}

const THEMES: readonly { theme: Theme; label: string }[] = [
  { theme: 'system', label: 'As the system has it' },
  { theme: 'light', label: 'Light' },
  { theme: 'dark', label: 'Dark' },
];

function ThemeMenu() {
  return (
    <DropdownMenu.Root>
      <DropdownMenu.Trigger className="rail-item" title="Theme">
        <ThemeIcon />
        <span>Theme</span>
      </DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content className="menu" side="right" align="end" sideOffset={6}>
          <ThemeChoices />
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}

/** Rendered only while the menu is open, so that it reads the choice in the browser. */
function ThemeChoices() {
  return (
    <DropdownMenu.RadioGroup
      value={currentTheme()}
      onValueChange={(value) => {
        const chosen = THEMES.find(({ theme }) => theme === value);
        if (chosen !== undefined) chooseTheme(chosen.theme);
      }}
    >
      {THEMES.map(({ theme, label }) => (
        <DropdownMenu.RadioItem key={theme} value={theme} className="menu-item">
          {label}
          <DropdownMenu.ItemIndicator className="menu-check">✓</DropdownMenu.ItemIndicator>
        </DropdownMenu.RadioItem>
      ))}
    </DropdownMenu.RadioGroup>
  );
}
