import { hash } from 'node:crypto';

/**
 * The bucket, 0 to `buckets - 1`, that a subject always falls into: the first 8 hex digits of
 * sha256(`${salt}:${userId}`) as a number, modulo `buckets`.
 */
export function bucket(userId: string, salt = 'exp1', buckets = 100): number {
  // A character for each byte: to read four of them costs less than eight hex digits.
  const bytes = hash('sha256', `${salt}:${userId}`, 'binary');
  const high = (bytes.charCodeAt(0) << 8) | bytes.charCodeAt(1);
  const low = (bytes.charCodeAt(2) << 8) | bytes.charCodeAt(3);
  return (high * 0x10000 + low) % buckets;
}

/** Whether a subject is among the `ratio` percent that get the treatment. */
export function isTreatment(userId: string, ratio = 10): boolean {
  return bucket(userId) < ratio;
}
