import { recoverRuns } from "../src/runs/recoverRuns.ts";
import { writerPids } from "../test/support/writerPids.ts";
import { memoryMiB } from "./processMemory.ts";

/* Recovers a directory in a process that does nothing else, and tells what memory that took. */

/** The most that each process had at once. */
export interface RecoveryMemory {
  readonly ownMiB: number;
  /** What the process had when it began: Node, and what is compiled on the way. */
  readonly beforeMiB: number;
  /** Of the process that LMDB works in, with the pages of the file that it maps. */
  readonly writerMiB: number;
}

const LOOK_EVERY_MS = 5;

const [directory = ""] = process.argv.slice(2);
let writer: number | undefined;
let writerMiB = Number.NaN;
// The kernel keeps the peak, but only as long as the process is there.
const looking = setInterval(() => {
  writer ??= writerPids()[0];
  const peakMiB = memoryMiB("VmHWM", writer);
  if (!Number.isNaN(peakMiB)) writerMiB = peakMiB;
}, LOOK_EVERY_MS);
const beforeMiB = process.memoryUsage.rss() / 2 ** 20;
const [run] = await recoverRuns({ directory });
clearInterval(looking);
if (run?.status !== "crashed-recovered") throw new Error("The run was not recovered");
const ownMiB = memoryMiB("VmHWM", process.pid);
const result: RecoveryMemory = { beforeMiB, ownMiB, writerMiB };
process.send?.(result, () => process.disconnect());
