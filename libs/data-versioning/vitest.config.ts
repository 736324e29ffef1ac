import { mergeConfig } from 'vitest/config';

import { projectConfig } from '../../vitest.base.ts';

// The core stands beside the domain, not in it.
export default mergeConfig(projectConfig({ database: true }), { test: { include: ['core/**/*.test.ts'] } });
