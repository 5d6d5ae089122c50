import { inspect } from 'node:util';
import { destination, type Logger, pino } from 'pino';
import type { AppConfig } from '../config/app-config.ts';
import { printable } from '../config/mask.ts';
import { isPlainObject } from '../config/plain.ts';

/**
 * Make the log: JSON lines, or readable ones on a terminal. Everything that is written to it goes
 * through the configuration's masker. https://getpino.io
 */
export async function createLog(config: AppConfig): Promise<Logger> {
  const log = pino(
    {
      level: config.get('LOG_LEVEL'),
      base: { app: config.get('APP_NAME') },
      timestamp,
      serializers: { err: (error) => error },
      formatters: { level: (label) => ({ level: label }) },
      hooks: {
        logMethod(args, method) {
          if ((args[0] as unknown) instanceof MaskedLine) method.apply(this, args);
          else method.apply(this, args.map((argument) => redact(config, argument)) as typeof args);
        },
      },
    },
    await terminal(),
  );
  config.onChange(['LOG_LEVEL', 'DEBUG'], () => {
    log.level = config.get('LOG_LEVEL');
  });
  return log;
}

// A write for every line takes a tenth of what a small request costs. The end of the process flushes;
// a kill loses at most the last tenth of a second.
const IN_BLOCKS = { minLength: 4096, periodicFlush: 100 };

let stamp = { at: 0, text: '' };

// ISO 8601 for people; many lines share a millisecond.
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

/** A line whose fields were masked when it was made, as those of every request are. */
export class MaskedLine {
  constructor(fields: Record<string, unknown>) {
    Object.assign(this, fields);
  }
}

function redact(config: AppConfig, value: unknown): unknown {
  if (typeof value === 'string') return printable(config.redact(value));
  if (value instanceof Error) return { err: describeError(config, value) };
  if (Array.isArray(value)) return value.map((item) => redact(config, item));
  if (typeof value !== 'object' || value === null || value instanceof MaskedLine) return value;
  if (!isPlainObject(value)) return redact(config, inspect(value));
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [
      name,
      member instanceof Error ? describeError(config, member) : redact(config, member),
    ]),
  );
}

// Its own properties may be a whole request or a raw body, so only what is named here is written.
function describeError(config: AppConfig, error: Error, depth = 0): Record<string, unknown> {
  const mask = (text: string) => printable(config.redact(text));
  const { cause } = error;
  return {
    type: mask(error.name),
    message: mask(error.message),
    ...('code' in error ? { code: mask(String(error.code)) } : {}),
    ...(config.get('DEBUG') ? { stack: (error.stack ?? '').split('\n').map(mask) } : {}),
    ...(cause instanceof Error && depth < 3
      ? { cause: describeError(config, cause, depth + 1) }
      : {}),
  };
}
