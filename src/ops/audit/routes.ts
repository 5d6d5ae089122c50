import { pipeline } from 'node:stream/promises';
import { Router } from 'express';
import { z } from 'zod';
import { onlyMethods } from '../../http/methods.ts';
import { validated } from '../../http/validation.ts';
import type { AuditRow } from './chain.ts';
import { toEntry, toLine } from './entry.ts';
import type { RequestAudit } from './requests.ts';
import type { AuditTrail } from './trail.ts';

const text = z.string().max(256).optional();
const filter = z.strictObject({
  action: text,
  actor: text,
  outcome: z.enum(['done', 'refused', 'failed']).optional(),
  before: z.coerce.number().int().min(1).optional(),
  limit: z.coerce.number().int().min(1).max(500).default(50),
});

/** `/audit`: who did what, and all of it as a file. */
export function auditRoutes(trail: AuditTrail, audit: RequestAudit): Router {
  return Router()
    .get('/', async (req, res) => {
      const asked = validated(filter, req.query);
      const entries = await trail.list(asked);
      const next = entries.length < asked.limit ? null : (entries.at(-1)?.sequence ?? null);
      res.json({ entries, next });
    })
    .all('/', onlyMethods('GET', 'HEAD'))
    .get('/export', async (req, res) => {
      await audit.record(req, { action: 'audit.export' });
      res.attachment('audit.jsonl').type('application/jsonl');
      await pipeline(lines(trail.rows()), res);
    })
    .all('/export', onlyMethods('GET', 'HEAD'));
}

async function* lines(rows: AsyncIterable<AuditRow>): AsyncGenerator<string> {
  for await (const row of rows) yield `${toLine(toEntry(row))}\n`;
}
