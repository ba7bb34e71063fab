import { randomBytes } from "node:crypto";
import { timeOf, type Clock } from "../model/Clock.ts";
import type { RunManifest } from "../model/manifest.ts";

/** What tells a new run from all others of its instance. */
export interface NewRun {
  readonly runId: string;
  readonly startTsInit: bigint;
}

/**
 * The id and start of a new run: later than every other start of the instance, so that ids stay
 * unique and sorted when the clock stands still or goes back.
 */
export function newRun(clock: Clock, others: readonly RunManifest[]): NewRun {
  const newest = newestOf(others);
  let startTsInit = timeOf(clock);
  if (newest !== undefined && newest.startTsInit >= startTsInit) {
    startTsInit = newest.startTsInit + 1n;
  }
  return { runId: `${startTsInit}-${randomBytes(4).toString("hex")}`, startTsInit };
}

/** The newest of some runs: the one that started last. */
export function newestOf(runs: readonly RunManifest[]): RunManifest | undefined {
  let newest = runs[0];
  for (const run of runs) {
    if (newest === undefined || run.startTsInit >= newest.startTsInit) newest = run;
  }
  return newest;
}
