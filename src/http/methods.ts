import type { RequestHandler } from 'express';
import { HttpProblem } from './problem.ts';

/** Answer 405 for every method that the routes before it did not take. */
export function onlyMethods(...methods: readonly string[]): RequestHandler {
  const allow = methods.join(', ');
  return (_req, res, next) => {
    res.setHeader('Allow', allow);
    next(new HttpProblem(405));
  };
}
