// Readable references: `[workspace/]kind:name`, names percent-encoded. The grammar, by kind:
//   run:<run id>                       model:<name>            model:<name>/<version>      model:<name>@<alias>
//   data:<name>                        data:<name>@<number>    data:<name>@<tag>           data:<name>@sha256:<digest>
//   deployment:<environment>/<target>  experiment:<id>         loggedModel:<model id>
// The last `@` splits, so names may contain one.

import { invalid } from './errors.ts';

export type Ref =
  | { kind: 'run'; runId: string }
  | { kind: 'experiment'; experimentId: string }
  | { kind: 'loggedModel'; modelId: string }
  | { kind: 'model'; name: string; version?: number; alias?: string }
  | { kind: 'data'; name: string; number?: number; tag?: string; digest?: string }
  | { kind: 'deployment'; environment: string; target: string };

/** A reference with the workspace in front where one was written. */
export interface ParsedRef {
  workspace: string | null;
  ref: Ref;
}

const SHAPE = /^(?:([^/:]+)\/)?(run|experiment|loggedModel|model|data|deployment):(.+)$/s;
const MAX_LENGTH = 4096;

/** Encodes a name for a reference: everything but unreserved characters and blanks' usual escapes. */
function encode(name: string): string {
  return encodeURIComponent(name);
}

function decode(text: string, whole: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw invalid('INVALID_REFERENCE', `'${whole.slice(0, 120)}' has a broken percent-escape.`);
  }
}

/** Writes a reference in its canonical form. */
export function formatRef(ref: Ref): string {
  switch (ref.kind) {
    case 'run':
      return `run:${encode(ref.runId)}`;
    case 'experiment':
      return `experiment:${ref.experimentId}`;
    case 'loggedModel':
      return `loggedModel:${encode(ref.modelId)}`;
    case 'model':
      if (ref.version !== undefined) return `model:${encode(ref.name)}/${ref.version}`;
      return `model:${encode(ref.name)}${ref.alias === undefined ? '' : `@${encode(ref.alias)}`}`;
    case 'data': {
      const at =
        ref.number ??
        (ref.tag === undefined ? undefined : encode(ref.tag)) ??
        (ref.digest === undefined ? undefined : `sha256:${ref.digest}`);
      return `data:${encode(ref.name)}${at === undefined ? '' : `@${at}`}`;
    }
    case 'deployment':
      return `deployment:${encode(ref.environment)}/${encode(ref.target)}`;
  }
}

/** Reads a reference; null where the text does not begin like one. Throws `invalid` where it does but is malformed. */
export function parseRef(text: string): ParsedRef | null {
  const match = SHAPE.exec(text);
  if (match === null || text.length > MAX_LENGTH) return null;
  const [, workspace, kind, rest] = match;
  return { workspace: workspace === undefined ? null : decode(workspace, text), ref: parseBody(kind ?? '', rest ?? '', text) };
}

function parseBody(kind: string, rest: string, whole: string): Ref {
  const bad = (why: string) => invalid('INVALID_REFERENCE', `'${whole.slice(0, 120)}' is not a reference: ${why}`);
  switch (kind) {
    case 'run':
      return { kind, runId: decode(rest, whole) };
    case 'experiment':
      if (!/^\d{1,19}$/.test(rest)) throw bad('an experiment is named by its number, as in experiment:12.');
      return { kind, experimentId: rest };
    case 'loggedModel':
      return { kind, modelId: decode(rest, whole) };
    case 'model':
      return parseModel(rest, whole);
    case 'data':
      return parseData(rest, whole, bad);
    default: {
      const [environment, target, ...more] = rest.split('/');
      if (!environment || !target || more.length > 0) throw bad('a deployment is named deployment:<environment>/<target>.');
      return { kind: 'deployment', environment: decode(environment, whole), target: decode(target, whole) };
    }
  }
}

function parseModel(rest: string, whole: string): Ref {
  const at = rest.lastIndexOf('@');
  if (at > 0) return { kind: 'model', name: decode(rest.slice(0, at), whole), alias: decode(rest.slice(at + 1), whole) };
  const version = /^(.+)\/([1-9]\d{0,8})$/s.exec(rest);
  if (version !== null) return { kind: 'model', name: decode(version[1] ?? '', whole), version: Number(version[2]) };
  return { kind: 'model', name: decode(rest, whole) };
}

function parseData(rest: string, whole: string, bad: (why: string) => Error): Ref {
  const at = rest.lastIndexOf('@');
  if (at <= 0) return { kind: 'data', name: decode(rest, whole) };
  const name = decode(rest.slice(0, at), whole);
  const suffix = rest.slice(at + 1);
  if (suffix.startsWith('sha256')) {
    const digest = /^sha256(?::|%3A)([0-9a-f]{64})$/i.exec(suffix)?.[1];
    if (digest === undefined) throw bad('a digest is sha256: and 64 hexadecimal characters.');
    return { kind: 'data', name, digest: digest.toLowerCase() };
  }
  if (/^\d+$/.test(suffix)) {
    if (!/^[1-9]\d{0,8}$/.test(suffix)) throw bad('version numbers begin at 1.');
    return { kind: 'data', name, number: Number(suffix) };
  }
  if (suffix === '') throw bad('there is nothing behind the @.');
  return { kind: 'data', name, tag: decode(suffix, whole) };
}

/** Whether a name may serve as an alias or a dataset tag: never digits, `latest`, or something beginning with sha256. */
export function isHandleName(name: string): boolean {
  return (
    /^[\w-]{1,255}$/.test(name) && !/^v?\d+$/i.test(name) && name.toLowerCase() !== 'latest' && !name.toLowerCase().startsWith('sha256')
  );
}
