import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import express, { Router } from 'express';
import type { AppConfig } from '../config/app-config.ts';

const FOLDER = fileURLToPath(new URL('./assets/', import.meta.url));
const digests = new Map<string, Buffer>();

/** The URL of a file in `http/assets/`; it changes with the content, so it can be kept for long. */
export function assetUrl(name: string): string {
  return `/assets/${hashOf(name)}/${name}`;
}

/** What a page that loads the file may hold the browser to: the file as it is here. */
export function assetIntegrity(name: string): string {
  return `sha384-${digestOf(name).toString('base64')}`;
}

/** Serve `/assets/<hash>/<file>`: long-lived where the hash is the file's, else checked each time. */
export function assets(config: AppConfig): Router {
  const files = express.static(FOLDER, { index: false, redirect: false, cacheControl: false });
  const names = new Set(readdirSync(FOLDER));
  const maxAge = config.get('SEND_FILE_MAX_AGE_DEFAULT');
  return Router().get('/:hash/:name', (req, res, next) => {
    const { hash, name } = req.params;
    const isCurrent = maxAge > 0 && names.has(name) && hash === hashOf(name);
    const caching = isCurrent ? `public, max-age=${maxAge}, immutable` : 'no-cache';
    res.setHeader('Cache-Control', caching);
    req.url = `/${encodeURIComponent(name)}`;
    files(req, res, next);
  });
}

function hashOf(name: string): string {
  return digestOf(name).toString('hex').slice(0, 12);
}

function digestOf(name: string): Buffer {
  const known = digests.get(name);
  if (known !== undefined) return known;
  const digest = createHash('sha384')
    .update(readFileSync(join(FOLDER, name)))
    .digest();
  digests.set(name, digest);
  return digest;
}
