import type { TypeResolvers } from '@throughline/graphql';
import { nodeId } from '@throughline/kernel';

import { invalidFileCount } from '../errors.ts';
import { MAX_FILES } from '../trace.ts';
import type { Trace } from '../trace.ts';
import { presentNode } from './present.ts';

const DEFAULT_FILES = 100;

export function traceResolvers(): TypeResolvers {
  return {
    deployment: (trace: Trace) => ({ id: nodeId('deployment', trace.deploymentId) }),
    nodes: (trace: Trace) => trace.nodes.map(presentNode),
    files(trace: Trace, { first: wanted }: { first?: number | null }) {
      const first = wanted ?? DEFAULT_FILES;
      if (first < 1 || first > MAX_FILES) throw invalidFileCount(first, MAX_FILES);
      return trace.files(first);
    },
  };
}
