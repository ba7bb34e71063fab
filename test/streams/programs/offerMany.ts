import { asyncScheduler, of } from "rxjs";
import type { Backend, Frame } from "../../../src/backends/Backend.ts";
import { openWriter } from "../../../src/streams/openWriter.ts";

/*
 * Offers entries to a backend that keeps nothing, and prints what each has left on the heap, in
 * bytes. It is meant to run with a young generation in which nothing is collected meanwhile.
 */

const WARM_UP = 200_000;
const ENTRIES = 20_000;

const none = (): never => {
  throw new Error("Not here");
};
const backend: Backend = {
  manifest: none as never,
  watermark: 0,
  epoch: 1,
  returnsFrames: true,
  append: (frames: readonly Frame[]) => of({ toSeq: frames.at(-1)?.toSeq ?? 0, commitMs: 0 }),
  recordSnapshotAnchor: none,
  seal: none,
  refresh: none,
  framesFrom: none,
  lookup: none,
  indexKeys: none,
  indexKinds: none,
  latestSnapshotAnchor: none,
  close: () => of(undefined),
};
const writer = openWriter(backend, { scheduler: asyncScheduler });
const draft = { topic: "orders", payloadType: "Order", payload: new Uint8Array(256).fill(7) };

offer(WARM_UP);
const before = process.memoryUsage().heapUsed;
offer(ENTRIES);
const after = process.memoryUsage().heapUsed;
if (writer.accepted !== WARM_UP + ENTRIES) throw new Error("Not every entry was accepted");
process.stdout.write(String((after - before) / ENTRIES));
await writer.abandon();

function offer(entries: number): void {
  for (let entry = 0; entry < entries; entry += 1) writer.offer(draft);
}
