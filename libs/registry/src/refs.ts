import type { ParsedRef } from '@throughline/kernel';
import { invalid } from '@throughline/kernel';

/**
 * References are read in the caller's workspace; whoever takes in one with a workspace in front checks it and takes it off, since
 * only access knows the names of workspaces.
 */
export function refuseForeignWorkspace(parsed: ParsedRef): void {
  if (parsed.workspace === null) return;
  throw invalid(
    'WORKSPACE_IN_REFERENCE',
    `The reference begins with the workspace '${parsed.workspace}'; leave it out: a token is for one workspace, and names are looked up there.`,
  );
}
