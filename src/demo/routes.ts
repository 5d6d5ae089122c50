import { type RequestHandler, Router } from 'express';
import { z } from 'zod';
import type { AppConfig } from '../config/app-config.ts';
import { viewOf } from '../flags/request-state.ts';
import { requireFlag } from '../flags/require-flag.ts';
import { subjectCookie, subjectOf } from '../flags/subject.ts';
import { jsonBody, validated } from '../http/validation.ts';
import { checkoutPage, homePage, signupPage } from './pages.ts';

const greeting = z.strictObject({ name: z.string().trim().min(1).max(80) });

/** The worked example: a page, and a small JSON route that checks what it is sent. */
export function demo(config: AppConfig): Router {
  const home: RequestHandler = (_req, res) => {
    res.type('html').send(homePage(config.snapshot).markup);
  };
  const greetByQuery: RequestHandler = (req, res) => {
    res.json({ greeting: greet(validated(greeting, req.query).name) });
  };
  const signup: RequestHandler = (_req, res) => {
    res.type('html').send(signupPage(config.snapshot).markup);
  };
  const checkout: RequestHandler = (req, res) => {
    const variant = viewOf(res)?.variant('FEATURE_NEW_CHECKOUT', subjectOf(req) ?? '');
    res.type('html').send(checkoutPage(config.snapshot, variant).markup);
  };
  return Router()
    .get('/', subjectCookie(config.get('SESSION_COOKIE_SECURE')), home)
    .get('/api/greetings', greetByQuery)
    .post('/api/greetings', jsonBody(config, greeting), (req, res) => {
      res.status(201).json({ greeting: greet(req.body.name) });
    })
    .use('/signup-v2', requireFlag('FEATURE_SIGNUP_V2'))
    .get('/signup-v2', signup)
    .use('/checkout', requireFlag('FEATURE_NEW_CHECKOUT'))
    .get('/checkout', checkout);
}

function greet(name: string): string {
  return `Hello, ${name}!`;
}
