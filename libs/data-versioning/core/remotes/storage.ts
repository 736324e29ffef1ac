// What a remote stands on: a place that keeps files under paths. Folders, S3 buckets and web servers are such places; objects, manifests and what is known of
// them begin one floor above (remote.ts), and `get-url`, `list-url` and `import-url` use places without any objects at all.

/** From here on a file is large: it goes alone, in parts where the place knows parts, few at a time, and its download goes on where it broke. */
export const LARGE_BYTES = 8 * 1024 * 1024;
export const LARGE_AT_A_TIME = 4;

/** A file, as a listing or a question tells of it. */
export interface StoredFile {
  /** Relative to the place, with "/" between its parts; empty where the place's address is the file's own. */
  readonly path: string;
  /** Null where the place does not say. */
  readonly sizeBytes: number | null;
  /** What the place itself calls this content, as DVC writes it down: S3's without the quotes around it, a web server's with them. */
  readonly etag?: string;
  /** Which of the versions of it that the place keeps. */
  readonly version?: string;
}

export interface StoredBody {
  /** May be read once. Ends early only by throwing. */
  readonly chunks: AsyncIterable<Uint8Array>;
  /** Of the whole file; null where the place does not say. */
  readonly sizeBytes: number | null;
  /** Where in the file the first chunk begins: what was asked for, or 0 where the place gives whole files only. */
  readonly offsetBytes: number;
  readonly etag?: string;
}

/** What is written: it can be opened again, so that a write that failed is tried again. */
export interface WriteSource {
  readonly sizeBytes: number;
  /** Of these very bytes, where it is known: places that can check it are asked to. */
  readonly md5: string | null;
  /** Throws before its end where the bytes are not what they should be: a place must keep nothing then. */
  open(): AsyncIterable<Uint8Array>;
}

export interface ReadOptions {
  readonly offsetBytes?: number;
  /** Of a place that keeps versions: which one; absent: the newest. */
  readonly version?: string;
  readonly signal: AbortSignal;
}

/** Up to here a file is small: it is read and written in one go. */
export const SMALL_BYTES = 1024 * 1024;

export interface SmallFiles {
  /** Null where the file is larger than `SMALL_BYTES`. @throws DomainError `REMOTE_FILE_NOT_FOUND`. */
  read(path: string): Buffer | null;
  /** Whole or not at all, over what is there. */
  write(path: string, bytes: Uint8Array): void;
}

/** A place that keeps what files were before they were written over, as buckets of S3 do where they are told to. */
export interface Versions {
  /** Whether it does so now; null where it does not say. */
  areKept(signal: AbortSignal): Promise<boolean | null>;
  /** The newest version of every file whose path begins so. */
  list(prefix: string, signal: AbortSignal): AsyncIterable<StoredFile>;
  /** A version, or the newest; null where there is none. */
  stat(path: string, version: string | null, signal: AbortSignal): Promise<StoredFile | null>;
  /** As `Storage.write`; answers what it became. */
  write(path: string, source: WriteSource, signal: AbortSignal): Promise<StoredFile>;
}

export interface Storage {
  readonly kind: 'folder' | 'http' | 's3';
  /** For people: without user, password and query. */
  readonly url: string;
  /** How many requests at a time serve it best, unless somebody says. */
  readonly jobs: number;
  /** Null where there is no such file. */
  stat(path: string, signal: AbortSignal): Promise<StoredFile | null>;
  /** @throws DomainError `REMOTE_FILE_NOT_FOUND`. */
  read(path: string, options: ReadOptions): Promise<StoredBody>;
  /** Writes the whole file or nothing, over what is there. */
  write(path: string, source: WriteSource, signal: AbortSignal): Promise<void>;
  /** The same for small files at once, where waiting for each step would cost more than the steps; null elsewhere. */
  readonly small: SmallFiles | null;
  /** Every file whose path begins so; `"files/md5/"` for a folder. Null where the place cannot list. */
  readonly list: ((prefix: string, signal: AbortSignal) => AsyncIterable<StoredFile>) | null;
  /** What is not there is removed already. Null where the place cannot remove. */
  readonly remove: ((paths: readonly string[], signal: AbortSignal) => Promise<void>) | null;
  /** Null where the place knows no versions. */
  readonly versions: Versions | null;
  /** Makes everything that was written outlast a power cut, where that is not so already. */
  flush(): Promise<void>;
  /** A file's full address, without credentials. */
  locationOf(path: string): string;
  /** Lets connections go. */
  close(): void;
}
