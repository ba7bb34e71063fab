import { filter, firstValueFrom } from "rxjs";
import { openRun } from "../src/runs/openRun.ts";
import { writerPids } from "../test/support/writerPids.ts";
import { commitBatch } from "./commitBatch.ts";
import { BATCH_ENTRIES } from "./drafts.ts";
import { percentileOf } from "./harness.ts";
import { memoryMiB } from "./processMemory.ts";
import { keyedDraftOf } from "./sizeKeys.ts";
import type { TaskResult } from "./sizeReaderChild.ts";

/* Records the run whose size is the question: grows it and commits to it, as its parent asks. */

/** To so many entries, as fast as the pipeline takes them; or so many commits, one by one. */
export type RecorderQuestion = { readonly growTo: number } | { readonly commits: number };

/** What growing gave. */
export interface Grown {
  readonly entriesPerSecond: number;
  /** Of the process that LMDB works in, without the pages of the file that it maps. */
  readonly writerMiB: number;
}

const [directory = ""] = process.argv.slice(2);
const run = await openRun({ directory });
// The lifecycle entry of the start is none of ours: turn 0 becomes seq 2.
const firstSeq = run.accepted + 1;

process.on("message", (question) => void answer(question as RecorderQuestion));
process.once("disconnect", () => void run.abandon());

async function answer(question: RecorderQuestion): Promise<void> {
  process.send?.(
    "growTo" in question ? await growTo(question.growTo) : await commits(question.commits),
  );
}

async function growTo(entries: number): Promise<Grown> {
  const before = run.accepted;
  const startedAt = performance.now();
  while (run.accepted < entries) {
    const { watermark } = run;
    if (!run.offer(keyedDraftOf(run.accepted + 1 - firstSeq))) await durableBeyond(watermark);
  }
  await durableBeyond(run.accepted - 1);
  return {
    entriesPerSecond: ((run.accepted - before) / (performance.now() - startedAt)) * 1e3,
    writerMiB: memoryMiB("RssAnon", writerPids().at(-1)),
  };
}

async function commits(count: number): Promise<TaskResult> {
  const took = new Float64Array(count);
  for (let commit = 0; commit < count; commit += 1) {
    const first = run.accepted + 1 - firstSeq;
    took[commit] = await commitBatch(run, BATCH_ENTRIES, (turn) => keyedDraftOf(first + turn));
  }
  return { ms: percentileOf(took.toSorted(), 0.5), peakMiB: memoryMiB("VmHWM", process.pid) };
}

function durableBeyond(seq: number): Promise<number> {
  return firstValueFrom(run.watermark$.pipe(filter((watermark) => watermark > seq)));
}
