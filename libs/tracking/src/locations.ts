// Where artifacts are. Unless a client names an external place, an experiment's artifacts are ours: `mlflow-artifacts:/<experiment id>`,
// which MLflow's clients turn into addresses of the artifact proxy. An external place is only ever told back, never opened by this
// server; what could be taken for a place inside it (files, parents, fragments) is refused all the same.

import { invalid } from '@throughline/kernel';
import type { DomainError } from '@throughline/kernel';

import { checkText, LIMITS } from './limits.ts';

const OURS = 'mlflow-artifacts:/';
const EXTERNAL = /^([a-z][a-z0-9+.-]{1,30}):\/\/[^/\s]/i;
/** Schemes that mean this machine, or something that is resolved by looking somewhere else first. */
const REFUSED: ReadonlySet<string> = new Set(['file', 'runs', 'models', 'mlflow-artifacts', 'data', 'javascript', 'local']);

function badLocation(location: string, why: string): DomainError {
  return invalid('INVALID_ARTIFACT_LOCATION', `Invalid artifact location: '${location.slice(0, 120)}' ${why}.`, {
    hint: 'Leave it out, so that this server keeps the artifacts, or name an external place such as s3://bucket/path.',
    details: { parameter: 'artifact_location' },
  });
}

/** The location of an experiment whose artifacts are kept here. */
export function ownLocation(experimentId: string): string {
  return `${OURS}${experimentId}`;
}

/** Whether the artifacts under this location or URI are kept here. */
export function isOwnLocation(uri: string): boolean {
  return uri.startsWith(OURS);
}

/** Checks what a client gave as an experiment's location; answers it without slashes at its end. */
export function checkLocation(location: string, experimentId: string): string {
  checkText(location, 'artifact_location', LIMITS.artifactLocation);
  const trimmed = location.replace(/\/+$/, '');
  if (trimmed === ownLocation(experimentId)) return trimmed;
  if (/[\s\u0000-\u001f\u007f\\]/.test(location)) throw badLocation(location, 'has blanks, control characters or backslashes');
  const scheme = EXTERNAL.exec(location)?.[1]?.toLowerCase();
  if (scheme === undefined) throw badLocation(location, 'is not an address with a scheme and a host');
  if (REFUSED.has(scheme)) throw badLocation(location, `has the scheme ${scheme}, which does not name an external place`);
  if (/[#;]/.test(location)) throw badLocation(location, 'has a fragment or parameters');
  if (climbs(location)) throw badLocation(location, "contains '..'");
  return trimmed;
}

/** Whether an address climbs out of where it points, however often its dots and slashes are percent-encoded. */
export function climbs(location: string): boolean {
  const decoded = location.replaceAll(/%(?:25)*2e/gi, '.').replaceAll(/%(?:25)*(?:2f|5c)/gi, '/');
  return decoded.split(/[/\\?&=]/).includes('..');
}

/** Where a logged model's files are. */
export function modelArtifactUri(location: string, modelId: string): string {
  return below(location, `models/${modelId}/artifacts`);
}

/** Appends to the path of an address, in front of its query. */
function below(location: string, path: string): string {
  const cut = location.indexOf('?');
  return cut < 0 ? `${location}/${path}` : `${location.slice(0, cut).replace(/\/+$/, '')}/${path}${location.slice(cut)}`;
}
