import { pipeline } from 'node:stream/promises';
import { type Request, type Response, Router } from 'express';
import type { AuditRow } from '../../database/audit/chain.ts';
import { toEntry, toLine } from '../../database/audit/entry.ts';
import {
  type AuditFilter,
  auditFilter,
  auditRows,
  listEntries,
} from '../../database/audit/trail.ts';
import { onlyMethods } from '../../http/errors.ts';
import { validated } from '../../http/validation.ts';
import { auditPage } from '../pages/audit.ts';
import type { Door } from '../routes.ts';
import { pageOrJson } from '../viewer.ts';

/** `/audit`: who did what, and all of it as a file. */
export function auditRoutes({ config, database, operators, audit }: Door): Router {
  const read = async (filter: AuditFilter) => {
    const entries = await listEntries(database, { ...filter, limit: filter.limit + 1 });
    // The one beyond the page tells that there are more.
    const [older] = entries.splice(filter.limit);
    return { entries, next: older ? older.sequence + 1 : null };
  };
  const list = pageOrJson(
    { config, operators },
    async (_viewer, req) => auditPage(await read(filterOf(req)), filterOf(req)),
    (req) => read(filterOf(req)),
  );
  return Router()
    .get('/', list)
    .head('/export', (_req, res) => asFile(res).end())
    .get('/export', async (req, res) => {
      await audit.record(req, { action: 'audit.export' });
      await pipeline(linesOf(auditRows(database)), asFile(res)).catch((error) => {
        // Who asked has left.
        if (error.code !== 'ERR_STREAM_PREMATURE_CLOSE') throw error;
      });
    })
    .all(['/', '/export'], onlyMethods('GET', 'HEAD'));
}

// A form sends an empty text for a field that was not filled in.
function filterOf({ query }: Request): AuditFilter {
  const given = Object.entries(query).filter(([, value]) => value !== '');
  return validated(auditFilter, Object.fromEntries(given));
}

async function* linesOf(rows: AsyncIterable<AuditRow>): AsyncGenerator<string> {
  for await (const row of rows) yield `${toLine(toEntry(row))}\n`;
}

function asFile(res: Response): Response {
  return res.attachment('audit.jsonl').type('application/jsonl');
}
