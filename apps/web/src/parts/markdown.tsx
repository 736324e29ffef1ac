'use client';

// Markdown of a stranger's making as a page of ours: no HTML of theirs, links and pictures only where readme.ts lets them. The library
// is large, so this file is loaded where there is something to show (see readme.tsx), never with another page.

import type { ReactNode } from 'react';
import type { Components } from 'react-markdown';
import ReactMarkdown from 'react-markdown';
import remarkGfm from 'remark-gfm';

import type { ReadmeHome } from '../logic/readme.ts';
import { readmeImage, readmeLink, withoutFrontMatter } from '../logic/readme.ts';
import { Link } from '../ui/link.tsx';

/** Below the page's own heading; the deepest two of theirs look alike. */
const HEADINGS = { h1: 'h2', h2: 'h3', h3: 'h4', h4: 'h5', h5: 'h6', h6: 'h6' } as const;

const PLUGINS = [remarkGfm];

function componentsFor(home: ReadmeHome | null): Components {
  return {
    ...HEADINGS,
    a: ({ href = '', children }) => <Anchor to={readmeLink(href, home)}>{children}</Anchor>,
    img: ({ src, alt = '' }) => {
      const url = typeof src === 'string' ? src : '';
      const address = readmeImage(url, home);
      if (address !== null) return <img src={address} alt={alt} loading="lazy" />;
      return (
        <Anchor to={readmeLink(url, null)}>
          <span title="Only pictures among the version’s own files are loaded here.">[picture: {alt === '' ? url : alt}]</span>
        </Anchor>
      );
    },
    table: ({ children }) => (
      <div className="table-box">
        <table>{children}</table>
      </div>
    ),
  };
}

function Anchor({ to, children }: { to: ReturnType<typeof readmeLink>; children: ReactNode }) {
  if (to === null) return <span className="dead-link">{children}</span>;
  if (!to.isOutside) return <Link href={to.href}>{children}</Link>;
  return (
    <a href={to.href} target="_blank" rel="noopener noreferrer nofollow">
      {children}
    </a>
  );
}

export default function Markdown({ text, home }: { text: string; home: ReadmeHome | null }) {
  return (
    <div className="prose">
      {/* Addresses reach our own components as they were written: those judge them. */}
      <ReactMarkdown remarkPlugins={PLUGINS} components={componentsFor(home)} skipHtml urlTransform={(url) => url}>
        {withoutFrontMatter(text)}
      </ReactMarkdown>
    </div>
  );
}
