import { mergeConfig } from 'vitest/config';

import { projectConfig } from '../../vitest.base.ts';

// One server for all of the suites: what they log is in runs of their own.
export default mergeConfig(projectConfig(), { test: { globalSetup: ['src/testing-setup.ts'] } });
