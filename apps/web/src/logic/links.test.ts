import { describe, expect, it } from 'vitest';

import { compareHref, datasetVersionHref, hrefOfNode, hrefOfRef, modelVersionHref, nameOfNode, pathOfMlflowHash } from './links.ts';

describe('the page of a reference', () => {
  it.each([
    ['run:7f3a', '/runs/7f3a'],
    ['experiment:12', '/experiments/12'],
    ['model:penguins', '/models/penguins'],
    ['model:penguins/3', '/models/penguins/3'],
    ['data:penguins', '/datasets/penguins'],
    ['data:a%40b@2', '/datasets/a%40b/2'],
    ['deployment:production/api', '/deployments/production/api'],
    ['default/model:penguins/3', '/models/penguins/3'],
  ])('opens %s at %s', (ref, href) => {
    expect(hrefOfRef(ref)).toBe(href);
  });

  it.each(['penguins', 'model:penguins@champion', 'data:penguins@sha256:00', 'deployment:production', 'experiment:twelve', ''])(
    'has no page of its own for %j',
    (text) => {
      expect(hrefOfRef(text)).toBeNull();
    },
  );

  it('opens a deployment by its id, since its reference names what is live now', () => {
    expect(hrefOfNode({ id: 'deployment_1', kind: 'DEPLOYMENT', ref: 'deployment:production/api' })).toBe('/deployments/deployment_1');
  });
});

describe('the links that MLflow’s clients print', () => {
  it.each([
    ['#/experiments/12/runs/7f3a', '/runs/7f3a'],
    ['#/experiments/12/runs/7f3a/artifacts/model', '/runs/7f3a'],
    ['#/experiments/12', '/experiments/12'],
    ['#/experiments/12?compareRuns=1', '/experiments/12'],
    ['#/experiments/12/models/m-00ff', '/logged-models/m-00ff'],
    ['#/models/penguins/versions/4', '/models/penguins/4'],
    ['#/models/my%20model', '/models/my%20model'],
    ['#/models', '/models'],
    ['#/somewhere/else', '/'],
  ])('takes %s to %s', (hash, path) => {
    expect(pathOfMlflowHash(hash)).toBe(path);
  });

  it('leaves other hashes alone', () => {
    expect(pathOfMlflowHash('#files')).toBeNull();
  });
});

it('encodes names that hold reserved characters', () => {
  expect([modelVersionHref('a b?', 2), datasetVersionHref('x/y', 1), compareHref(['a,b', 'c'])]).toEqual([
    '/models/a%20b%3F/2',
    '/datasets/x%2Fy/1',
    '/compare?runs=a%2Cb,c',
  ]);
});

it('calls model versions and deployments what every page calls them', () => {
  const node = (kind: string, ref: string) => nameOfNode({ kind, ref, label: 'as it is' });
  expect([node('MODEL_VERSION', 'model:my%20model/2'), node('DEPLOYMENT', 'deployment:production/api'), node('RUN', 'run:7f3a')]).toEqual([
    'my model / 2',
    'production / api',
    'as it is',
  ]);
});
