import { randomUUID } from 'node:crypto';
import type { RequestHandler, Response } from 'express';
import type { Logger } from 'pino';
import type { AppConfig } from '../config/app-config.ts';
import { printable } from '../config/mask.ts';
import { MaskedLine } from './log.ts';

const REQUEST_ID = /^[\w.-]{1,64}$/;

/** Give each request an id, which the answer repeats, and write one line when it has ended. */
export function accessLog(config: AppConfig, log: Logger): RequestHandler {
  const behindProxy = config.get('TRUST_PROXY_HOPS') > 0;
  return (req, res, next) => {
    const start = performance.now();
    const given = behindProxy ? req.get('X-Request-Id') : undefined;
    const requestId = given !== undefined && REQUEST_ID.test(given) ? given : randomUUID();
    res.locals['requestId'] = requestId;
    res.setHeader('X-Request-Id', requestId);
    res.once('close', () => {
      const level = res.statusCode >= 500 ? 'error' : 'info';
      if (!log.isLevelEnabled(level)) return;
      const line = new MaskedLine({
        requestId,
        method: req.method,
        url: maskedUrl(config, req.originalUrl),
        status: res.statusCode,
        ms: Math.round((performance.now() - start) * 10) / 10,
        address: printable(req.ip ?? ''),
        ...(res.writableFinished ? {} : { aborted: true }),
      });
      log[level](line, 'request');
    });
    next();
  };
}

// A path of plain words holds nothing to mask, and is what most requests ask for.
function maskedUrl(config: AppConfig, url: string): string {
  return /^[a-z0-9/._-]{0,40}$/.test(url) ? url : printable(config.redact(url));
}

/** The id of the request that this response answers. */
export function requestId(res: Response): string {
  return String(res.locals['requestId'] ?? '');
}
