import type { RequestHandler } from 'express';
import type { AppConfig } from '../config/app-config.ts';

// Our own files and forms, and nothing else.
const CONTENT_SECURITY_POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; " +
  "form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

// The list and its order: https://owasp.org/www-project-secure-headers/#div-bestpractices
const PERMISSIONS_POLICY =
  'accelerometer=(), autoplay=(), camera=(), cross-origin-isolated=(), display-capture=(), ' +
  'encrypted-media=(), fullscreen=(), geolocation=(), gyroscope=(), keyboard-map=(), ' +
  'magnetometer=(), microphone=(), midi=(), payment=(), picture-in-picture=(), ' +
  'publickey-credentials-get=(), screen-wake-lock=(), sync-xhr=(self), usb=(), web-share=(), ' +
  'xr-spatial-tracking=(), clipboard-read=(), clipboard-write=(), gamepad=(), hid=(), ' +
  'idle-detection=(), interest-cohort=(), serial=(), unload=()';

const HEADERS = new Map([
  ['Cache-Control', 'no-store, max-age=0'],
  ['Content-Security-Policy', CONTENT_SECURITY_POLICY],
  ['Cross-Origin-Embedder-Policy', 'require-corp'],
  ['Permissions-Policy', PERMISSIONS_POLICY],
]);
const ONE_YEAR_SECONDS = 365 * 24 * 60 * 60;

/** The headers of everything below `/ops`, stricter than those of the public pages. */
export function opsHeaders(config: AppConfig): RequestHandler {
  return (_req, res, next) => {
    const { PREFERRED_URL_SCHEME: scheme, HSTS_MAX_AGE: maxAge } = config.snapshot;
    res.setHeaders(HEADERS);
    // Over plain http browsers say where a form comes from in the Origin alone, which this hides.
    if (scheme === 'https') res.set('Referrer-Policy', 'no-referrer');
    // The list asks for two years of https, which is no more to who promises one already.
    if (scheme === 'https' && maxAge >= ONE_YEAR_SECONDS) {
      const longer = Math.max(maxAge, 2 * ONE_YEAR_SECONDS);
      res.set('Strict-Transport-Security', `max-age=${longer}; includeSubDomains`);
    }
    next();
  };
}
