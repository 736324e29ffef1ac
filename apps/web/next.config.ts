import type { NextConfig } from 'next';
import { join } from 'node:path';

/** The dashboard is served by the API's own process, on the same origin; types are checked by the `typecheck` target. */
const config: NextConfig = {
  reactStrictMode: true,
  poweredByHeader: false,
  devIndicators: false,
  typescript: { ignoreBuildErrors: true },
  turbopack: { root: join(import.meta.dirname, '../..') },
  outputFileTracingRoot: join(import.meta.dirname, '../..'),
};

export default config;
