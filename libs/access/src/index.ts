export { createAccess } from './access.ts';
export type { Access, AccessOptions } from './access.ts';
export type { CreateTokenInput, Tokens } from './tokens.ts';
export type { Token, Workspace } from './types.ts';
export { accessTypeDefs, createAccessSubgraph } from './subgraph.ts';
export type { AccessCommands } from './commands.ts';
