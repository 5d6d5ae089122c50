import { randomUUID } from 'node:crypto';
import { inspect } from 'node:util';
import type { RequestHandler, Response } from 'express';
import { type DestinationStream, destination, type Logger, pino } from 'pino';
import type { AppConfig } from '../config/app-config.ts';
import { printable } from '../config/mask.ts';
import { isPlainObject } from '../config/plain.ts';
import { isSecretName, MASK } from '../config/secret.ts';

// A write for every line takes a tenth of what a small request costs. The end of the process flushes;
// a kill loses at most the last tenth of a second.
const IN_BLOCKS = { minLength: 4096, periodicFlush: 100 };
const DEEPEST = 10;
const REQUEST_ID = /^[\w.-]{1,64}$/;

/** A line whose fields were masked when it was made, as those of every request are. */
class MaskedLine {}

/**
 * Make the log: JSON lines to `stream`, else to stdout, readable ones on a terminal. Everything goes
 * through the configuration's masker, but what a child's own serializers make. https://getpino.io
 */
export async function createLog(config: AppConfig, stream?: DestinationStream): Promise<Logger> {
  const log = pino(
    {
      level: config.get('LOG_LEVEL'),
      base: { app: config.get('APP_NAME') },
      timestamp,
      serializers: { err: (error) => error },
      formatters: { level: (label) => ({ level: label }) },
      hooks: {
        logMethod(args: unknown[], method) {
          const isMasked = args[0] instanceof MaskedLine;
          const masked = isMasked ? args : args.map((one) => redact(config, asFields(one)));
          method.apply(this, masked as Parameters<typeof method>);
        },
      },
    },
    stream ?? (await terminal()),
  );
  config.onChange(['LOG_LEVEL', 'DEBUG'], () => {
    log.level = config.get('LOG_LEVEL');
  });
  // What a child adds to its lines passes none of pino's hooks.
  for (const name of ['child', 'setBindings'] as const) {
    const method = log[name];
    Object.assign(log, {
      [name](this: Logger, ...args: unknown[]) {
        const masked = args.map((one) => redact(config, one));
        return Reflect.apply(method, this, masked);
      },
    });
  }
  return log;
}

let stamp = { at: 0, text: '' };

// ISO 8601 for people; on a busy server many lines share a millisecond.
function timestamp(): string {
  const at = Date.now();
  if (stamp.at !== at) stamp = { at, text: `,"time":"${new Date(at).toISOString()}"` };
  return stamp.text;
}

async function terminal() {
  if (!process.stdout.isTTY) return destination({ fd: 1, sync: false, ...IN_BLOCKS });
  const { default: pretty } = await import('pino-pretty');
  return pretty({ ignore: 'app', translateTime: 'SYS:HH:MM:ss', singleLine: true });
}

function asFields(value: unknown): unknown {
  return value instanceof Error ? { err: value } : value;
}

function redact(config: AppConfig, value: unknown, depth = 0): unknown {
  if (typeof value === 'string') return redactText(config, value);
  if (typeof value !== 'object' || value === null) return value;
  // It may lead back to itself.
  if (depth > DEEPEST) return MASK;
  const inner = (member: unknown) => redact(config, member, depth + 1);
  if (Array.isArray(value)) return value.map(inner);
  if (value instanceof Error) return inner(describeError(value, config.get('DEBUG')));
  if (!isPlainObject(value)) return inner(inspect(value));
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => {
      const isValue = (member ?? '') !== '' && typeof member !== 'function';
      return [redactText(config, name), isValue && isSecretField(name) ? MASK : inner(member)];
    }),
  );
}

// What a line is about: keys of the configuration, an error's code, the hash of an audit entry.
const SHOWN = 'key keys publicKey code statusCode errorCode exitCode hash'.split(' ');
const secretFields = new Map(SHOWN.map((name) => [name, false]));
const MOST_NAMES = 1_000;

// To tell takes longer than the rest of the line, and the same few names come again and again.
function isSecretField(name: string): boolean {
  const isSecret = secretFields.get(name) ?? isSecretName(name);
  if (secretFields.size < MOST_NAMES) secretFields.set(name, isSecret);
  return isSecret;
}

function redactText(config: AppConfig, text: string): string {
  return printable(config.redact(text));
}

// Its own properties may be a whole request or a raw body, so only what is named here is written.
function describeError(error: Error, withStack: boolean) {
  const { name: type, message, stack = '', cause } = error;
  return {
    type,
    message,
    ...('code' in error && { code: String(error.code) }),
    ...(withStack && { stack: stack.split('\n') }),
    ...(cause instanceof Error && { cause }),
  };
}

/** Give each request an id, which the answer repeats, and write one line when it has ended. */
export function accessLog(config: AppConfig, log: Logger): RequestHandler {
  const isBehindProxy = config.get('TRUST_PROXY_HOPS') > 0;
  return (req, res, next) => {
    const start = performance.now();
    const given = isBehindProxy ? req.get('X-Request-Id') : undefined;
    const requestId = given !== undefined && REQUEST_ID.test(given) ? given : randomUUID();
    // A connection that is closed has none any more.
    const address = printable(req.ip ?? '');
    res.locals['requestId'] = requestId;
    res.setHeader('X-Request-Id', requestId);
    res.on('close', () => {
      const level = levelOf(req.originalUrl, res.statusCode);
      if (!log.isLevelEnabled(level)) return;
      const line = Object.assign(new MaskedLine(), {
        requestId,
        method: req.method,
        url: redactText(config, req.originalUrl),
        status: res.statusCode,
        ms: Math.round((performance.now() - start) * 10) / 10,
        address,
        ...(!res.writableFinished && { aborted: true }),
      });
      log[level](line, 'request');
    });
    next();
  };
}

// Load balancers ask every few seconds, and that the app wants no requests is no fault.
function levelOf(url: string, status: number): 'debug' | 'info' | 'error' {
  if (['/livez', '/readyz'].includes(url)) return status < 500 ? 'debug' : 'info';
  return status < 500 ? 'info' : 'error';
}

/** The id of the request that this response answers. */
export function requestId(res: Response): string {
  return String(res.locals['requestId'] ?? '');
}
