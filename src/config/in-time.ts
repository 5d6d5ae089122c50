/** There was no answer in time; one that comes later is not heard. */
export class LateError extends Error {}

/** Wait for an answer, but not for ever. @throws {LateError} after `ms` */
export function inTime<T>(answer: T | Promise<T>, ms: number): Promise<T> {
  const { promise, resolve, reject } = Promise.withResolvers<T>();
  const timer = setTimeout(() => reject(new LateError('it does not answer in time')), ms);
  Promise.resolve(answer)
    .then(resolve, reject)
    .finally(() => clearTimeout(timer));
  return promise;
}
