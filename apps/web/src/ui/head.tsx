'use client';

import type { ReactNode } from 'react';
import { Fragment } from 'react';

import { Link } from './link.tsx';
import { Ref } from './text.tsx';
import { useUrl } from './use-url.ts';

interface Crumb {
  label: string;
  href: string;
}

interface Props {
  crumbs?: readonly Crumb[];
  title: string;
  /** What the tab of the browser says, where it is not the title alone. */
  tabTitle?: string;
  badges?: ReactNode;
  reference?: string | undefined;
  facts?: ReactNode;
  actions?: ReactNode;
  children?: ReactNode;
}

/** The head of every page: where it is, what it is, its reference, its state, what can be done. */
export function Head({ crumbs = [], title, tabTitle, badges, reference, facts, actions, children }: Props) {
  return (
    <header className="head">
      <title>{`${tabTitle ?? title} · Throughline`}</title>
      {crumbs.length === 0 ? null : (
        <nav className="crumbs" aria-label="Breadcrumb">
          {crumbs.map((crumb, index) => (
            <Fragment key={crumb.href}>
              {index > 0 ? <span aria-hidden="true">/</span> : null}
              <Link href={crumb.href}>{crumb.label}</Link>
            </Fragment>
          ))}
        </nav>
      )}
      <div className="title-row">
        <div className="title-main">
          <h1 title={title}>{title}</h1>
          {badges}
          {reference === undefined ? null : <Ref value={reference} />}
        </div>
        {facts === undefined ? null : <span className="head-facts">{facts}</span>}
        {actions === undefined ? null : <div className="actions">{actions}</div>}
      </div>
      {children}
    </header>
  );
}

export interface Tab {
  id: string;
  label: string;
  count?: number | undefined;
}

/** Tabs of a page; which one is open lives in the address. The first is the one without a parameter. */
export function Tabs({ tabs, current }: { tabs: readonly Tab[]; current: string }) {
  const url = useUrl();
  return (
    <nav className="tabs" aria-label="Sections">
      {tabs.map((tab, index) => (
        <Link
          key={tab.id}
          href={url.href({ tab: index === 0 ? null : tab.id })}
          aria-current={tab.id === current ? 'page' : undefined}
          scroll={false}
          onClick={(event) => {
            if (event.metaKey || event.ctrlKey || event.shiftKey) return;
            event.preventDefault();
            url.set({ tab: index === 0 ? null : tab.id }, { push: true });
          }}
        >
          {tab.label}
          {tab.count === undefined ? null : <small>{tab.count.toLocaleString('en')}</small>}
        </Link>
      ))}
    </nav>
  );
}

/** The open tab: what the address says where it is one of these, else the first. */
export function useTab(tabs: readonly Tab[]): string {
  const asked = useUrl().get('tab');
  return tabs.find((tab) => tab.id === asked)?.id ?? tabs[0]?.id ?? '';
}

/** A part of a page with its heading. */
export function Section({ title, aside, children, id }: { title: string; aside?: ReactNode; children: ReactNode; id?: string }) {
  return (
    <section className="section" aria-label={title} id={id}>
      <h2>
        <span>{title}</span>
        {aside === undefined ? null : <span className="aside">{aside}</span>}
      </h2>
      {children}
    </section>
  );
}
