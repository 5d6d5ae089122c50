import type { Scanned } from './observatory.ts';

const PERMISSIONS =
  'accelerometer autoplay camera cross-origin-isolated display-capture encrypted-media fullscreen ' +
  'geolocation gyroscope keyboard-map magnetometer microphone midi payment picture-in-picture ' +
  'publickey-credentials-get screen-wake-lock usb web-share xr-spatial-tracking clipboard-read ' +
  'clipboard-write gamepad hid idle-detection interest-cohort serial unload';

/** https://github.com/OWASP/www-project-secure-headers/tree/master/subprojects/validator */
const WANTED: Readonly<Record<string, RegExp>> = {
  'strict-transport-security': /^max-age=63072000; includeSubDomains(?:; preload)?$/,
  'x-frame-options': /^deny$/i,
  'x-content-type-options': /^nosniff$/,
  'content-security-policy': /^(?!.*unsafe).+$/,
  'x-permitted-cross-domain-policies': /^none$/,
  'referrer-policy': /^no-referrer$/,
  'cross-origin-embedder-policy': /^require-corp$/,
  'cross-origin-opener-policy': /^same-origin$/,
  'cross-origin-resource-policy': /^same-origin$/,
  'permissions-policy': new RegExp(
    ['sync-xhr=\\((?:self)?\\)', ...PERMISSIONS.split(' ').map((name) => `${name}=\\(\\)`)]
      .map((feature) => `(?=.*\\b${feature})`)
      .join(''),
  ),
  'cache-control': /^no-store, max-age=0$/,
  'x-dns-prefetch-control': /^off$/,
};

/** The headers that are out of date, and those that tell what software answers. */
const UNWANTED = new RegExp(
  `^(?:${[
    'feature-policy|public-key-pins|expect-ct|x-xss-protection',
    // https://github.com/OWASP/www-project-secure-headers/blob/master/ci/headers_remove.json
    'server|.*powered.*|product|host-header|sourcemap|.*version|pega-host|liferay-portal|\\$wsep',
    'k-proxy-request|x-(?:aspnet|atmosphere|b3|envoy|kubernetes|litespeed|nextjs|varnish|dt)-?.*',
    'x-(?:beserver|calculatedbetarget|cms|content-encoded-by|diaginfo|feserver|framework)',
    'x-(?:generated-by|generator|jitsi-release|mod-pagespeed|old-content-length|page-speed)',
    'x-(?:oneagent-js-injection|redirect-by|ruxit-js-agent|source(?:files|map)|turbo-charged-by)',
  ].join('|')})$`,
);

/** What the OWASP Secure Headers Project finds wrong with an answer's headers. */
export function insecureHeaders({ headers }: Scanned): string[] {
  const lacking = Object.entries(WANTED).filter(
    ([name, wanted]) => !wanted.test(String(headers[name] ?? '')),
  );
  return [
    ...lacking.map(([name]) => `${name}: ${headers[name] ?? 'missing'}`),
    ...Object.keys(headers).filter((name) => UNWANTED.test(name)),
  ];
}
