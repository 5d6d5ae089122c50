/** A store that the work at hand needs does not answer: nothing was done, and a later try may work. */
export class StoreAwayError extends Error {
  readonly code = 'STORE_AWAY';
}
