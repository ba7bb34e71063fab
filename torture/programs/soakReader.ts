/**
 * Reads the newest runs of some directories over and over while other processes write them, and tells
 * now and then what it holds: sample {…}.
 *
 * node --expose-gc torture/dist/soakReader.js '{"directories": [ … ], "seconds": …}'
 */
import { writeSync } from "node:fs";
import { setTimeout as wait } from "node:timers/promises";
import { firstValueFrom } from "rxjs";
import { NotFoundError, readRun } from "tidemark";
import { heldNow, keyOf, type Sample, type SoakSettings } from "../soak/settings.ts";

const PAUSE_MS = 200;
const MAX_ENTRIES = 20_000;

const { directories, seconds, sampleSeconds } = JSON.parse(process.argv[2] ?? "{}") as SoakSettings;
const endsAt = performance.now() + seconds * 1_000;
let entries = 0;
const sampling = setInterval(sample, sampleSeconds * 1_000);
while (performance.now() < endsAt) {
  for (const directory of directories) await readOnce(directory).catch(unlessMissing);
  await wait(PAUSE_MS);
}
clearInterval(sampling);

/** The first run is not there yet. */
function unlessMissing(failure: unknown): void {
  if (!(failure instanceof NotFoundError)) throw failure;
}

function sample(): void {
  const now: Sample = { ...heldNow(), entries };
  writeSync(1, `sample ${JSON.stringify(now)}\n`);
}

async function readOnce(directory: string): Promise<void> {
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
  const found = await reader.lookup("clientOrderId", keyOf(watermark - 1));
  const entry = await reader.entryAt(watermark - 1);
  const isLifecycle = entry?.topic.startsWith("run.lifecycle.") === true;
  if (!isLifecycle && found !== watermark - 1) writeSync(1, `wrong looked up ${found}\n`);
}
