'use client';

import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { usePathname, useRouter } from 'next/navigation';
import type { ReactNode } from 'react';
import { useState } from 'react';

import { Toasts } from '../ui/toast.tsx';
import { useKeys } from '../ui/use-keys.ts';
import { KeyList } from './key-list.tsx';
import { Palette } from './palette.tsx';
import { toggleRail } from './preferences.ts';
import { Rail } from './rail.tsx';

const STANDING_ALONE: ReadonlySet<string> = new Set(['/sign-in', '/graphql']);

/** The frame around every page: rail, search, keys, messages. The sign-in page and the GraphQL explorer stand alone. */
export function Shell({ children }: { children: ReactNode }) {
  const [client] = useState(() => new QueryClient({ defaultOptions: { queries: { gcTime: 10 * 60_000 } } }));
  const pathname = usePathname();
  const alone = STANDING_ALONE.has(pathname);
  return (
    <QueryClientProvider client={client}>
      {alone ? children : <Frame>{children}</Frame>}
      <Toasts />
    </QueryClientProvider>
  );
}

function Frame({ children }: { children: ReactNode }) {
  const router = useRouter();
  const [searching, setSearching] = useState(false);
  const [listing, setListing] = useState(false);
  useKeys({
    '?': () => setListing(true),
    '[': toggleRail,
    'g h': () => router.push('/'),
    'g e': () => router.push('/experiments'),
    'g d': () => router.push('/datasets'),
    'g m': () => router.push('/models'),
    'g p': () => router.push('/deployments'),
    'g l': () => router.push('/lineage'),
    'g s': () => router.push('/settings'),
  });
  return (
    <div className="frame">
      <a className="skip" href="#main">
        Skip to the content
      </a>
      <Rail onSearch={() => setSearching(true)} onKeys={() => setListing(true)} />
      <main id="main" tabIndex={-1}>
        {children}
      </main>
      <Palette open={searching} onOpenChange={setSearching} />
      <KeyList open={listing} onOpenChange={setListing} />
    </div>
  );
}
