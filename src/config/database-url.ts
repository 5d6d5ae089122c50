import { isSecretName } from './secret.ts';

export type DatabaseUrl =
  | { readonly kind: 'postgres' }
  | { readonly kind: 'sqlite'; readonly file: string }
  | { readonly kind: 'fault'; readonly reason: string };

const FORMS = 'expects postgres://user:password@host:port/name or sqlite:file';

/**
 * Read the form of a database URL. `file` is `:memory:`, an absolute path, or a path below the
 * instance folder. A fault's reason never repeats the text.
 */
export function parseDatabaseUrl(text: string): DatabaseUrl {
  const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(text)?.[1]?.toLowerCase();
  if (scheme === 'sqlite') return parseSqlite(text.slice('sqlite:'.length));
  if (scheme === 'postgres' || scheme === 'postgresql') {
    return /^\w+:\/\//.test(text) && URL.canParse(text)
      ? { kind: 'postgres' }
      : fault(`is no readable URL (percent-encode special characters of the password); ${FORMS}`);
  }
  if (scheme?.startsWith('postgres')) {
    return fault('names a driver in its scheme, as SQLAlchemy does: write postgresql:// alone');
  }
  return fault(`is of a kind that is not supported; ${FORMS}`);
}

/** A valid URL without its password, the one part that a running app can take anew. */
export function withoutPassword(text: string): string {
  if (parseDatabaseUrl(text).kind !== 'postgres') return text;
  const url = new URL(text);
  url.password = '';
  url.searchParams.delete('password');
  return url.href;
}

/** The passwords and other secrets that stand in a URL, as they are written and decoded. */
export function passwordsIn(url: string): string[] {
  const password = /^[a-z+]+:\/\/[^:]*:(.*)@/i.exec(url)?.[1] ?? '';
  const options = [...url.matchAll(/[?&;]([\w.-]+)=([^&;#]*)/g)];
  const secrets = options.map(([, name = '', value = '']) => (isSecretName(name) ? value : ''));
  return [password, ...secrets].filter(Boolean).flatMap((text) => [text, decode(text)]);
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function parseSqlite(rest: string): DatabaseUrl {
  const file = /^\/\/(?!\/)/.test(rest) ? '' : rest.replace(/^\/\/\//, '');
  if (file === '')
    return fault('names no file: write sqlite:file, sqlite:////abs/file or sqlite::memory:');
  if (/[?#]/.test(file)) return fault('takes no options after the file name');
  return { kind: 'sqlite', file };
}

function fault(reason: string): DatabaseUrl {
  return { kind: 'fault', reason };
}
