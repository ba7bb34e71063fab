import { openWriter } from "../src/streams/openWriter.ts";
import { closedLoop } from "./closedLoop.ts";
import { BENCH_MANIFEST } from "./rawFileBackend.ts";
import { threadCpuNs } from "./machine.ts";
import type { Backend, Frame } from "../src/backends/Backend.ts";
function nullBackend(): Backend {
  return { epoch: 1, manifest: BENCH_MANIFEST, watermark: 0,
    append: (frames: readonly Frame[]) => new Promise((r) => setImmediate(() => r({ toSeq: frames.at(-1)!.toSeq }))),
    close: async () => {} } as unknown as Backend;
}
for (let i = 0; i < 4; i++) {
  const w = openWriter(nullBackend());
  const c = threadCpuNs();
  const r = await closedLoop({ offer: (d) => w.offer(d), get accepted() { return w.accepted; }, watermark$: w.watermark$, close: async () => {} }, { outstanding: 10_000, warmUpEntries: 100_000, entries: 1_000_000 });
  console.log(Math.round(r.nsPerOffer), "ns/offer, cpu/entry", Math.round((threadCpuNs() - c) / 1_110_000));
  await w.abandon();
}
