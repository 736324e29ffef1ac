// Every verb, in the order of help.

import type { CommandSpec } from '../command.ts';
import { OWN } from './own.ts';

export interface Group {
  readonly title: string;
  readonly commands: readonly CommandSpec[];
}

export const GROUPS: readonly Group[] = [{ title: 'Signing in, and the shell', commands: OWN }];
