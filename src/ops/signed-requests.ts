import { promisify } from 'node:util';
import express, { type RequestHandler } from 'express';
import { z } from 'zod';
import { parseJson } from '../config/plain.ts';
import { isNewId } from '../database/seen-ids.ts';
import { needsNoToken } from '../http/csrf.ts';
import { HttpProblem } from '../http/errors.ts';
import { audienceOf, findSigner, OPEN, TOLERANCE_SECONDS } from '../http/signature.ts';
import type { Door } from './routes.ts';

const claims = z.looseObject({ action: z.string(), audience: z.string() });
const readBody = promisify(express.raw({ type: () => true, limit: '64kb', inflate: false }));

/**
 * Let a signature stand for a session: the request is its key's, and JSON. Of several copies one
 * acts, since its id is remembered before, for as long as the timestamp could be accepted again.
 */
export function signedRequests({ config, database, operators, audit }: Door): RequestHandler {
  return async (req, res, next) => {
    const signatures = req.get('webhook-signature');
    if (signatures === undefined) return next();
    // The trail is told why, and of which key where that is known; the sender is not.
    const refuse = async (fault: string, key?: string) => {
      await audit.refusal(req, fault, { actor: key && `machine:${key}` });
      throw new HttpProblem(401);
    };
    const asked = `${req.method} ${req.originalUrl}`;
    if (!OPEN.test(asked)) return refuse('not open to signatures');
    const unread = await readBody(req, res).catch((error: unknown) => error);
    if (unread !== undefined) return refuse('a body that cannot be read');
    // A GET has no body: what would be in it stands in a header.
    const isGet = req.method === 'GET';
    const header = (name: string) => req.get(`webhook-${name}`) ?? '';
    const body = isGet ? header('body') : String(req.body ?? '');
    const message = { id: header('id'), timestamp: header('timestamp'), body };
    const signer = findSigner(message, signatures, config.get('OPS_SIGNING_KEYS').reveal());
    if (typeof signer === 'string') return refuse(signer);
    const { id, role } = signer;
    const { success, data } = claims.safeParse(parseJson(body));
    if (!success) return refuse('a body without action and audience', id);
    const { action, audience, ...payload } = data;
    if (audience !== audienceOf(config)) return refuse('for another audience', id);
    if (action !== (isGet ? '' : asked)) return refuse('for another action', id);
    const isNew = await isNewId(database, `${id} ${message.id}`, TOLERANCE_SECONDS * 1000);
    if (!isNew) return refuse('seen before', id);
    operators.recognize(req, { username: `machine:${id}`, role });
    needsNoToken(req);
    // What was signed is JSON, whatever the headers say, which nobody signed.
    req.headers.accept = 'application/json';
    req.headers['content-type'] = 'application/json';
    req.body = payload;
    next();
  };
}
