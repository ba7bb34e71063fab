import { once, type EventEmitter } from "node:events";
import type { CapturedDraft, Seq } from "../../src/model/entry.ts";
import type { Adapter } from "./Adapter.ts";
import { installedPackage } from "./installed.ts";

const STREAM = "run";
/** A batch of ours fits: with its default of 16 KiB it would sync several times within one. */
const WRITE_BUFFER_BYTES = 8 * 2 ** 20;

/** What is used of event-storage. */
interface EventStore extends EventEmitter {
  commit(stream: string, events: readonly unknown[], committed: () => void): void;
  close(): void;
}

type EventStoreConstructor = new (name: string, config: object) => EventStore;

/** One commit per batch, acknowledged by its callback, with a sync at every flush. */
export const eventStorage: Adapter = {
  async openStore({ directory }) {
    const Store = installedPackage("event-storage") as EventStoreConstructor;
    const store = new Store("log", {
      storageDirectory: directory,
      storageConfig: { syncOnFlush: true, writeBufferSize: WRITE_BUFFER_BYTES },
    });
    await once(store, "ready");
    return {
      prepare: (entries, fromSeq) => () =>
        new Promise<void>((resolve) => {
          const events = entries.map((entry, index) => eventOf(entry, fromSeq + index));
          store.commit(STREAM, events, resolve);
        }),
      close: () => store.close(),
    };
  },
};

/** It stores JSON: bytes and 64 bits have to become text. */
function eventOf(entry: CapturedDraft, seq: Seq): unknown {
  const { topic, payloadType, tsInit, tsPublish, payload } = entry;
  return {
    seq,
    topic,
    payloadType,
    tsInit: String(tsInit),
    tsPublish: String(tsPublish),
    payload: (payload as Buffer).toString("base64"),
  };
}
