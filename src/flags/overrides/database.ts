import sql, { type Sql } from 'sql-template-tag';
import {
  FlagRevisionError,
  type OverrideStore,
  readOverride,
  type StoredOverride,
} from './store.ts';

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

interface Row {
  readonly name: string;
  readonly value: string | null;
  readonly changed_by: string | null;
  readonly changed_at: number | null;
  readonly reason: string | null;
  readonly ends_at: number | null;
  readonly revision: number;
}

/** Overrides in the app's own database, where restarts and replicas find them. */
export function databaseOverrides(database: OverrideDatabase): OverrideStore {
  const changing = <T>(work: (query: Query) => Promise<T>) =>
    database.transaction(async ({ query }) => {
      const result = await work(query);
      if (database.kind === 'postgres') await query(sql`SELECT pg_notify(${CHANNEL}, '')`);
      return result;
    });
  return {
    name: 'database',
    async load() {
      const rows = await database.query<Row>(sql`SELECT * FROM flag_overrides`);
      return rows.flatMap(fromRow);
    },
    put: ({ ifRevision, seen, ...change }) =>
      changing(async (query) => {
        // Makes the row or waits for its lock, so that revisions only grow.
        await query(sql`INSERT INTO flag_overrides (name, revision) VALUES (${change.name}, ${seen})
          ON CONFLICT (name) DO UPDATE SET revision = excluded.revision
          WHERE flag_overrides.revision < excluded.revision`);
        const [row] = await query<{ revision: number }>(sql`UPDATE flag_overrides
          SET value = ${change.value === undefined ? null : JSON.stringify(change.value)},
            changed_by = ${change.by}, changed_at = ${change.at},
            reason = ${change.reason ?? null}, ends_at = ${change.until ?? null},
            revision = revision + 1
          WHERE name = ${change.name} AND revision = COALESCE(${ifRevision ?? null}, revision)
          RETURNING revision`);
        if (row === undefined) throw new FlagRevisionError();
        return { ...change, revision: row.revision };
      }),
    restore: (overrides) =>
      changing(async (query) => {
        for (const { name, value, by, at, reason, until, revision } of overrides) {
          const json = value === undefined ? null : JSON.stringify(value);
          await query(sql`INSERT INTO flag_overrides
              (name, value, changed_by, changed_at, reason, ends_at, revision)
            VALUES (${name}, ${json}, ${by}, ${at}, ${reason ?? null}, ${until ?? null}, ${revision})
            ON CONFLICT (name) DO UPDATE SET value = excluded.value,
              changed_by = excluded.changed_by, changed_at = excluded.changed_at,
              reason = excluded.reason, ends_at = excluded.ends_at, revision = excluded.revision
            WHERE flag_overrides.revision < excluded.revision`);
        }
      }),
    subscribe: (heard) => database.listen(CHANNEL, heard),
  };
}

function fromRow(row: Row): StoredOverride[] {
  return readOverride(() => ({
    name: row.name,
    value: row.value === null ? undefined : JSON.parse(row.value),
    by: row.changed_by,
    at: row.changed_at,
    reason: row.reason ?? undefined,
    until: row.ends_at ?? undefined,
    revision: row.revision,
  }));
}
