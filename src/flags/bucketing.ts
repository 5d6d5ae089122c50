import { hash } from 'node:crypto';

/**
 * The bucket, 0 to `buckets - 1`, that a subject always falls into: the first 8 hex digits of
 * sha256(`${salt}:${userId}`) as a number, modulo `buckets`.
 */
export function bucket(userId: string, salt = 'exp1', buckets = 100): number {
  return Number.parseInt(hash('sha256', `${salt}:${userId}`).slice(0, 8), 16) % buckets;
}

/** Whether a subject is among the `ratio` percent that get the treatment. */
export function isTreatment(userId: string, ratio = 10): boolean {
  return bucket(userId) < ratio;
}
