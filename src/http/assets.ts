import { hash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import express, { Router } from 'express';
import type { AppConfig } from '../config/app-config.ts';

const FOLDER = new URL('./assets/', import.meta.url);
const digests = new Map<string, Buffer>();

/** The URL of a file in `http/assets/`; it changes with the content, so it can be kept for long. */
export function assetUrl(name: string): string {
  return `/assets/${versionOf(name)}/${name}`;
}

/** What a page that loads the file may hold the browser to: the file as it is here. */
export function assetIntegrity(name: string): string {
  return `sha384-${digestOf(name).toString('base64')}`;
}

/** Serve `/assets/<hash>/<file>`: long-lived where the hash is the file's, else checked each time. */
export function assets(config: AppConfig): Router {
  const options = { index: false, redirect: false, cacheControl: false };
  const files = express.static(fileURLToPath(FOLDER), options);
  const names = new Set(readdirSync(FOLDER));
  const maxAge = config.get('SEND_FILE_MAX_AGE_DEFAULT');
  return Router().get('/:hash/:name', (req, res, next) => {
    const { hash, name } = req.params;
    const isCurrent = maxAge > 0 && names.has(name) && hash === versionOf(name);
    res.setHeader('Cache-Control', isCurrent ? `public, max-age=${maxAge}, immutable` : 'no-cache');
    req.url = `/${encodeURIComponent(name)}`;
    files(req, res, next);
  });
}

function versionOf(name: string): string {
  return digestOf(name).toString('hex', 0, 6);
}

function digestOf(name: string): Buffer {
  const digest = digests.get(name) ?? hash('sha384', readFileSync(new URL(name, FOLDER)), 'buffer');
  digests.set(name, digest);
  return digest;
}
