// The words that all of the core shares. Paths are relative to the repository's root, with "/" between their parts and none of them "." or "..",
// unless a name ends in File or Folder: those are absolute, as the operating system has them.

import type { YamlMap, YamlValue } from './formats/yaml-value.ts';

/** Which MD5 names the bytes: of them as they are (3.x), or with CRLF read as LF where they look like text (2.x and older). */
export type HashName = 'md5' | 'md5-dos2unix';

/** What DVC calls an object: the MD5 of a file's bytes, or of a folder's manifest, which it writes with ".dir" behind it. */
export interface ObjectId {
  readonly hash: HashName;
  /** 32 lower-case hexadecimal digits. */
  readonly md5: string;
  /** Whether it is a manifest. */
  readonly isTree: boolean;
}

/** A file of a folder. */
export interface TreeEntry {
  /** Relative to the folder. */
  readonly path: string;
  readonly md5: string;
  readonly sizeBytes?: number;
}

/** A folder's files, each path once, in the order of their paths' UTF-8 bytes. */
export type Tree = readonly TreeEntry[];

/** What DVC shows files as. */
export type ShownAs = 'metrics' | 'plots';

/** One output of a stage: what a `.dvc` file, or dvc.yaml with dvc.lock, says of a path. */
export interface Output {
  readonly path: string;
  /** Of a stage of a dvc.yaml: as it is written there, which is how dvc.lock names it. */
  readonly writtenPath?: string;
  /** Null where nothing was recorded yet: a stage that never ran. */
  readonly id: ObjectId | null;
  /** Of all files together. */
  readonly sizeBytes?: number;
  /** Of a folder: all of its files, at any depth. */
  readonly fileCount?: number;
  /** Of a file alone: folders do not record it. */
  readonly isExecutable?: boolean;
  /** False: the file is Git's, or nobody's; it is recorded and never stored. */
  readonly isCached: boolean;
  /** The remote that alone may hold it; null: the default one. */
  readonly remote: string | null;
  /** False: push leaves it alone. */
  readonly isPushed: boolean;
  readonly isPersistent: boolean;
  /** How a stage of a dvc.yaml lists it, where not under `outs`. */
  readonly shownAs?: ShownAs;
  /** A folder's files where the stage lists them itself instead of naming a manifest (cloud versioning). */
  readonly files: Tree | null;
}

/** A version of a file in a place that keeps versions, as it is recorded: what it takes to read it again, and what it must be then. */
export interface RecordedVersion {
  readonly path: string;
  /** As the place names it; absent where it kept none. */
  readonly version?: string;
  readonly etag?: string;
  readonly sizeBytes?: number;
}

/** What a stage was made from. Imports name a source outside the repository. */
export interface Dependency {
  /** As it is written: a path, or an address. */
  readonly path: string;
  /** Of a path in the repository: seen from its root. */
  readonly repositoryPath?: string;
  /** Of a path of this machine outside of it: seen from its root as well, or absolute. */
  readonly outsidePath?: string;
  readonly id: ObjectId | null;
  readonly etag?: string;
  readonly checksum?: string;
  readonly sizeBytes?: number;
  readonly fileCount?: number;
  /** Of an import that follows versions: those that were taken; of a file alone the path is empty. None where nobody looked yet. */
  readonly versions?: readonly RecordedVersion[];
  /** How its place is reached, by DVC's names for a remote's options. */
  readonly placeOptions?: Readonly<Record<string, string>>;
  readonly repo?: {
    readonly url: string;
    readonly rev?: string;
    readonly revLock?: string;
    readonly config?: unknown;
    readonly remote?: unknown;
  };
}

/** A stage: one `.dvc` file, or one of a dvc.yaml with what dvc.lock says of it. */
export interface Stage {
  /** The `.dvc` or dvc.yaml file. */
  readonly file: string;
  /** Of a stage of a dvc.yaml, generated ones included (`train@a`); null for a `.dvc` file. */
  readonly name: string | null;
  readonly outputs: readonly Output[];
  readonly dependencies: readonly Dependency[];
  readonly isFrozen: boolean;
  /** Counts as changed whatever its files say. */
  readonly isAlwaysChanged?: boolean;
  /** Of a `.dvc` file: whether the MD5 at its top, which imports have, is of something else than the file says now. */
  readonly isChecksumStale?: boolean;
  /** Of a stage of a dvc.yaml: what it runs, a text or a list of texts, and what dvc.lock says that it ran; null where it never did. */
  readonly command?: { readonly current: YamlValue; readonly locked: YamlValue };
  readonly params?: readonly StageParams[];
}

/** Parameters that a stage depends on, of one file. */
export interface StageParams {
  /** As it is written. */
  readonly path: string;
  /** Null for a file outside of the repository. */
  readonly repositoryPath: string | null;
  /** Their dotted names; none: the whole file. */
  readonly keys: readonly string[];
  /** By dotted name, as dvc.lock has them; null where the stage never ran. */
  readonly locked: YamlMap | null;
}

/** How far long work is, told to whoever shows it. */
export interface Task {
  advance(by: number): void;
  /** Where it became known, or changed. */
  setTotal(total: number): void;
  end(): void;
}

export type Unit = 'bytes' | 'files' | 'objects';

export interface Reporter {
  /** Begins a piece of long work; null: nobody knows yet how much it is. */
  task(title: string, unit: Unit, total: number | null): Task;
  /** Something that the user should know and that does not stop the command. */
  warn(message: string): void;
}

/** The proxies of the environment. They may hold credentials, and are never printed. */
export interface Proxies {
  /** For addresses of http; an address, or a host with its port. */
  readonly http: string | null;
  readonly https: string | null;
  /** Hosts that are asked directly, with commas between them. */
  readonly except: string | null;
}

/** What a command is told of the world, since the core reads no environment. */
export interface Surroundings {
  /** Where the user stands. */
  readonly workingFolder: string;
  readonly homeFolder: string;
  /** Of the user and of the system: where DVC's config files lie, each called `config`; null where there is none. */
  readonly globalConfigFolder: string | null;
  readonly systemConfigFolder: string | null;
  readonly reporter: Reporter;
  /** Ends what is under way, leaving nothing half done. */
  readonly signal: AbortSignal;
  /** The token for a Throughline server, from the environment or the user's own store; null where there is none. Never printed. */
  readonly tokenFor: (origin: string) => string | null;
  /** Absent: everything is asked directly. */
  readonly proxies?: Proxies;
  /** Asks for what must not be seen; null where there is nobody to ask. */
  readonly askSecret?: (question: string) => Promise<string | null>;
}
