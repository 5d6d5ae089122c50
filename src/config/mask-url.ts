import { isSecretName, MASK } from './secret.ts';

// Read by hand: `new URL()` throws on many a connection string, with the whole text in its error.
const SCHEME = /(?<![a-z0-9+.-])[0-9+.-]*([a-z][a-z0-9+.-]*:\/\/)/gi;
const HOST = String.raw`(?:[\w.-]+|\[[0-9a-f:.%]+\])(?::\d{1,5})?`;
const PLACE = new RegExp(
  String.raw`^(?:${HOST}(?:,${HOST})*)?(?:\/[^\s?#@]*)?(?:\?[^\s#@]*)?(?:#\S*)?$`,
  'i',
);
const HARMLESS_OPTIONS = new Set(
  'sslmode application_name connect_timeout pool_timeout schema search_path db family'.split(' '),
);

/** Mask users, passwords, secret parameters and fragments of all URLs in a text. */
export function maskUrls(text: string): string {
  const starts = [...text.matchAll(SCHEME)]
    .map(({ index, 0: found, 1: { length } = '' }) => ({
      scheme: index + found.length - length,
      rest: index + found.length,
    }))
    .filter(({ scheme }, index) => index === 0 || /[\s"'<>(,;|]/.test(text.charAt(scheme - 1)));
  const first = starts[0] ?? { scheme: text.length, rest: text.length };
  const before = maskBare(text.slice(0, first.scheme)) + text.slice(first.scheme, first.rest);
  const masked = starts.map(({ rest }, index) => {
    const next = starts[index + 1];
    const scheme = next === undefined ? '' : text.slice(next.scheme, next.rest);
    return maskPlace(text.slice(rest, next?.scheme)) + scheme;
  });
  return before + masked.join('');
}

// `user:password@host` without a scheme: all from the user to the last @ of the word goes.
function maskBare(text: string): string {
  return text.replace(/[^\s"']+/g, (word) => {
    const end = word.lastIndexOf('@');
    const start = word.slice(0, Math.max(0, end)).search(/(?<![^:@=;])[^:@=;]+:(?!\/\/)/);
    return start === -1 ? word : `${word.slice(0, start)}${MASK}${word.slice(end)}`;
  });
}

// From the scheme to the next URL. A password may hold anything, so all before the last @ goes.
function maskPlace(chunk: string): string {
  const { user, place } = splitUser(chunk);
  const [found = ''] = /^[^\s"'<>;)}|]*/.exec(place) ?? [];
  const word = found.replace(/(?<![.,:!])[.,:!]+$/, '');
  if (user === undefined || !PLACE.test(word)) return MASK;
  return user + maskOptions(word, isSecretName) + place.slice(word.length);
}

/**
 * Mask the URL of a service: user and password go, host and database stay. What cannot be read
 * safely is masked whole.
 */
export function maskDsn(text: string): string {
  if (/^sqlite:[\w./:~ -]+$/i.test(text)) return text;
  const [, scheme, rest = ''] = /^([a-z][a-z0-9+.-]*:\/\/)(.*)$/i.exec(text) ?? [];
  const { user, place } = splitUser(rest);
  if (scheme === undefined || user === undefined || !PLACE.test(place)) return MASK;
  // Options of another kind of driver stand there, and no database has such a name.
  if (/^[^?#]*[;=]/.test(place)) return MASK;
  return scheme + user + maskOptions(place, (name) => !HARMLESS_OPTIONS.has(name));
}

// An @ behind a ? may stand in a password or in an option's value: nobody can tell.
function splitUser(text: string): { user?: string; place: string } {
  const at = text.lastIndexOf('@');
  const place = text.slice(at + 1);
  if (at === -1) return { user: '', place };
  return /[?#]/.test(text.slice(0, at)) ? { place } : { user: `${MASK}@`, place };
}

function maskOptions(place: string, isSecret: (name: string) => boolean): string {
  const [, address = '', query, fragment] = /^([^?#]*)(?:\?([^#]*))?(#.*)?$/.exec(place) ?? [];
  const options = query?.split('&').map((option) => {
    const [name = '', value] = option.split(/=(.*)/s);
    if (!isSecret(name)) return option;
    const known = value !== undefined && /^[\w.-]{1,40}$/.test(name);
    return known ? `${name}=${MASK}` : MASK;
  });
  const shown = options === undefined ? '' : `?${options.join('&')}`;
  return address + shown + (fragment === undefined ? '' : `#${MASK}`);
}
