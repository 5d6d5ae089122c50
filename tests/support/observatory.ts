/** What a scanner sees of an answer. */
export interface Scanned {
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
}

type Test = (header: (name: string) => string, scanned: Scanned) => number;

const SIX_MONTHS = 15_552_000;
const BROAD = /(?:^|\s)(?:ftp:|https?:(?:\/\/\*(?:\.\*)?)?|\*(?:\.\*)?)(?=\s|$)/;
const INLINE = /'unsafe-inline'|(?:^|\s)data:/;

/**
 * The tests of the MDN HTTP Observatory (algorithm 4) that one https answer is enough for, and what
 * each adds to the 100 that everybody begins with. Redirects are the proxy's, and being in the
 * browsers' list of https sites (5 more) is the domain's. Where it is lenient, with an insecure cookie
 * under HSTS or `unsafe-inline` beside a hash, this is not.
 * https://github.com/mdn/mdn-http-observatory/blob/main/src/grader/charts.js
 */
const TESTS: Readonly<Record<string, Test>> = {
  'content-security-policy': (header) => {
    const policy = parsePolicy(header('content-security-policy'));
    if (policy.size === 0) return -25;
    const sources = (name: string) => policy.get(name) ?? policy.get('default-src') ?? '*';
    const [script, style, object] = ['script-src', 'style-src', 'object-src'].map(sources);
    if (BROAD.test(`${script} ${object}`) || INLINE.test(String(script))) return -20;
    const passive = ['img-src', 'media-src'].map(sources).join(' ');
    const all = [...policy].filter(([name]) => name !== 'img-src' && name !== 'media-src');
    if (/(?:^|\s)(?:http|ftp):/.test(all.map(([, value]) => value).join(' '))) return -20;
    if (/'unsafe-eval'/.test(`${script} ${style}`) || /(?:^|\s)(?:http|ftp):/.test(passive)) {
      return -10;
    }
    if (BROAD.test(String(style)) || INLINE.test(String(style))) return 0;
    return policy.get('default-src') === "'none'" ? 10 : 5;
  },
  cookies: (_header, { headers }) => {
    const cookies = [headers['set-cookie'] ?? []].flat();
    const lacking = (attribute: RegExp) => cookies.some((cookie) => !attribute.test(cookie));
    if (cookies.length === 0) return 0;
    const sessions = cookies.filter((cookie) => /^[^=]*(?:login|sess)/i.test(cookie));
    if (sessions.some((cookie) => !/;\s*secure/i.test(cookie))) return -40;
    if (sessions.some((cookie) => !/;\s*httponly/i.test(cookie))) return -30;
    if (lacking(/;\s*secure/i) || cookies.some((cookie) => /;\s*samesite=none/i.test(cookie))) {
      return -20;
    }
    return lacking(/;\s*samesite=(?:lax|strict)/i) ? 0 : 5;
  },
  'cross-origin-resource-sharing': (header) =>
    header('access-control-allow-credentials') === 'true' ? -50 : 0,
  'referrer-policy': (header) => {
    const policy = header('referrer-policy');
    if (policy === '') return 0;
    return /^(?:no-referrer|same-origin|strict-origin(?:-when-cross-origin)?)$/.test(policy)
      ? 5
      : -5;
  },
  'strict-transport-security': (header) => {
    const [, seconds] = /^max-age=(\d+)/.exec(header('strict-transport-security')) ?? [];
    if (seconds === undefined) return -20;
    return Number(seconds) >= SIX_MONTHS ? 0 : -10;
  },
  'subresource-integrity': (header, { text }) => {
    const scripts = header('content-type').startsWith('text/html') ? scriptsIn(text) : [];
    if (scripts.length === 0) return 0;
    const own = scripts.filter((script) => !/src="(?:https?:)?\/\//.test(script));
    if (own.length < scripts.length) return -50;
    return scripts.every((script) => /\sintegrity="sha(?:256|384|512)-/.test(script)) ? 5 : 0;
  },
  'x-content-type-options': (header) => (header('x-content-type-options') === 'nosniff' ? 0 : -5),
  'x-frame-options': (header) => {
    if (parsePolicy(header('content-security-policy')).has('frame-ancestors')) return 5;
    return /^(?:deny|sameorigin)$/i.test(header('x-frame-options')) ? 0 : -20;
  },
  'cross-origin-resource-policy': (header) => {
    const policy = header('cross-origin-resource-policy');
    if (policy === 'same-origin' || policy === 'same-site') return 10;
    return policy === '' || policy === 'cross-origin' ? 0 : -5;
  },
};

/** What each test of the Observatory adds for an answer, by the test's name. */
export function observe(scanned: Scanned): Record<string, number> {
  const header = (name: string) => String(scanned.headers[name] ?? '').trim();
  const judge = ([name, test]: [string, Test]) => [name, test(header, scanned)];
  return Object.fromEntries(Object.entries(TESTS).map(judge));
}

/** The most that an answer can get: what it does not have, cookies and scripts, earns nothing. */
export function localMaximum({ headers, text }: Scanned): Record<string, number> {
  return {
    'content-security-policy': 10,
    cookies: headers['set-cookie'] === undefined ? 0 : 5,
    'cross-origin-resource-sharing': 0,
    'referrer-policy': 5,
    'strict-transport-security': 0,
    'subresource-integrity': scriptsIn(text).length === 0 ? 0 : 5,
    'x-content-type-options': 0,
    'x-frame-options': 5,
    'cross-origin-resource-policy': 10,
  };
}

function parsePolicy(text: string): Map<string, string> {
  const directives = text.split(';').map((directive) => directive.trim().toLowerCase());
  return new Map(
    directives.filter(Boolean).map((directive) => {
      const [name = '', ...sources] = directive.split(/\s+/);
      return [name, sources.join(' ')];
    }),
  );
}

function scriptsIn(text: string): string[] {
  return text.match(/<script[^>]*>/g) ?? [];
}
