import express, { type RequestHandler } from 'express';
import type { z } from 'zod';
import type { AppConfig } from '../config/app-config.ts';
import { HttpProblem } from './problem.ts';
import { validated } from './validation.ts';

/** Refuse a body that is declared larger than MAX_CONTENT_LENGTH, before anything reads it. */
export function bodyLimit(config: AppConfig): RequestHandler {
  return (req, _res, next) => {
    const declared = Number(req.headers['content-length'] ?? 0);
    next(declared > config.get('MAX_CONTENT_LENGTH') ? new HttpProblem(413) : undefined);
  };
}

/**
 * Read a JSON body of at most MAX_CONTENT_LENGTH and check it: what follows finds `req.body` typed.
 * Forms and text are refused with 415, since pages of other sites may send those unasked.
 */
export function jsonBody<S extends z.ZodType>(
  config: AppConfig,
  schema: S,
): RequestHandler<Record<string, string>, unknown, z.output<S>> {
  let parse = jsonParser(config);
  config.onChange(['MAX_CONTENT_LENGTH'], () => {
    parse = jsonParser(config);
  });
  return (req, res, next) => {
    const kind = req.is('application/json');
    if (kind === null) return next(new HttpProblem(400, { detail: 'A JSON body is expected.' }));
    if (kind === false) return next(new HttpProblem(415, { detail: 'Send application/json.' }));
    parse(req, res, (error?: unknown) => {
      if (error !== undefined) return next(error);
      req.body = validated(schema, req.body);
      next();
    });
  };
}

function jsonParser(config: AppConfig) {
  return express.json({ limit: config.get('MAX_CONTENT_LENGTH') });
}
