import type { TypeResolvers } from '@throughline/graphql';
import { asResult } from '@throughline/graphql';
import { idOf } from '@throughline/kernel';

import type { Access } from '../access.ts';
import type { AccessCommands } from '../commands.ts';
import type { CreateTokenInput } from '../tokens.ts';

interface CreateTokenArgs {
  input: Omit<CreateTokenInput, 'runId'> & { run?: string | null };
}

export function mutationResolvers(access: Access, commands: AccessCommands): TypeResolvers {
  return {
    createToken: (_parent, { input: { run, ...input } }: CreateTokenArgs, context) =>
      asResult('CreatedToken', async () => {
        const call = { caller: context.caller };
        const runId = run === null || run === undefined ? null : await commands.findRunId(call, run);
        return access.tokens.create(call, { ...input, runId });
      }),
    revokeToken: (_parent, { id }: { id: string }, context) =>
      asResult('Token', () => access.tokens.revoke({ caller: context.caller }, idOf('token', id))),
  };
}
