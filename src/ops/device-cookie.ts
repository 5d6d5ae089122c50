import { createHmac, randomUUID } from 'node:crypto';
import type { Request, Response } from 'express';
import type { AppConfig } from '../config/app-config.ts';
import { isSame } from '../config/secret.ts';
import { signingKeys } from '../http/session.ts';

const COOKIE = /(?:^|;\s*)device=([\w-]{36})\.([\w-]{43})(?:;|$)/;
const ONE_YEAR_MS = 365 * 24 * 60 * 60 * 1000;

/**
 * Mark a browser that has logged in, so that guesses from elsewhere never lock its user out.
 * https://owasp.org/www-community/Slow_Down_Online_Guessing_Attacks_with_Device_Cookies
 */
export function markDevice(config: AppConfig, res: Response, username: string): void {
  const id = randomUUID();
  const [key = ''] = signingKeys(config);
  res.cookie('device', `${id}.${sign(key, username, id)}`, {
    httpOnly: true,
    sameSite: 'strict',
    secure: config.get('SESSION_COOKIE_SECURE'),
    path: '/ops/login',
    maxAge: ONE_YEAR_MS,
  });
}

/** The id of a browser on which this user has logged in before, or nothing. */
export function knownDevice(config: AppConfig, req: Request, username: string): string | undefined {
  const [, id = '', signature = ''] = COOKIE.exec(req.headers.cookie ?? '') ?? [];
  const isKnown = signingKeys(config).some((key) => isSame(sign(key, username, id), signature));
  return isKnown ? id : undefined;
}

function sign(key: string, username: string, id: string): string {
  return createHmac('sha256', key).update(`device:${id}:${username}`).digest('base64url');
}
