import request from 'supertest';
import { describe, expect, test } from 'vitest';
import { ADMIN, logIn, openDoor, type Pass, VIEWER } from './door.ts';

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'] as const;
type Method = (typeof METHODS)[number];
type Answers = Record<Method, number>;

const every = (status: number) =>
  Object.fromEntries(METHODS.map((method) => [method, status])) as Answers;
const NOBODY = every(401);
const PAGE = { ...every(405), GET: 200, HEAD: 200 };
const MISSING = { ...every(405), GET: 404, HEAD: 404 };
const LOGIN = { ...PAGE, POST: 200 };
const REFUSED = { ...every(405), GET: 403, HEAD: 403, POST: 403 };
const LOGOUT = { ...every(405), POST: 204 };

/** Per route: what it allows, then its answers to an anonymous client, a viewer and an admin. */
const ROUTES: [path: string, allow: string, Answers, Answers, Answers][] = [
  ['/ops', 'GET, HEAD', NOBODY, PAGE, PAGE],
  ['/ops/', 'GET, HEAD', NOBODY, PAGE, PAGE],
  ['/ops/login', 'GET, HEAD, POST', LOGIN, LOGIN, LOGIN],
  ['/ops/logout', 'POST', LOGOUT, LOGOUT, LOGOUT],
  ['/ops/config', 'GET, HEAD', NOBODY, PAGE, PAGE],
  ['/OPS/Config/', 'GET, HEAD', NOBODY, PAGE, PAGE],
  ['/ops/reload', 'GET, HEAD, POST', NOBODY, REFUSED, LOGIN],
  ['/ops/config/PORT', 'GET, HEAD', NOBODY, PAGE, PAGE],
  ['/ops/config/PROT', 'GET, HEAD', NOBODY, MISSING, MISSING],
  ['/ops/flags', 'GET, HEAD', NOBODY, PAGE, PAGE],
  [
    '/ops/flags/FEATURE_SIGNUP_V2',
    'POST, DELETE',
    NOBODY,
    { ...every(405), POST: 403, DELETE: 403 },
    { ...every(405), POST: 200, DELETE: 200 },
  ],
  [
    '/ops/flags/FEATURE_UNHEARD_OF',
    'POST, DELETE',
    NOBODY,
    { ...every(405), POST: 403, DELETE: 403 },
    { ...every(405), POST: 404, DELETE: 404 },
  ],
  ['/ops/audit', 'GET, HEAD', NOBODY, PAGE, PAGE],
  ['/ops/audit/export', 'GET, HEAD', NOBODY, PAGE, PAGE],
  ['/ops/nothing-here', '', NOBODY, every(404), every(404)],
  ['/ops/flags/FEATURE_SIGNUP_V2/more', '', NOBODY, every(404), every(404)],
];

const ROWS = ROUTES.flatMap(([path, allow, anonymous, viewer, admin]) =>
  METHODS.flatMap((method) => [
    { path, method, role: 'anonymous', status: anonymous[method], allow },
    { path, method, role: 'viewer', status: viewer[method], allow },
    { path, method, role: 'admin', status: admin[method], allow },
  ]),
);
const BODIES: Record<string, object> = {
  'POST /ops/login': ADMIN,
  'POST /ops/reload': { dryRun: true },
  'POST /ops/flags/FEATURE_SIGNUP_V2': { value: true },
  'POST /ops/flags/FEATURE_UNHEARD_OF': { value: true },
};

describe('every route below /ops, by method and role', () => {
  test.each(ROWS)('$method $path is $status for $role', async (row) => {
    const { path, method, role, status, allow } = row;
    const { app } = await openDoor();
    const pass: Partial<Pass> =
      role === 'anonymous' ? {} : await logIn(app, role === 'admin' ? ADMIN : VIEWER);
    const call = request(app)[METHOD_CALLS[method]](path).set(pass);
    const response = await call.send(BODIES[`${method} ${path}`]);
    expect({
      status: response.status,
      caching: response.headers['cache-control'],
      allow: response.headers['allow'],
      type: response.type,
    }).toEqual({
      status,
      caching: 'no-store, max-age=0',
      allow: status === 405 ? allow : undefined,
      type: status >= 400 ? 'application/problem+json' : expect.any(String),
    });
  });
});

const METHOD_CALLS = {
  GET: 'get',
  HEAD: 'head',
  POST: 'post',
  PUT: 'put',
  PATCH: 'patch',
  DELETE: 'delete',
  OPTIONS: 'options',
} as const;

test.each(ROUTES.map(([path]) => path))('%s without a session sets no cookie', async (path) => {
  const { app } = await openDoor();
  const response = await request(app).get(path);
  expect(response.headers['set-cookie']).toBeUndefined();
});

test('a problem says no more than its status and the request id', async () => {
  const { app } = await openDoor();
  const viewer = await logIn(app, VIEWER);
  const path = '/ops/flags/FEATURE_SIGNUP_V2';
  const answers = [
    await request(app).get('/ops/config'),
    await request(app).post(path).set(viewer).send({ value: true }),
    await request(app).get(path).set(viewer),
    await request(app).get('/ops/nothing-here').set(viewer),
  ];
  const problem = (status: number, title: string) => ({
    type: 'about:blank',
    title,
    status,
    requestId: expect.any(String),
  });
  expect(answers.map(({ body }) => body)).toEqual([
    problem(401, 'Unauthorized'),
    problem(403, 'Forbidden'),
    problem(405, 'Method Not Allowed'),
    problem(404, 'Not Found'),
  ]);
});
