import type { Sql } from 'sql-template-tag';

/** Runs one statement and gives its rows, none for a statement that has none. */
export type Query = <Row>(statement: Sql) => Promise<Row[]>;

/** What a transaction's work is handed. */
interface Transaction {
  readonly query: Query;
  /** Run a script of several statements, without values. */
  script(text: string): Promise<void>;
}

/** A database of either kind. Statements are written in the SQL that both understand. */
export interface Database {
  readonly kind: 'sqlite' | 'postgres';
  readonly query: Query;
  /** All or nothing: a throw in `work` undoes what it did. */
  transaction<T>(work: (transaction: Transaction) => Promise<T>): Promise<T>;
  /** Call `heard` when another process may have changed something; the answer ends it. */
  listen(channel: string, heard: () => void): () => void | Promise<void>;
  close(): Promise<void>;
}
