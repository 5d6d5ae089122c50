/** What a promise gives, or an error where that takes longer than `ms`; then it goes on unheard. */
export function inTime<T>(answer: Promise<T>, ms: number): Promise<T> {
  const { promise, resolve, reject } = Promise.withResolvers<T>();
  const timer = setTimeout(() => reject(new Error('no answer in time')), ms);
  answer.then(resolve, reject).finally(() => clearTimeout(timer));
  return promise;
}
