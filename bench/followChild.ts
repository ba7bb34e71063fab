import { setTimeout as delay } from "node:timers/promises";
import { openRun } from "../src/runs/openRun.ts";
import { draftOf } from "./drafts.ts";
import { sharedNowMs } from "./sharedNowMs.ts";

/* Writes a run for a follower in the parent: nothing until it is told to, then at a fixed rate. */

/** What the parent asks for. */
export interface WriteOrder {
  readonly perSecond: number;
  readonly forMs: number;
}

/** When each entry was durable, by seq: milliseconds of the clock that all processes share. */
export type DurableAt = readonly number[];

const [directory = ""] = process.argv.slice(2);
const run = await openRun({ directory });
const durableAt: number[] = [];
run.watermark$.subscribe({
  next: (watermark) => {
    const now = sharedNowMs();
    while (durableAt.length <= watermark) durableAt.push(now);
  },
  error: () => process.exit(1),
});
process.once("message", (order) => void write(order as WriteOrder));
process.send?.("ready");

async function write({ perSecond, forMs }: WriteOrder): Promise<void> {
  const startAt = performance.now();
  const total = (perSecond * forMs) / 1000;
  for (let turn = 0; turn < total;) {
    const due = Math.min(total, ((performance.now() - startAt) * perSecond) / 1000);
    for (; turn < due; turn += 1) run.offer(draftOf(turn));
    await delay(1);
  }
  await run.close();
  process.send?.(durableAt, () => process.disconnect());
}
