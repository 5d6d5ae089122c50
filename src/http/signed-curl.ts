import { randomUUID } from 'node:crypto';
import type { AppConfig } from '../config/app-config.ts';
import { isPlainObject, parseJson } from '../config/plain.ts';
import { ConfigError } from '../config/problem.ts';
import { audienceOf, OPEN, sign } from './signature.ts';

/**
 * A curl command that sends a signed request, ready to run for five minutes. `data` is JSON that
 * the body has beside `action` and `audience`, `key` the id of the key, instead of the first one,
 * `url` where the app answers, instead of where it would listen.
 * @throws {ConfigError} when there is no such key, the data is no JSON object, or the URL none
 */
export function signedCurl(
  config: AppConfig,
  method: string,
  path: string,
  { data = '{}', key, url = addressOf(config) }: Partial<Record<'data' | 'key' | 'url', string>>,
): string {
  const keys = config.get('OPS_SIGNING_KEYS').reveal();
  const signer = keys.find(({ id }) => id === (key ?? id));
  if (signer === undefined) throw refused('has no such key', 'list it with id, key and role');
  const members = parseJson(data);
  if (!isPlainObject(members)) {
    throw refused('signs JSON objects only', 'give --data an object like {"dryRun":true}');
  }
  const target = URL.parse(path, url);
  if (target === null) throw refused('is no address', 'give one like https://example.com', '--url');
  const verb = method.toUpperCase();
  const isGet = verb === 'GET';
  const { href, pathname, search } = target;
  const asked = `${verb} ${pathname}${search}`;
  if (!OPEN.test(asked)) {
    throw refused('opens no such route', 'docs/signed-requests.md lists those that it does');
  }
  const claims = { action: isGet ? '' : asked, audience: audienceOf(config) };
  const body = inAscii(JSON.stringify({ ...members, ...claims }));
  const message = { id: randomUUID(), timestamp: String(Math.floor(Date.now() / 1000)), body };
  const headers = [
    `webhook-id: ${message.id}`,
    `webhook-timestamp: ${message.timestamp}`,
    `webhook-signature: ${sign(message, signer.key)}`,
    isGet ? `webhook-body: ${body}` : 'content-type: application/json',
  ];
  return [
    `curl --request ${verb} ${quote(href)}`,
    ...headers.map((header) => `--header ${quote(header)}`),
    ...(isGet ? [] : [`--data-raw ${quote(body)}`]),
  ].join(' \\\n  ');
}

function refused(reason: string, remedy: string, key = 'OPS_SIGNING_KEYS'): ConfigError {
  return new ConfigError('This cannot be signed:', [{ key, reason, remedy }]);
}

function addressOf(config: AppConfig): string {
  const { SERVER_NAME, PREFERRED_URL_SCHEME, PORT } = config.snapshot;
  return SERVER_NAME ? `${PREFERRED_URL_SCHEME}://${SERVER_NAME}` : `http://127.0.0.1:${PORT}`;
}

// A header holds no other characters, and JSON can do without them.
function inAscii(json: string): string {
  const code = (text: string) => `\\u${text.charCodeAt(0).toString(16).padStart(4, '0')}`;
  return json.replace(/[\u007f-\uffff]/g, code);
}

function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
