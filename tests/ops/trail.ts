import request from 'supertest';
import type { App } from '../../src/app.ts';
import { logIn, type Pass, VIEWER } from './door.ts';

/** Makes an SQLite database refuse entries, until the trigger `full` is dropped. */
export const REFUSE = `CREATE TRIGGER full BEFORE INSERT ON audit
  BEGIN SELECT RAISE(ABORT, 'database or disk is full'); END`;

/** What tests look at in an entry. */
export interface Entry {
  sequence: number;
  actor: string | null;
  action: string;
  outcome: string;
  target: string | null;
  role: string | null;
  detail: unknown;
}

/** What the trail holds, oldest first, as a viewer reads it. */
export async function trailOf(app: App, pass?: Pass, query = ''): Promise<Entry[]> {
  const reader = pass ?? (await logIn(app, VIEWER));
  const response = await request(app).get(`/ops/audit?limit=500${query}`).set(reader).expect(200);
  return (response.body.entries as Entry[]).reverse();
}

/** An entry in short: who, what, outcome, target and detail. */
export const facts = ({ actor, action, outcome, target, detail }: Entry) => [
  actor,
  action,
  outcome,
  ...(target === null ? [] : [target]),
  ...(detail === null ? [] : [detail]),
];
