import express from 'express';
import request from 'supertest';
import { expect, test } from 'vitest';
import { flagState, viewOf } from '../../src/flags/request.ts';
import { makeApp } from '../support/app.ts';

const FLAG = 'FEATURE_SIGNUP_V2';

test('a request sees the flags as they were when it came in, however they change', async () => {
  const { flags } = (await makeApp()).locals;
  const app = express();
  app.use(flagState(flags));
  app.get('/', async (_req, res) => {
    const view = viewOf(res);
    const before = view?.isOn(FLAG);
    await flags.set(FLAG, true);
    res.json({
      before,
      after: view?.isOn(FLAG),
      now: flags.isOn(FLAG),
      frozen: Object.isFrozen(view),
    });
  });
  expect((await request(app).get('/')).body).toEqual({
    before: false,
    after: false,
    now: true,
    frozen: true,
  });
});
