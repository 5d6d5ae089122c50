import { Socket } from 'node:net';
import type { RequestHandler } from 'express';
import helmet from 'helmet';
import type { AppConfig } from '../config/app-config.ts';
import type { KeyName } from '../config/schema.ts';
import { IncomingMessage, ServerResponse } from './node-http.ts';

const KEYS = ['CSP', 'HSTS_MAX_AGE', 'PREFERRED_URL_SCHEME'] as const satisfies KeyName[];
const PERMISSIONS = ['camera', 'microphone', 'geolocation', 'payment', 'usb', 'browsing-topics'];

/**
 * Send helmet's headers, stricter where an app that is never framed can be. They are computed once
 * per configuration, and come first, so that a handler's own header wins.
 */
export function securityHeaders(config: AppConfig): RequestHandler {
  let headers = computeHeaders(config);
  config.onChange(KEYS, () => {
    headers = computeHeaders(config);
  });
  return (_req, res, next) => {
    res.setHeaders(headers);
    next();
  };
}

function computeHeaders(config: AppConfig): Map<string, string> {
  const { CSP, HSTS_MAX_AGE, PREFERRED_URL_SCHEME } = config.snapshot;
  // A maximum age of 0 takes back what browsers were told before.
  const isHttps = PREFERRED_URL_SCHEME === 'https';
  const middleware = helmet({
    // The policy is sent as it is configured; helmet takes none as text.
    contentSecurityPolicy: false,
    strictTransportSecurity: isHttps ? { maxAge: HSTS_MAX_AGE, includeSubDomains: true } : false,
    xFrameOptions: { action: 'deny' },
    xXssProtection: false,
    // With `no-referrer` browsers hide the Origin of our own forms, which CSRF checks need.
    referrerPolicy: { policy: 'same-origin' },
  });
  const request = new IncomingMessage(new Socket());
  const response = new ServerResponse(request);
  middleware(request, response, () => undefined);
  const headers = new Map(
    Object.entries(response.getHeaders()).map(([name, value]) => [name, String(value)]),
  );
  headers.set('permissions-policy', PERMISSIONS.map((feature) => `${feature}=()`).join(', '));
  if (CSP !== '') headers.set('content-security-policy', CSP);
  return headers;
}
