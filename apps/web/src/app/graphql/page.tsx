'use client';

import dynamic from 'next/dynamic';

/** GraphiQL draws itself in the browser only; its editor and workers are bundled with the dashboard. */
const Explorer = dynamic(() => import('../../parts/explorer.tsx').then((module) => module.Explorer), { ssr: false });

export default function Page() {
  return <Explorer />;
}
