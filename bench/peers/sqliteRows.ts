import type { CapturedDraft, Seq } from "../../src/model/entry.ts";
import type { Adapter } from "./Adapter.ts";
import { openSqlite } from "./sqlite.ts";

const SCHEMA = `
  CREATE TABLE entries (
    seq INTEGER PRIMARY KEY,
    topic TEXT NOT NULL,
    payload_type TEXT NOT NULL,
    ts_init INTEGER NOT NULL,
    ts_publish INTEGER NOT NULL,
    payload BLOB NOT NULL
  ) STRICT`;

/** One row per entry, a prepared insert, one transaction per batch. */
export const sqliteRows: Adapter = {
  openStore({ directory }) {
    const database = openSqlite(directory, SCHEMA);
    const insert = database.prepare("INSERT INTO entries VALUES (?, ?, ?, ?, ?, ?)");
    const insertAll = database.transaction((entries: readonly CapturedDraft[], fromSeq: Seq) => {
      let seq = fromSeq;
      for (const { topic, payloadType, tsInit, tsPublish, payload } of entries) {
        insert.run(seq, topic, payloadType, tsInit, tsPublish, payload);
        seq += 1;
      }
    });
    return {
      prepare: (entries, fromSeq) => () => insertAll(entries, fromSeq),
      close: () => void database.close(),
    };
  },
};
