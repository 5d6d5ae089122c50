import sql, { type Sql } from 'sql-template-tag';
import { FlagRevisionError, LAST_MOMENT, type OverrideStore, readOverride } from './store.ts';

const CHANNEL = 'flags';

type Query = <Row>(statement: Sql) => Promise<Row[]>;

/** What is asked of a database. */
export interface OverrideDatabase {
  readonly kind: 'sqlite' | 'postgres';
  readonly query: Query;
  transaction<T>(work: (transaction: { query: Query }) => Promise<T>): Promise<T>;
  /** Call `heard` when another process may have changed something; the answer ends it. */
  listen(channel: string, heard: () => void): () => void | Promise<void>;
}

/** Overrides in the app's own database, where restarts and replicas find them. */
export function databaseOverrides(database: OverrideDatabase): OverrideStore {
  return {
    name: 'database',
    async load() {
      // One end that is no number for JavaScript would make all rows unreadable.
      const rows = await database.query<Record<string, unknown>>(sql`
        SELECT name, value, changed_by AS "by", changed_at AS "at", reason, ends_at AS "until",
          revision FROM flag_overrides WHERE COALESCE(ends_at, 0) <= ${LAST_MOMENT}`);
      return rows.flatMap(fromRow);
    },
    put: ({ ifRevision = null, seen, deadline, ...change }) =>
      database.transaction(async ({ query }) => {
        const { name, by, at, reason = null, until = null } = change;
        const value = change.value === undefined ? null : JSON.stringify(change.value);
        // Makes the row or waits for its lock, so that revisions only grow.
        await query(sql`INSERT INTO flag_overrides (name, revision) VALUES (${name}, ${seen})
          ON CONFLICT (name) DO UPDATE SET revision = excluded.revision
          WHERE flag_overrides.revision < excluded.revision`);
        const [row] = await query<{ revision: number }>(sql`UPDATE flag_overrides
          SET value = ${value}, changed_by = ${by}, changed_at = ${at}, reason = ${reason},
            ends_at = ${until}, revision = revision + 1
          WHERE name = ${name} AND revision = COALESCE(${ifRevision}, revision)
          RETURNING revision`);
        if (row === undefined) throw new FlagRevisionError();
        if (database.kind === 'postgres') await query(sql`SELECT pg_notify(${CHANNEL}, '')`);
        if (Date.now() > deadline) throw new Error('the change waited too long');
        return { ...change, revision: row.revision };
      }),
    subscribe: (heard) => database.listen(CHANNEL, heard),
  };
}

function fromRow(row: Record<string, unknown>) {
  const { value, ...kept } = Object.fromEntries(
    Object.entries(row).filter(([, field]) => field !== null),
  );
  return readOverride(() =>
    value === undefined ? kept : { ...kept, value: JSON.parse(String(value)) },
  );
}
