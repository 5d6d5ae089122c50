import { createHmac, randomUUID } from 'node:crypto';
import type { Request, Response } from 'express';
import type { AppConfig } from '../config/app-config.ts';
import { isSame } from '../http/is-same.ts';

const COOKIE = 'device';
const ONE_YEAR_MS = 365 * 24 * 60 * 60 * 1000;

/**
 * Mark a browser that has logged in, so that guesses from elsewhere never lock its user out.
 * https://owasp.org/www-community/Slow_Down_Online_Guessing_Attacks_with_Device_Cookies
 */
export function markDevice(config: AppConfig, res: Response, username: string): void {
  const id = randomUUID();
  const signature = sign(config.get('SECRET_KEY').reveal(), username, id);
  res.cookie(COOKIE, `${id}.${signature}`, {
    httpOnly: true,
    sameSite: 'strict',
    secure: config.get('SESSION_COOKIE_SECURE'),
    path: '/ops/login',
    maxAge: ONE_YEAR_MS,
  });
}

/** The id of a browser on which this user has logged in before, or nothing. */
export function knownDevice(config: AppConfig, req: Request, username: string): string | undefined {
  const cookie = new RegExp(`(?:^|;\\s*)${COOKIE}=([\\w-]{36})\\.([\\w-]{43})(?:;|$)`);
  const [, id = '', signature = ''] = cookie.exec(req.headers.cookie ?? '') ?? [];
  const { SECRET_KEY, SECRET_KEY_FALLBACKS } = config.snapshot;
  const keys = [SECRET_KEY.reveal(), ...SECRET_KEY_FALLBACKS.reveal()];
  return keys.some((key) => isSame(sign(key, username, id), signature)) ? id : undefined;
}

function sign(key: string, username: string, id: string): string {
  return createHmac('sha256', key).update(`device:${id}:${username}`).digest('base64url');
}
