import { pipeline } from 'node:stream/promises';
import { type Request, Router } from 'express';
import { z } from 'zod';
import type { AppConfig } from '../../config/app-config.ts';
import { onlyMethods } from '../../http/methods.ts';
import { validated } from '../../http/validation.ts';
import type { Operators } from '../operators.ts';
import { auditPage } from '../pages/audit.ts';
import { pageOrJson } from '../viewer.ts';
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
export function auditRoutes(
  config: AppConfig,
  operators: Operators,
  trail: AuditTrail,
  audit: RequestAudit,
): Router {
  const read = async (req: Request) => {
    // A form sends an empty text for a field that was not filled in.
    const asked = Object.entries(req.query).filter(([, value]) => value !== '');
    const wanted = validated(filter, Object.fromEntries(asked));
    const entries = await trail.list(wanted);
    const next = entries.length < wanted.limit ? null : (entries.at(-1)?.sequence ?? null);
    return { wanted, entries, next };
  };
  const list = pageOrJson(
    operators,
    async (viewer, req) => {
      const { wanted, ...found } = await read(req);
      return auditPage(config, found, wanted, viewer);
    },
    async (req) => {
      const { entries, next } = await read(req);
      return { entries, next };
    },
  );
  return Router()
    .get('/', list)
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
