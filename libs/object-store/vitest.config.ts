import { mergeConfig } from 'vitest/config';

import { projectConfig } from '../../vitest.base.ts';

// What needs a real S3 server has a run of its own (test:s3), so that nothing here is skipped.
export default mergeConfig(projectConfig(), { test: { exclude: ['src/s3.test.ts'] } });
