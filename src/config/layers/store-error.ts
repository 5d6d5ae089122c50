import { codeOf } from '../problem.ts';

/** Why a store gave nothing, in our own words: what a server says may hold a secret. */
export class StoreError extends Error {
  /**
   * `down` may pass, so it is tried again; `refused` is an answer without values that can be read;
   * `setup` is a fault of our own settings, also where the store is not required.
   */
  readonly kind: 'down' | 'refused' | 'setup';
  readonly remedy: string;

  /** The message follows the store's name: `did not answer within 5000 ms`. */
  constructor(kind: StoreError['kind'], message: string, remedy: string) {
    super(message);
    this.kind = kind;
    this.remedy = remedy;
  }
}

/** Any failure as a StoreError; of a foreign one nothing but Node's own error code is kept. */
export function storeErrorOf(error: unknown, remedy: string): StoreError {
  if (error instanceof StoreError) return error;
  const code = codeOf(error);
  return code === undefined
    ? new StoreError('refused', 'answered something that is not its protocol', remedy)
    : new StoreError('down', `cannot be reached (${code})`, remedy);
}

/** Whether the fault that a status tells of may pass by itself: overload, standby, a restart. */
export function isPassing(status: number): boolean {
  return status === 408 || status === 412 || status === 429 || status >= 500;
}
