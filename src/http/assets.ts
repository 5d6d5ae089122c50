import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import express, { Router } from 'express';
import type { AppConfig } from '../config/app-config.ts';

const FOLDER = fileURLToPath(new URL('./assets/', import.meta.url));
const hashes = new Map<string, string>();

/** The URL of a file in `http/assets/`; it changes with the content, so it can be kept for long. */
export function assetUrl(name: string): string {
  return `/assets/${hashOf(name)}/${name}`;
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
  const known = hashes.get(name);
  if (known !== undefined) return known;
  const content = readFileSync(join(FOLDER, name));
  const hash = createHash('sha256').update(content).digest('hex').slice(0, 12);
  hashes.set(name, hash);
  return hash;
}
