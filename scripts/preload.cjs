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
const { pathToFileURL } = require('node:url');
enableCompileCache(folder);

// For each import Node asks the disk for links and for the nearest package.json, a tenth of a start
// in all. What our modules and zod's import of their own is known without that. They are linked in
// one go before any of them runs, and after that the hook would only slow the others down.
const SOURCES = pathToFileURL(join(__dirname, '..', 'src')).href;
let isEnding = false;
const hook = registerHooks({
  resolve(specifier, context, next) {
    const { parentURL = '' } = context;
    const isZod = parentURL.includes('/node_modules/zod/v4/') && specifier.startsWith('.');
    const isOurs = parentURL.startsWith(SOURCES) && /^\..*\.ts$/.test(specifier);
    if (!isZod && !isOurs) return next(specifier, context);
    if (!isEnding) queueMicrotask(() => hook.deregister());
    isEnding = true;
    // zod brings its messages in fifty languages, which take half of its start. Only English is used
    // here; without this line all of them are there again, as `z.locales`.
    const isLanguages = specifier === '../locales/index.js';
    return {
      url: isLanguages ? 'data:text/javascript,' : new URL(specifier, parentURL).href,
      format: isZod ? 'module' : 'module-typescript',
      shortCircuit: true,
    };
  },
});
