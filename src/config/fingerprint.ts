/**
 * Eight hex digits that let two replicas compare a secret without showing it: HMAC-SHA256 over the
 * value's JSON, keyed from SECRET_KEY. Nothing where there is no key.
 */
export function fingerprint(secretKey: unknown, value: unknown): string | undefined {
  if (typeof secretKey !== 'string' || secretKey === '' || value === undefined) return undefined;
  // Loaded on first use: most commands need no fingerprint.
  const { createHmac } = process.getBuiltinModule('node:crypto');
  const key = createHmac('sha256', secretKey).update('strata fingerprint').digest();
  return createHmac('sha256', key).update(JSON.stringify(value)).digest('hex').slice(0, 8);
}
