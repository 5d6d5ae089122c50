import sql from 'sql-template-tag';
import { StoreAwayError } from '../config/store-away.ts';
import type { Database } from './database.ts';

/**
 * Remember the id of a signed request for twice the tolerance of its clock (ms); tells whether it
 * was new. Of copies that arrive at once, at whichever process, the primary key lets one be.
 * @throws {StoreAwayError}
 */
export async function isNewId({ query }: Database, id: string, toleranceMs: number) {
  const now = Date.now();
  try {
    // Later than any replica's clock or a slow check could still need it.
    await query(sql`DELETE FROM signed_requests WHERE expires_at < ${now - toleranceMs}`);
    const added = await query(
      sql`INSERT INTO signed_requests (id, expires_at) VALUES (${id}, ${now + 2 * toleranceMs})
        ON CONFLICT (id) DO NOTHING RETURNING id`,
    );
    return added.length === 1;
  } catch (cause) {
    throw new StoreAwayError('the ids of signed requests cannot be kept', { cause });
  }
}
