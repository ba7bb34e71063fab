import type { RunManifest } from "../../src/index.ts";

type Kin = Pick<RunManifest, "runId" | "parentRunId" | "status" | "highWatermark">;

/**
 * Which runs of an instance name another parent than they must.
 *
 * @param runs - all of them, oldest first; each was opened without naming a parent, when those before
 * it were all there.
 */
export function parentFaults(runs: readonly Kin[]): readonly string[] {
  return runs.flatMap(({ runId, parentRunId }, at) => {
    const expected = continuedAfter(runs[at - 1]);
    if (parentRunId === expected) return [];
    return [`${runId}: it continues ${nameOf(parentRunId)}, not ${nameOf(expected)}`];
  });
}

/** The run that is continued by one that is opened next. */
function continuedAfter(newest: Kin | undefined): string | undefined {
  if (newest?.status !== "crashed-recovered") return undefined;
  // It has nothing to be continued, and hands on what it meant to continue.
  return newest.highWatermark === 0 ? newest.parentRunId : newest.runId;
}

function nameOf(runId: string | undefined): string {
  return runId ?? "nothing";
}
