import { mergeConfig } from 'vitest/config';

import { projectConfig } from '../../vitest.base.ts';

// The core stands beside the domain, not in it. What needs a real S3 server has a run of its own (test:s3), so that nothing here is skipped.
export default mergeConfig(projectConfig({ database: true }), {
  test: { include: ['core/**/*.test.ts'], exclude: ['core/remotes/s3.test.ts', 'core/**/*.s3.test.ts'] },
});
