/** What is known of a place that flags come from: when it last answered, and why it is doubted. */
export function createPulse(source: string, firstDoubt?: string) {
  let doubt = firstDoubt;
  let answeredAt = Date.now();
  return {
    /** It has just answered; or, for a reason that tells no secret, it has not. */
    confirm(reason?: string) {
      if (reason === undefined) answeredAt = Date.now();
      doubt = reason;
    },
    /** `stale`: it failed, and what it last said is used. Its age counts from its last answer. */
    status: () => ({
      source,
      status: doubt === undefined ? ('fresh' as const) : ('stale' as const),
      ageSeconds: Math.round((Date.now() - answeredAt) / 1000),
      reason: doubt,
    }),
  };
}
