// Where each thing has its page. Names are percent-encoded, since model and dataset names may hold almost any character.

const encode = encodeURIComponent;

export const experimentHref = (experimentId: string) => `/experiments/${encode(experimentId)}`;
export const runHref = (runId: string) => `/runs/${encode(runId)}`;
export const compareHref = (runIds: readonly string[]) => `/compare?runs=${runIds.map(encode).join(',')}`;
export const loggedModelHref = (modelId: string) => `/logged-models/${encode(modelId)}`;
export const modelHref = (name: string) => `/models/${encode(name)}`;
export const modelVersionHref = (name: string, version: number) => `/models/${encode(name)}/${version}`;
export const datasetHref = (name: string) => `/datasets/${encode(name)}`;
export const datasetVersionHref = (name: string, number: number) => `/datasets/${encode(name)}/${number}`;
export const datasetDiffHref = (name: string, from: number, to: number) => `/datasets/${encode(name)}/diff?from=${from}&to=${to}`;
export const deploymentHref = (id: string) => `/deployments/${encode(id)}`;
export const targetHref = (environment: string, target: string) => `/deployments/${encode(environment)}/${encode(target)}`;
export const lineageHref = (root: string, direction: 'UPSTREAM' | 'DOWNSTREAM' = 'UPSTREAM') =>
  `/lineage?root=${encode(root)}&direction=${direction.toLowerCase()}`;

/** Readable references, as the API takes them. */
export const refs = {
  run: (runId: string) => `run:${encode(runId)}`,
  experiment: (experimentId: string) => (/^\d+$/.test(experimentId) ? `experiment:${experimentId}` : experimentId),
  loggedModel: (modelId: string) => `loggedModel:${encode(modelId)}`,
  model: (name: string) => `model:${encode(name)}`,
  modelVersion: (name: string, version: string) => `model:${encode(name)}/${version}`,
  dataset: (name: string) => `data:${encode(name)}`,
  datasetVersion: (name: string, number: string) => `data:${encode(name)}@${number}`,
  deployment: (environment: string, target: string) => `deployment:${encode(environment)}/${encode(target)}`,
};

/**
 * The page of a readable reference (`run:…`, `model:penguins/3`, `data:penguins@2`, `deployment:production/api`, `experiment:12`);
 * null where the text is not one, or names something by an alias, tag or digest that only the server can follow.
 */
export function hrefOfRef(text: string): string | null {
  const match = /^(?:[^/:]+\/)?(run|experiment|loggedModel|model|data|deployment):(.+)$/s.exec(text.trim());
  const kind = match?.[1];
  const rest = match?.[2];
  if (kind === undefined || rest === undefined) return null;
  switch (kind) {
    case 'run':
      return `/runs/${rest}`;
    case 'experiment':
      return /^\d{1,19}$/.test(rest) ? experimentHref(rest) : null;
    case 'loggedModel':
      return `/logged-models/${rest}`;
    case 'deployment':
      return /^[^/]+\/[^/]+$/.test(rest) ? `/deployments/${rest}` : null;
    case 'model':
      return rest.includes('@') ? null : `/models/${rest}`;
    default: {
      const at = rest.lastIndexOf('@');
      if (at <= 0) return `/datasets/${rest}`;
      return /^[1-9]\d*$/.test(rest.slice(at + 1)) ? `/datasets/${rest.slice(0, at)}/${rest.slice(at + 1)}` : null;
    }
  }
}

/** What a node is called on every page: `penguins / 2`, `production / api`, and otherwise what the graph calls it. */
export function nameOfNode(node: { kind: string; ref: string; label: string }): string {
  const match = /^(?:model|deployment):([^/]+)\/([^/]+)$/.exec(node.ref);
  if (match?.[1] === undefined || match[2] === undefined || (node.kind !== 'MODEL_VERSION' && node.kind !== 'DEPLOYMENT'))
    return node.label;
  try {
    return `${decodeURIComponent(match[1])} / ${decodeURIComponent(match[2])}`;
  } catch {
    return node.label;
  }
}

/** The page of a node of the graph: an ended deployment has its own, since its reference names whatever is live there now. */
export function hrefOfNode(node: { id: string; kind: string; ref: string }): string | null {
  return node.kind === 'DEPLOYMENT' ? deploymentHref(node.id) : hrefOfRef(node.ref);
}

/**
 * MLflow's clients print `<server>/#/experiments/1/runs/abc` and the like, since their own interface routes behind the hash.
 * Answers our page for such a hash, `/` for one that nobody knows, and null for a hash that is no route.
 */
export function pathOfMlflowHash(hash: string): string | null {
  if (!hash.startsWith('#/')) return null;
  const [path = ''] = hash.slice(2).split('?');
  const [first, second, third, fourth] = path.split('/').filter((part) => part !== '');
  if (first === 'experiments') {
    if (second === undefined) return '/experiments';
    if (third === 'runs' && fourth !== undefined) return `/runs/${fourth}`;
    if (third === 'models' && fourth !== undefined) return `/logged-models/${fourth}`;
    return `/experiments/${second}`;
  }
  if (first === 'models') {
    if (second === undefined) return '/models';
    if (third === 'versions' && fourth !== undefined) return `/models/${second}/${fourth}`;
    return `/models/${second}`;
  }
  return '/';
}
