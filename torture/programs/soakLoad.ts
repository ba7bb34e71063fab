/**
 * Records a mixed load for a while, run after run, follows it live in the same process, and tells
 * now and then how much it holds: sample {heapBytes, resources, entries, longestCommitMs}.
 *
 * node --expose-gc --import tsx torture/programs/soakLoad.ts '{"directory": …, "seconds": …}'
 */
import { writeSync } from "node:fs";
import { setTimeout as wait } from "node:timers/promises";
import { openRun, type Run } from "tidemark";
import { payloadOf } from "../support/payloads.ts";

export interface SoakSettings {
  readonly directory: string;
  readonly seconds: number;
  readonly sampleSeconds: number;
  /** How long one run lasts before the next is opened. */
  readonly runSeconds: number;
}

/** What a process holds at one moment. */
export interface Sample {
  readonly heapBytes: number;
  /** Timers, sockets, files and the like that keep its event loop busy. */
  readonly resources: number;
  readonly entries: number;
  /** The longest time that one commit took. */
  readonly longestCommitMs: number;
}

const TICK_MS = 10;
const PER_TICK = 20;
const BURST = 5_000;

const settings = JSON.parse(process.argv[2] ?? "{}") as SoakSettings;
const endsAt = performance.now() + settings.seconds * 1_000;
let entries = 0;
let longestCommitMs = 0;
const sampling = setInterval(sample, settings.sampleSeconds * 1_000);
while (performance.now() < endsAt) await oneRun();
clearInterval(sampling);

function sample(): void {
  // Twice: what finalizers let go of goes with the second.
  globalThis.gc?.();
  globalThis.gc?.();
  const now: Sample = {
    heapBytes: process.memoryUsage().heapUsed + process.memoryUsage().arrayBuffers,
    resources: process.getActiveResourcesInfo().length,
    entries,
    longestCommitMs,
  };
  writeSync(1, `sample ${JSON.stringify(now)}\n`);
}

async function oneRun(): Promise<void> {
  const run = await openRun({ directory: settings.directory });
  run.halt$.subscribe((reason) => writeSync(1, `halt ${JSON.stringify(reason)}\n`));
  run.commits$.subscribe(({ commitMs }) => {
    longestCommitMs = Math.max(longestCommitMs, commitMs);
  });
  const following = follow(run);
  const until = Math.min(endsAt, performance.now() + settings.runSeconds * 1_000);
  for (let tick = 1; performance.now() < until; tick += 1) {
    load(run, tick % 500 === 0 ? BURST : PER_TICK);
    if (tick % 200 === 0) {
      await run.recordSnapshotAnchor({ blobRef: `tick-${tick}`, contentHash: "none" });
    }
    await wait(TICK_MS);
  }
  const { highWatermark } = await run.close();
  const followed = await following;
  if (followed !== highWatermark) {
    writeSync(1, `wrong followed up to ${followed} of ${highWatermark}\n`);
  }
}

function load(run: Run, count: number): void {
  for (let n = 0; n < count; n += 1) {
    const seq = run.accepted + 1;
    run.offer({
      topic: "soak.entry",
      payloadType: "Entry",
      payload: payloadOf(run.runId, seq),
      indexKeys: [{ kind: "clientOrderId", key: `O-${seq}` }],
    });
  }
}

/** Reads along to the end of the run; gives the last seq that was seen. */
async function follow(run: Run): Promise<number> {
  let seq = 0;
  for await (const entry of run.entries({ live: true })) {
    seq += 1;
    entries += 1;
    if (entry.seq !== seq) writeSync(1, `wrong followed ${entry.seq} where ${seq} comes\n`);
  }
  return seq;
}
