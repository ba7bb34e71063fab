/**
 * Records a mixed load for a while, run after run, follows it live in the same process, and tells
 * now and then what it holds: sample {…}, and in the end what was done: counts {…}. Whatever must not
 * be is a line of its own.
 *
 * node --expose-gc torture/dist/soakLoad.js '{"directories": [ … ], "seconds": …}'
 */
import { writeSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { openRun, type Run } from "tidemark";
import { Caller } from "../soak/Caller.ts";
import { MAX_STALL_MS } from "../soak/complaintsOf.ts";
import { LoadWatch } from "../soak/LoadWatch.ts";
import { heldNow, type Sample, type SoakSettings } from "../soak/settings.ts";

const TICK_MS = 10;
const OFFERS = 12;
const SUBMITS = 4;
const APPENDS = 4;
/** A small queue, so that a burst of few, in one turn, already stands in line: what fills it goes out. */
const QUEUE_CAPACITY = 1_000;
const BURST = 2_500;
const TICKS_PER_BURST = 400;
/** At once, so that the shortest run has one. */
const BURST_TICK = 1;
const TICKS_PER_ANCHOR = 200;

const settings = JSON.parse(process.argv[2] ?? "{}") as SoakSettings;
const [directory = ""] = settings.directories;
const endsAt = performance.now() + settings.seconds * 1_000;
const watch = new LoadWatch(() => performance.now(), say);
let entries = 0;
let current: Run | undefined;
const sampling = setInterval(sample, settings.sampleSeconds * 1_000);
while (performance.now() < endsAt) await oneRun();
clearInterval(sampling);
say(`counts ${JSON.stringify(watch.counts)}`);

function say(line: string): void {
  writeSync(1, `${line}\n`);
}

/** Not between two runs, where everything is about to come or go. */
function sample(): void {
  if (current === undefined) return;
  const { instanceId, runId, watermark } = current;
  const run = { folder: join(directory, instanceId, runId), watermark };
  const now: Sample = { ...heldNow(), entries, run };
  say(`sample ${JSON.stringify(now)}`);
}

async function oneRun(): Promise<void> {
  // As long as somebody may stand in line: a machine that is busy for a moment is no breach.
  const writer = { haltThresholdMs: MAX_STALL_MS, queueCapacity: QUEUE_CAPACITY };
  const run = await openRun({ directory, writer });
  current = run;
  watch.watch(run);
  const caller = new Caller(run, watch);
  const following = follow(run);
  const until = Math.min(endsAt, performance.now() + settings.runSeconds * 1_000);
  for (let tick = 1; performance.now() < until; tick += 1) {
    caller.offer(OFFERS);
    caller.submit(tick % TICKS_PER_BURST === BURST_TICK ? BURST : SUBMITS);
    caller.append(APPENDS);
    if (tick % TICKS_PER_ANCHOR === 0) {
      await run.recordSnapshotAnchor({ blobRef: `tick-${tick}`, contentHash: "none" });
    }
    await wait(TICK_MS);
  }
  current = undefined;
  const { highWatermark } = await run.close();
  const followed = await following;
  if (followed !== highWatermark) say(`wrong: followed up to ${followed} of ${highWatermark}`);
}

/** Reads along to the end of the run; gives the last seq that was seen. */
async function follow(run: Run): Promise<number> {
  let seq = 0;
  for await (const entry of run.entries({ live: true })) {
    seq += 1;
    entries += 1;
    if (entry.seq !== seq) say(`wrong: followed ${entry.seq} where ${seq} comes`);
  }
  return seq;
}
