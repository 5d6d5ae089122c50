import { Socket } from 'node:net';
import type { RequestHandler } from 'express';
import helmet from 'helmet';
import type { AppConfig } from '../config/app-config.ts';
import { IncomingMessage, ServerResponse } from './node-http.ts';

const PERMISSIONS = ['camera', 'microphone', 'geolocation', 'payment', 'usb', 'browsing-topics'];

/**
 * Send helmet's headers, stricter where an app that is never framed can be. They are computed once
 * per configuration, and come first, so that a handler's own header wins.
 */
export function securityHeaders(config: AppConfig): RequestHandler {
  let headers = computeHeaders(config);
  config.onChange(['CSP', 'HSTS_MAX_AGE', 'PREFERRED_URL_SCHEME'], () => {
    headers = computeHeaders(config);
  });
  return (_req, res, next) => {
    res.setHeaders(headers);
    next();
  };
}

function computeHeaders({ snapshot }: AppConfig): Map<string, string> {
  const { CSP, HSTS_MAX_AGE: maxAge, PREFERRED_URL_SCHEME } = snapshot;
  const isHttps = PREFERRED_URL_SCHEME === 'https';
  const middleware = helmet({
    // The policy is sent as it is configured; helmet takes none as text.
    contentSecurityPolicy: false,
    // A maximum age of 0 takes back what browsers were told before.
    strictTransportSecurity: isHttps && { maxAge, includeSubDomains: true },
    xFrameOptions: { action: 'deny' },
    xXssProtection: false,
    // With `no-referrer` browsers hide the Origin of our own forms, which CSRF checks need.
    referrerPolicy: { policy: 'same-origin' },
  });
  const response = new ServerResponse(new IncomingMessage(new Socket()));
  middleware(response.req, response, () => undefined);
  response.setHeader('permissions-policy', PERMISSIONS.map((one) => `${one}=()`).join(', '));
  if (CSP !== '') response.setHeader('content-security-policy', CSP);
  return new Map(response.getHeaderNames().map((name) => [name, String(response.getHeader(name))]));
}
