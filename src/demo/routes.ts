import { type Response, Router } from 'express';
import { z } from 'zod';
import type { AppConfig } from '../config/app-config.ts';
import { requireFlag, subjectCookie, subjectOf, viewOf } from '../flags/request.ts';
import type { Html } from '../http/html.ts';
import { jsonBody, validated } from '../http/validation.ts';
import { checkoutPage, homePage, signupPage } from './pages.ts';

const greeting = z.strictObject({ name: z.string().trim().min(1).max(80) });

/** The worked example: a page, a JSON route that checks what it is sent, and what flags hide. */
export function demo(config: AppConfig): Router {
  return Router()
    .get('/', subjectCookie(config.get('SESSION_COOKIE_SECURE')), (_req, res) => {
      sendPage(res, homePage(config.snapshot));
    })
    .get('/api/greetings', (req, res) => {
      res.json(greet(validated(greeting, req.query)));
    })
    .post('/api/greetings', jsonBody(config, greeting), (req, res) => {
      res.status(201).json(greet(req.body));
    })
    .use('/signup-v2', requireFlag('FEATURE_SIGNUP_V2'))
    .get('/signup-v2', (_req, res) => {
      sendPage(res, signupPage(config.snapshot));
    })
    .use('/checkout', requireFlag('FEATURE_NEW_CHECKOUT'))
    .get('/checkout', (req, res) => {
      const variant = viewOf(res)?.variant('FEATURE_NEW_CHECKOUT', subjectOf(req) ?? '');
      sendPage(res, checkoutPage(config.snapshot, variant));
    });
}

function greet({ name }: z.output<typeof greeting>) {
  return { greeting: `Hello, ${name}!` };
}

function sendPage(res: Response, page: Html): void {
  res.type('html').send(page.markup);
}
