import type { Adapter } from "./Adapter.ts";
import { entryBytes, seqKey } from "./entryBytes.ts";
import { installedPackage } from "./installed.ts";

interface Put {
  readonly type: "put";
  readonly key: Uint8Array;
  readonly value: Uint8Array;
}

/** What is used of classic-level. */
interface LevelDatabase {
  open(): Promise<void>;
  batch(operations: readonly Put[], options: { readonly sync: boolean }): Promise<void>;
  close(): Promise<void>;
}

interface Exports {
  readonly ClassicLevel: new (
    path: string,
    options: { readonly keyEncoding: "view"; readonly valueEncoding: "view" },
  ) => LevelDatabase;
}

/** LevelDB: one record per entry, one synced batch per batch. */
export const classicLevel: Adapter = {
  async openStore({ directory }) {
    const { ClassicLevel } = installedPackage("classic-level") as Exports;
    const database = new ClassicLevel(directory, { keyEncoding: "view", valueEncoding: "view" });
    await database.open();
    return {
      prepare: (entries, fromSeq) => () => {
        const puts = entries.map((entry, index): Put => {
          return { type: "put", key: seqKey(fromSeq + index), value: entryBytes(entry) };
        });
        return database.batch(puts, { sync: true });
      },
      close: () => database.close(),
    };
  },
};
