/**
 * Reads the newest run of a directory over and over while another process writes it:
 * sample {heapBytes, resources, entries, longestCommitMs}.
 *
 * node --expose-gc --import tsx torture/programs/soakReader.ts '{"directory": …, "seconds": …}'
 */
import { writeSync } from "node:fs";
import { setTimeout as wait } from "node:timers/promises";
import { firstValueFrom } from "rxjs";
import { NotFoundError, readRun } from "tidemark";
import type { Sample, SoakSettings } from "./soakLoad.ts";

const PAUSE_MS = 200;
const MAX_ENTRIES = 20_000;

const { directory, seconds, sampleSeconds } = JSON.parse(process.argv[2] ?? "{}") as SoakSettings;
const endsAt = performance.now() + seconds * 1_000;
let entries = 0;
const sampling = setInterval(sample, sampleSeconds * 1_000);
while (performance.now() < endsAt) {
  await readOnce().catch((failure: unknown) => {
    // The first run is not there yet.
    if (!(failure instanceof NotFoundError)) throw failure;
  });
  await wait(PAUSE_MS);
}
clearInterval(sampling);

function sample(): void {
  globalThis.gc?.();
  globalThis.gc?.();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  const resources = process.getActiveResourcesInfo().length;
  const now: Sample = {
    heapBytes: heapUsed + arrayBuffers,
    resources,
    entries,
    longestCommitMs: 0,
  };
  writeSync(1, `sample ${JSON.stringify(now)}\n`);
}

async function readOnce(): Promise<void> {
  await using reader = await readRun({ directory });
  const watermark = await firstValueFrom(reader.watermark$);
  const from = Math.max(1, watermark - MAX_ENTRIES);
  let seq = from;
  for await (const entry of reader.entries({ from })) {
    if (entry.seq !== seq) writeSync(1, `wrong read ${entry.seq} where ${seq} comes\n`);
    seq += 1;
    entries += 1;
  }
  if (watermark < 3) return;
  const found = await reader.lookup("clientOrderId", `O-${watermark - 1}`);
  const entry = await reader.entryAt(watermark - 1);
  const isLifecycle = entry?.topic.startsWith("run.lifecycle.") === true;
  if (!isLifecycle && found !== watermark - 1) writeSync(1, `wrong looked up ${found}\n`);
}
