import type { VerificationJob } from '@throughline/content';
import type { GraphqlContext, TypeResolvers } from '@throughline/graphql';
import { idOf, nodeId } from '@throughline/kernel';

import type { Lineage } from '../lineage.ts';
import { callOf } from './present.ts';

export function verificationJobResolvers(lineage: Lineage): TypeResolvers {
  return {
    __resolveReference: ({ id }: { id: string }, context: GraphqlContext) =>
      lineage.verification(callOf(context), idOf('verification', id)),
    id: (job: VerificationJob) => nodeId('verification', job.id),
  };
}
