import { openRun } from "../src/runs/openRun.ts";
import { readRun } from "../src/runs/readRun.ts";
import { BATCH_ENTRIES } from "./drafts.ts";
import { percentileOf } from "./harness.ts";
import { memoryMiB } from "./processMemory.ts";
import { KEY_KIND, keyOf } from "./sizeKeys.ts";

/* Does one thing with a run of some size and tells what it took: a fresh process for each. */

/** What is done. */
export type SizeTask = "edges" | "full" | "lookup" | "entryAt" | "openRun";

/** What it took. */
export interface TaskResult {
  /** Milliseconds of one such thing; the median where it was done many times. */
  readonly ms: number;
  readonly peakMiB: number;
}

const QUESTIONS = 5_000;
const OPENINGS = 20;
/** Prime, so that the questions are spread over everything and none comes twice. */
const STEP = 1_000_003;

const TASKS: Readonly<Record<SizeTask, (directory: string, entries: number) => Promise<number>>> = {
  edges: (directory) => medianMs(OPENINGS, () => openingMs(directory, "edges")),
  full: (directory) => openingMs(directory, "full"),
  openRun: async (directory) => {
    const startedAt = performance.now();
    const run = await openRun({ directory });
    const ms = performance.now() - startedAt;
    await run.close();
    return ms;
  },
  lookup: async (directory, entries) => {
    await using reader = await readRun({ directory, check: "edges" });
    const keys = Math.floor((entries - 1) / BATCH_ENTRIES);
    return await medianMs(QUESTIONS, async (question) => {
      const key = keyOf((question * STEP) % keys);
      const startedAt = performance.now();
      const seq = await reader.lookup(KEY_KIND, key);
      const ms = performance.now() - startedAt;
      if (seq === undefined) throw new Error(`${key} was not found`);
      return ms;
    });
  },
  entryAt: async (directory, entries) => {
    await using reader = await readRun({ directory, check: "edges" });
    return await medianMs(QUESTIONS, async (question) => {
      const seq = 1 + ((question * STEP) % entries);
      const startedAt = performance.now();
      const entry = await reader.entryAt(seq);
      const ms = performance.now() - startedAt;
      if (entry?.seq !== seq) throw new Error(`${seq} was not found`);
      return ms;
    });
  },
};

const [directory = "", task = "edges", entries = "0"] = process.argv.slice(2);
const ms = await TASKS[task as SizeTask](directory, Number(entries));
const result: TaskResult = { ms, peakMiB: memoryMiB("VmHWM", process.pid) };
process.send?.(result, () => process.disconnect());

async function openingMs(directory: string, check: "edges" | "full"): Promise<number> {
  const startedAt = performance.now();
  await using _ = await readRun({ directory, check });
  return performance.now() - startedAt;
}

async function medianMs(times: number, step: (turn: number) => Promise<number>): Promise<number> {
  const took = new Float64Array(times);
  for (let turn = 0; turn < times; turn += 1) took[turn] = await step(turn);
  return percentileOf(took.toSorted(), 0.5);
}
