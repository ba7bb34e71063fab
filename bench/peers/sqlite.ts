import { join } from "node:path";
import { installedPackage } from "./installed.ts";

/** What is used of better-sqlite3. */
export interface SqliteDatabase {
  exec(sql: string): unknown;
  pragma(pragma: string): unknown;
  prepare(sql: string): { run(...values: readonly unknown[]): unknown };
  transaction<Arguments extends readonly unknown[]>(
    body: (...values: Arguments) => void,
  ): (...values: Arguments) => void;
  close(): unknown;
}

type SqliteConstructor = new (path: string) => SqliteDatabase;

/** A database whose commits sync its write-ahead log. */
export function openSqlite(directory: string, schema: string): SqliteDatabase {
  const Database = installedPackage("better-sqlite3") as SqliteConstructor;
  const database = new Database(join(directory, "log.db"));
  database.pragma("journal_mode = WAL");
  // The default is NORMAL in WAL as better-sqlite3 builds it, and that does not sync a commit.
  database.pragma("synchronous = FULL");
  database.exec(schema);
  return database;
}
