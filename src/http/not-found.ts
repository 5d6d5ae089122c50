import type { RequestHandler } from 'express';
import { sendProblem } from './problem.ts';

/** Answer whatever no route answered. */
export const notFound: RequestHandler = (_req, res) => {
  sendProblem(res, 404);
};
