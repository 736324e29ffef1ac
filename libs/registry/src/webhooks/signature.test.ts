import { describe, expect, it } from 'vitest';

import { bodyOf } from './body.ts';
import { EXAMPLES, WEBHOOK_EVENTS } from './events.ts';
import { headersOf } from './signature.ts';

describe('the headers of an attempt', () => {
  const delivery = { id: 'a5b8f2e0-0000-4000-8000-000000000001', body: '{"entity": "registered_model"}' };

  it("hold the id, the time and the signature that MLflow's receivers compute", () => {
    // By Python: base64(hmac(b"secret", f"{id}.1764000000.{body}".encode(), "sha256")).
    const expected = 'v1,N1eqJozAtIcz6L08KnjKX2srxypwXixAdksshkr/gb0=';
    expect(headersOf(delivery, 'secret', new Date(1_764_000_000_999))).toMatchObject({
      'X-MLflow-Delivery-Id': delivery.id,
      'X-MLflow-Timestamp': '1764000000',
      'X-MLflow-Signature': expected,
    });
  });

  it('hold no signature without a secret', () => {
    expect(headersOf(delivery, null, new Date())).not.toHaveProperty('X-MLflow-Signature');
  });
});

describe('the body of a delivery', () => {
  const at = new Date('2026-11-23T12:00:00.123Z');

  it.each(WEBHOOK_EVENTS)('of %s names the entity, the action, the time and the data', (event) => {
    const [entity, action] = event.split('.');
    const body: unknown = JSON.parse(bodyOf({ event, data: EXAMPLES[event] }, at));
    expect(body).toEqual({ entity, action, timestamp: '2026-11-23T12:00:00.123+00:00', data: EXAMPLES[event] });
  });

  it('names what it is about where the rest is too long', () => {
    const data = { name: 'long', version: '3', template: 'x'.repeat(1_000_001), tags: {} };
    const body: unknown = JSON.parse(bodyOf({ event: 'prompt_version.created', data }, at));
    expect(body).toMatchObject({ data: { name: 'long', version: '3', truncated: true } });
    expect(body).not.toHaveProperty('data.template');
  });
});
