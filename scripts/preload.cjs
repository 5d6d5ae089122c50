// Plain JavaScript, loaded before anything else: it must run on any Node, however old.
'use strict';
const [major, minor] = process.versions.node.split('.').map(Number);
if (major < 24 || (major === 24 && minor < 15)) {
  process.stderr.write(
    `Strata needs Node 24.15 or newer; this is ${process.version}. ` +
      'Run "npm ci" once and start it with npm, which brings the right Node along.\n',
  );
  process.exit(1);
}

// The cache holds module text, instance/config.ts included: a private folder, never the shared
// temp folder. https://nodejs.org/api/module.html#module-compile-cache
const { chmodSync, mkdirSync } = require('node:fs');
const { join } = require('node:path');
const folder = join(__dirname, '..', 'node_modules', '.cache', 'strata');
try {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  chmodSync(folder, 0o700);
} catch {
  // A read-only image: a cache that was warmed before is still read.
}
const { enableCompileCache, registerHooks } = require('node:module');
enableCompileCache(folder);

// zod brings its messages in fifty languages, which take half of its start. Only English is used
// here; without these lines all of them are there again, as `z.locales`. Two of its files import
// them; after that the hook would only slow every other module down.
let stubs = 0;
const hook = registerHooks({
  resolve(specifier, context, next) {
    if (specifier !== '../locales/index.js' || !context.parentURL?.includes('/zod/v4/')) {
      return next(specifier, context);
    }
    stubs += 1;
    if (stubs === 2) hook.deregister();
    return { url: 'data:text/javascript,', shortCircuit: true };
  },
});
