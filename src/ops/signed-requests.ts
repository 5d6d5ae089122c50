import express, { type Request, type RequestHandler } from 'express';
import sql from 'sql-template-tag';
import { z } from 'zod';
import type { AppConfig } from '../config/app-config.ts';
import type { Database } from '../database/database.ts';
import { needsNoToken } from '../http/csrf.ts';
import { HttpProblem } from '../http/problem.ts';
import type { Operators } from './operators.ts';
import { findSigner, TOLERANCE_SECONDS } from './signature.ts';

const LARGEST_BODY = '64kb';

// What machines may do; everything else is for people.
const OPEN = /^(?:GET \/config|POST \/reload|(?:POST|DELETE) \/flags\/[^/]+)\/?$/i;

const claims = z.looseObject({ action: z.string(), audience: z.string() });

interface Parts {
  readonly config: AppConfig;
  readonly database: Database;
  readonly operators: Operators;
  /** Told why a request is refused, and of which key where that is known: its sender is not. */
  onRefusal(req: Request, fault: string, key?: string): Promise<void>;
}

/**
 * Let a signature stand for a session: the request is its key's, and JSON. Of several copies one
 * acts, since its id is remembered before, for as long as the timestamp could be accepted again.
 */
export function signedRequests({ config, database, operators, onRefusal }: Parts): RequestHandler {
  const readBody = express.raw({ type: () => true, limit: LARGEST_BODY, inflate: false });
  const read = (req: Request, res: express.Response) =>
    new Promise<Uint8Array | undefined>((resolve) => {
      readBody(req, res, (error?: unknown) => resolve(error ? undefined : (req.body ?? EMPTY)));
    });
  return async (req, res, next) => {
    const signatures = req.get('webhook-signature');
    if (signatures === undefined) return next();
    const refuse = async (fault: string, key?: string) => {
      await onRefusal(req, fault, key);
      throw new HttpProblem(401);
    };
    if (!OPEN.test(`${req.method} ${req.path}`)) return refuse('not open to signatures');
    // A GET has no body: what would be in it stands in a header.
    const isGet = req.method === 'GET';
    const body = isGet ? (req.get('webhook-body') ?? '') : await read(req, res);
    if (body === undefined) return refuse('a body that cannot be read');
    const message = {
      id: req.get('webhook-id') ?? '',
      timestamp: req.get('webhook-timestamp') ?? '',
      body,
    };
    const signer = findSigner(message, signatures, config.get('OPS_SIGNING_KEYS').reveal());
    if ('fault' in signer) return refuse(signer.fault);
    const said = claims.safeParse(parse(body));
    if (!said.success) return refuse('a body without action and audience', signer.id);
    const { action, audience, ...payload } = said.data;
    if (audience !== audienceOf(config)) return refuse('for another audience', signer.id);
    if (action !== (isGet ? '' : `${req.method} ${req.originalUrl}`)) {
      return refuse('for another action', signer.id);
    }
    if (!(await remember(database, `${signer.id} ${message.id}`))) {
      return refuse('seen before', signer.id);
    }
    operators.recognize(req, { username: `machine:${signer.id}`, role: signer.role });
    needsNoToken(req);
    // What was signed is JSON, whatever the headers say, which nobody signed.
    req.headers.accept = 'application/json';
    req.headers['content-type'] = 'application/json';
    req.body = payload;
    next();
  };
}

/** Whom a signature is meant for: the environment and the name of the app. */
export function audienceOf(config: AppConfig): string {
  return `${config.get('ENV')}/${config.get('APP_NAME')}`;
}

const EMPTY = new Uint8Array();

function parse(body: string | Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(body).toString());
  } catch {
    return undefined;
  }
}

// The primary key decides between copies that arrive at once, whichever process they reach.
async function remember(database: Database, id: string): Promise<boolean> {
  const now = Date.now();
  try {
    // Later than any replica's clock or a slow check could still need it.
    const over = now - TOLERANCE_SECONDS * 1000;
    await database.query(sql`DELETE FROM signed_requests WHERE expires_at < ${over}`);
    const added = await database.query(
      sql`INSERT INTO signed_requests (id, expires_at)
        VALUES (${id}, ${now + 2 * TOLERANCE_SECONDS * 1000})
        ON CONFLICT (id) DO NOTHING RETURNING id`,
    );
    return added.length === 1;
  } catch {
    throw new HttpProblem(503);
  }
}
