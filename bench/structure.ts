import { statSync } from "node:fs";
import { join } from "node:path";
import { checkDataFile } from "../src/backends/lmdb/datafile/checkDataFile.ts";
import { openRun } from "../src/runs/openRun.ts";
import type { Benchmark, Context } from "./Benchmark.ts";
import { BATCH_ENTRIES, draftOf } from "./drafts.ts";
import { figure, interleaved } from "./harness.ts";
import { recordMany } from "./recordMany.ts";

const GB = 1e9;

/** What whoever opens a run waits for first, unless it asks for less. */
export const structure: Benchmark = {
  name: "structure",
  question: "What does the check of all the structure of data.mdb take, payloads of 256 B?",
  async run({ rounds, folder }: Context) {
    const full = await recordedIn(folder(), { entries: 1_000_000, perFrame: BATCH_ENTRIES });
    const single = await recordedIn(folder(), { entries: 200_000, perFrame: 1 });
    const variants = { full: () => msPerGb(full), single: () => msPerGb(single) };
    await interleaved(1, variants);
    const took = await interleaved(rounds, variants);
    return {
      ratios: [],
      figures: [
        { ...figure("batches of 100", "ms/GB", took.full), reach: "<= 300" },
        figure("one entry each", "ms/GB", took.single),
        figure("batches of 100: data.mdb", "MB", [bytesOf(full) / 1e6]),
        figure("one entry each: data.mdb", "MB", [bytesOf(single) / 1e6]),
      ],
      notes: NOTES,
    };
  },
};

const NOTES = [
  "The file is in the page cache. A batch of 100 has pages of its own, which are not read here; of one",
  "entry each, as of one commit each, a few share a leaf of the tree, and every leaf is read.",
];

/** A run that was closed; gives its folder. */
async function recordedIn(
  directory: string,
  { entries, perFrame }: { readonly entries: number; readonly perFrame: number },
): Promise<string> {
  const run = await openRun({ directory, writer: { maxBatchEntries: perFrame } });
  await recordMany(run, entries, draftOf);
  const { instanceId, runId } = await run.close();
  return join(directory, instanceId, runId);
}

async function msPerGb(folder: string): Promise<number> {
  const startedAt = performance.now();
  await checkDataFile(folder, "full");
  return ((performance.now() - startedAt) / bytesOf(folder)) * GB;
}

function bytesOf(folder: string): number {
  return statSync(join(folder, "data.mdb")).size;
}
