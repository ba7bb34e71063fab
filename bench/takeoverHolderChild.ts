import { openRun } from "../src/runs/openRun.ts";
import { draftOf } from "./drafts.ts";
import { type LeaseKind, useLease } from "./useLease.ts";

/* Records a run until it is killed, one commit after the other. */

/** The holder has committed something, and goes on. */
export interface HolderReady {
  readonly pid: number;
}

const FIRST_ENTRIES = 1_000;

const [directory = "", kind = "socket"] = process.argv.slice(2);
useLease(kind as LeaseKind);
const run = await openRun({ directory });
for (let turn = 0; turn < FIRST_ENTRIES; turn += 1) await run.submit(draftOf(turn));
await run.append(draftOf(0));
const ready: HolderReady = { pid: process.pid };
process.send?.(ready);
for (let turn = 0; ; turn += 1) await run.append(draftOf(turn));
