import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { DomainError } from './errors.ts';
import { formatRef, isHandleName, parseRef } from './refs.ts';
import type { Ref } from './refs.ts';

const name = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 });
const number = fc.integer({ min: 1, max: 999_999_999 });
const handle = fc.stringMatching(/^[a-z][a-z_-]{0,9}$/).filter(isHandleName);
const ref: fc.Arbitrary<Ref> = fc.oneof(
  name.map((runId): Ref => ({ kind: 'run', runId })),
  fc.bigInt({ min: 0n, max: 2n ** 63n - 1n }).map((id): Ref => ({ kind: 'experiment', experimentId: String(id) })),
  name.map((modelId): Ref => ({ kind: 'loggedModel', modelId })),
  name.map((model): Ref => ({ kind: 'model', name: model })),
  fc.tuple(name, number).map(([model, version]): Ref => ({ kind: 'model', name: model, version })),
  fc.tuple(name, handle).map(([model, alias]): Ref => ({ kind: 'model', name: model, alias })),
  name.map((dataset): Ref => ({ kind: 'data', name: dataset })),
  fc.tuple(name, number).map(([dataset, at]): Ref => ({ kind: 'data', name: dataset, number: at })),
  fc.tuple(name, handle).map(([dataset, tag]): Ref => ({ kind: 'data', name: dataset, tag })),
  fc.tuple(name, fc.stringMatching(/^[0-9a-f]{64}$/)).map(([dataset, digest]): Ref => ({ kind: 'data', name: dataset, digest })),
  fc.tuple(name, name).map(([environment, target]): Ref => ({ kind: 'deployment', environment, target })),
);

describe('a readable reference', () => {
  it('comes back as it was written, whatever the names', () => {
    fc.assert(
      fc.property(ref, (written) => {
        expect(parseRef(formatRef(written))).toEqual({ workspace: null, ref: written });
      }),
    );
  });

  it('may name its workspace', () => {
    expect(parseRef('birds/data:penguins@2')).toEqual({ workspace: 'birds', ref: { kind: 'data', name: 'penguins', number: 2 } });
  });

  it.each([
    ['model:penguins@champion', { kind: 'model', name: 'penguins', alias: 'champion' }],
    ['model:penguins/3', { kind: 'model', name: 'penguins', version: 3 }],
    ['data:a@b@2', { kind: 'data', name: 'a@b', number: 2 }],
    ['deployment:production/api', { kind: 'deployment', environment: 'production', target: 'api' }],
    ['run:7f3a', { kind: 'run', runId: '7f3a' }],
  ])('is read from %s', (text, expected) => {
    expect(parseRef(text)?.ref).toEqual(expected);
  });

  it.each([
    'data:penguins@0',
    'data:penguins@',
    'data:penguins@sha256:12',
    'experiment:x',
    'deployment:production',
    'deployment:a/b/c',
    'run:%E0%A4%A',
  ])('is refused with words where it is malformed: %s', (text) => {
    expect(() => parseRef(text)).toThrow(DomainError);
  });

  it('is not seen in other texts', () => {
    expect(parseRef('penguins')).toBeNull();
    expect(parseRef('https://example.com/data:x')).toBeNull();
    expect(parseRef(`run:${'x'.repeat(5000)}`)).toBeNull();
  });

  it('is read from any text without a defect', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.string().map((rest) => `data:${rest}`),
          fc.string().map((rest) => `model:${rest}`),
        ),
        (text) => {
          try {
            parseRef(text);
          } catch (error) {
            expect(error).toBeInstanceOf(DomainError);
          }
        },
      ),
    );
  });
});

describe('an alias or tag', () => {
  it.each(['champion', 'a', 'prod-1', 'v1beta', 'x_y'])('may be %s', (text) => {
    expect(isHandleName(text)).toBe(true);
  });

  it.each(['', '1', '007', 'v1', 'V22', 'latest', 'Latest', 'sha256', 'sha256-x', 'a b', 'ä', 'a/b', 'x'.repeat(256)])(
    'may not be %j',
    (text) => {
      expect(isHandleName(text)).toBe(false);
    },
  );
});
