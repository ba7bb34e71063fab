import { encodeFrame } from "../../src/format/encodeFrame.ts";
import type { Adapter } from "./Adapter.ts";
import { openSqlite } from "./sqlite.ts";

const SCHEMA = "CREATE TABLE batches (seq INTEGER PRIMARY KEY, entries BLOB NOT NULL) STRICT";

/** One row per batch, encoded as we do, which is the cheapest encoding here, and without hashes. */
export const sqliteBlob: Adapter = {
  openStore({ directory }) {
    const database = openSqlite(directory, SCHEMA);
    const insert = database.prepare("INSERT INTO batches VALUES (?, ?)");
    return {
      prepare: (entries, fromSeq) => () => {
        insert.run(fromSeq, encodeFrame(entries, { fromSeq, epoch: 1 }).bytes);
      },
      close: () => void database.close(),
    };
  },
};
