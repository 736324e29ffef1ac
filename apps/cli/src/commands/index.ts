// Every verb, in the order of help.

import type { CommandSpec } from '../command.ts';
import { OWN } from './own.ts';
import { REPOSITORY } from './repository.ts';
import { SOURCES } from './sources.ts';
import { TRANSFER } from './transfer.ts';
import { WORKSPACE } from './workspace.ts';

export interface Group {
  readonly title: string;
  readonly commands: readonly CommandSpec[];
}

export const GROUPS: readonly Group[] = [
  { title: 'Data in the workspace', commands: WORKSPACE },
  { title: 'Data in remotes', commands: TRANSFER },
  { title: 'Data from elsewhere', commands: SOURCES },
  { title: 'The repository', commands: REPOSITORY },
  { title: 'Signing in, and the shell', commands: OWN },
];
