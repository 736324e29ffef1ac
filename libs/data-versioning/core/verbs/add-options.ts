// What `add` is told and what it answers, wherever what it adds lies.

import type { YamlValue } from '../formats/yaml-value.ts';

export interface AddOptions {
  /** As the user typed them. */
  readonly targets: readonly string[];
  /** Whether targets are patterns. */
  readonly glob?: boolean;
  /** Hash only: `commit` puts the bytes in the cache later. */
  readonly noCommit?: boolean;
  /** Another name for the `.dvc` file, in the target's folder or above it. One target only. */
  readonly file?: string;
  /** Whether a `.dvc` file of that name that is about something else may be replaced. */
  readonly force?: boolean;
  /** Whether files that are no links of the kind that the settings want stay as they are. */
  readonly noRelink?: boolean;
  /** Copies the one target, which may lie anywhere, to this place and tracks it there. */
  readonly out?: string;
  /** Sends the one target to the remote; nothing of it stays here but the `.dvc` file. */
  readonly toRemote?: boolean;
  /** With `toRemote`. */
  readonly remote?: string;
  /** With `toRemote`: how many requests at a time. */
  readonly jobs?: number;
  readonly desc?: string;
  readonly type?: string;
  readonly labels?: readonly string[];
  readonly meta?: Readonly<Record<string, YamlValue>>;
}

export interface AddedOutput {
  /** Seen from where the user stands. */
  readonly path: string;
  readonly file: string;
  readonly md5: string;
  readonly sizeBytes: number | null;
  readonly fileCount: number | null;
  /** Whether the `.dvc` file says something new now. */
  readonly changed: boolean;
}

export interface AddResult {
  readonly added: readonly AddedOutput[];
  /** Files for Git to take: `.dvc` files and `.gitignore`. */
  readonly gitFiles: readonly string[];
}
