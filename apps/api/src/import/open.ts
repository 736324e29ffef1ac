// Which reader an address is for.

import { statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import { openFolder } from './folder.ts';
import { openRest } from './rest.ts';
import type { RestCredentials } from './rest-client.ts';
import { badSource } from './source.ts';
import type { Source } from './source.ts';
import { openSqlite } from './sqlite.ts';

export interface OpenSourceOptions {
  credentials: RestCredentials;
  /** Folders beside the source's own in which files may lie, each as `<experiment>/<run>/artifacts`. */
  artifactRoots: readonly string[];
  /** Makes a path absolute, from where the user stands. */
  path: (text: string) => string;
}

/** Opens what an address names: `http(s)://…`, `sqlite:///<file>`, a file, or a folder. Throws `invalid` BAD_SOURCE. */
export function openSource(uri: string, { credentials, artifactRoots, path }: OpenSourceOptions): Promise<Source> {
  if (/^https?:\/\//i.test(uri)) return openRest(uri, credentials);
  // SQLAlchemy's form: three slashes and a relative path, four and an absolute one.
  const sqlite = /^sqlite:\/\/\/(.+)$/i.exec(uri)?.[1];
  if (sqlite !== undefined) return Promise.resolve(openSqlite(path(sqlite), artifactRoots));
  if (/^[a-z][\w+.-]+:/i.test(uri) && !uri.startsWith('file:')) {
    throw badSource(
      `'${uri.split(':', 1)[0]}' is no kind of source that can be read.`,
      'Name a server (http://…), its SQLite file (sqlite:///mlflow.db) or a folder of runs (./mlruns). For another database, start an MLflow server over it.',
    );
  }
  const place = path(uri.startsWith('file:') ? fileURLToPath(uri) : uri);
  const found = statSync(place, { throwIfNoEntry: false });
  if (found === undefined) throw badSource(`There is nothing at ${place}.`);
  return found.isDirectory() ? openFolder(place, artifactRoots) : Promise.resolve(openSqlite(place, artifactRoots));
}
