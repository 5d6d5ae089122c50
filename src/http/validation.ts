import { promisify } from 'node:util';
import express, { type Request, type RequestHandler } from 'express';
import type { z } from 'zod';
import type { AppConfig } from '../config/app-config.ts';
import { HttpProblem, refuseUnless } from './errors.ts';

/** A handler that finds `req.body` as its schema gives it. */
export type Checked<S extends z.ZodType> = RequestHandler<Params, unknown, z.output<S>>;
type Params = Record<string, string>;

const JSON_TYPE = 'application/json';
const FORM_TYPE = 'application/x-www-form-urlencoded';

/** Refuse a body that is declared larger than MAX_CONTENT_LENGTH, before anything reads it. */
export function bodyLimit(config: AppConfig): RequestHandler {
  const declared = (req: Request) => Number(req.headers['content-length'] ?? 0);
  return refuseUnless((req) => declared(req) <= config.get('MAX_CONTENT_LENGTH'), 413);
}

/**
 * Read a JSON body of at most MAX_CONTENT_LENGTH and check it: what follows finds `req.body` typed.
 * Forms and text are refused with 415, since pages of other sites may send those unasked.
 */
export function jsonBody<S extends z.ZodType>(config: AppConfig, schema: S): Checked<S> {
  return checkedBody(config, { [JSON_TYPE]: schema });
}

/** As `jsonBody`, and takes a form too: for routes that check where a form comes from. */
export function formOrJson<J extends z.ZodType, F extends z.ZodType = J>(
  config: AppConfig,
  json: J,
  form: F | J = json,
): Checked<J | F> {
  return checkedBody(config, { [JSON_TYPE]: json, [FORM_TYPE]: form });
}

function checkedBody<S extends z.ZodType>(
  config: AppConfig,
  schemas: Readonly<Record<string, S>>,
): Checked<S> {
  const types = Object.keys(schemas);
  return async (req, res, next) => {
    const type = req.is(types);
    const schema = schemas[String(type)];
    if (schema === undefined) {
      const isEmpty = type === null || req.headers['content-length'] === '0';
      // Nothing means what the schema takes it for, if anything.
      const nothing = isEmpty ? schemas[JSON_TYPE]?.safeParse(undefined) : undefined;
      if (!nothing?.success) {
        throw new HttpProblem(isEmpty ? 400 : 415, { detail: `Send ${types.join(' or ')}.` });
      }
      req.body = nothing.data;
      return next();
    }
    const parser = type === JSON_TYPE ? express.json : express.urlencoded;
    const parse = parser({ limit: config.get('MAX_CONTENT_LENGTH'), extended: false });
    await promisify(parse)(req, res);
    req.body = validated(schema, req.body);
    next();
  };
}

/**
 * Check what a client sent, and return it typed.
 * @throws {HttpProblem} 422 with a JSON pointer and a sentence for each faulty field
 */
export function validated<S extends z.ZodType>(schema: S, input: unknown): z.output<S> {
  const result = schema.safeParse(input);
  if (result.success) return result.data;
  throw new HttpProblem(422, {
    errors: result.error.issues.flatMap((issue) => {
      if (issue.code !== 'unrecognized_keys') return at(issue.path, issue.message);
      return issue.keys.map((key) => at([...issue.path, key], 'Unknown member'));
    }),
  });
}

// https://www.rfc-editor.org/rfc/rfc6901#section-6
function at(path: readonly PropertyKey[], detail: string) {
  const parts = path.map((part) => String(part).replaceAll('~', '~0').replaceAll('/', '~1'));
  return { pointer: `#${parts.map((part) => `/${encodeURIComponent(part)}`).join('')}`, detail };
}

/**
 * The revision that `If-Match` asks for; nothing where any will do. @throws {HttpProblem} 412
 * https://www.rfc-editor.org/rfc/rfc9110#section-13.1.1
 */
export function expectedRevision(req: Request): number | undefined {
  const given = req.get('If-Match')?.trim() ?? '*';
  if (given === '*') return undefined;
  const [, revision] = /^"(\d{1,15})"$/.exec(given) ?? [];
  if (revision === undefined) throw new HttpProblem(412);
  return Number(revision);
}
