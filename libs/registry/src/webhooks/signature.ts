import { createHmac } from 'node:crypto';

/**
 * The headers of one attempt, as MLflow's receivers check them: the delivery's id, which stays the same in every attempt, the time of
 * this one in Unix seconds, and with a secret `v1,` and the base64 HMAC-SHA256 of `<id>.<time>.<body>`.
 */
export function headersOf(delivery: { id: string; body: string }, secret: string | null, at: Date): Record<string, string> {
  const timestamp = String(Math.floor(at.getTime() / 1000));
  const signature =
    secret === null ? null : createHmac('sha256', secret).update(`${delivery.id}.${timestamp}.${delivery.body}`).digest('base64');
  return {
    'Content-Type': 'application/json',
    'User-Agent': 'Throughline',
    'X-MLflow-Delivery-Id': delivery.id,
    'X-MLflow-Timestamp': timestamp,
    ...(signature === null ? {} : { 'X-MLflow-Signature': `v1,${signature}` }),
  };
}
