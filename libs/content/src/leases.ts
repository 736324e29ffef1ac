// Leases hold what takes long: a row that a living server renews and a killed one loses. See docs/decisions/content.md.

/** How a lease that was taken is held and given back. */
export interface Held {
  /** How long it lasts without being renewed. */
  leaseMs: number;
  renew: () => Promise<unknown>;
  release: () => Promise<unknown>;
}

/** Holds a lease for as long as work takes, and gives it back. Work that records what it did looks whether the lease is still its own. */
export async function underLease<T>({ leaseMs, renew, release }: Held, work: () => Promise<T>): Promise<T> {
  // A renewal that fails is made up for by the next one, or else noticed where the work is recorded.
  const heartbeat = setInterval(() => void renew().catch(() => undefined), leaseMs / 3);
  try {
    return await work();
  } finally {
    clearInterval(heartbeat);
    await release();
  }
}
