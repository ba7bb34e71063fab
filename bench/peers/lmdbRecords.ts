import { join } from "node:path";
import { open } from "lmdb";
import type { Seq } from "../../src/model/entry.ts";
import type { Adapter } from "./Adapter.ts";

/** What a record holds; lmdb encodes it as MessagePack unless told otherwise. */
export interface LmdbRecord {
  readonly topic: string;
  readonly payloadType: string;
  readonly tsInit: bigint;
  readonly tsPublish: bigint;
  readonly payload: Uint8Array;
}

/** lmdb-js with its defaults: one record per entry, one awaited transaction per batch. */
export const lmdbRecords: Adapter = {
  openStore({ directory }) {
    const database = open<LmdbRecord, Seq>({ path: join(directory, "lmdb") });
    return {
      prepare: (entries, fromSeq) => async () => {
        await database.transaction(() => {
          for (const [index, entry] of entries.entries()) {
            const { topic, payloadType, tsInit, tsPublish, payload } = entry;
            // Inside of a transaction it is done when it returns.
            void database.put(fromSeq + index, { topic, payloadType, tsInit, tsPublish, payload });
          }
        });
        await database.flushed;
      },
      close: () => database.close(),
    };
  },
};
