import '@fontsource-variable/inter';
import '@fontsource-variable/jetbrains-mono';
import '../styles/tokens.css';
import '../styles/base.css';
import '../styles/frame.css';
import '../styles/controls.css';
import '../styles/data.css';
import '../styles/story.css';
import '../styles/overlays.css';
import '../styles/settings.css';
import '../styles/readme.css';
import '../styles/tables.css';

import type { Metadata, Viewport } from 'next';
import type { ReactNode } from 'react';

import { Shell } from '../parts/shell.tsx';
import { EARLY_SCRIPT } from '../parts/preferences.ts';

export const metadata: Metadata = {
  applicationName: 'Throughline',
  description: 'Follow a deployed model back to the exact bytes it was trained on.',
};

export const viewport: Viewport = { width: 'device-width', initialScale: 1, colorScheme: 'light dark' };

/** Pages read their state from the address, so they are rendered when they are asked for. */
export const dynamic = 'force-dynamic';

export default function Layout({ children }: { children: ReactNode }) {
  return (
    <html lang="en" suppressHydrationWarning>
      <head>
        <script dangerouslySetInnerHTML={{ __html: EARLY_SCRIPT }} />
      </head>
      <body>
        <Shell>{children}</Shell>
      </body>
    </html>
  );
}
