import type { RunLog } from "../backends/Backend.ts";
import type { Finding } from "./Finding.ts";
import { isRunEnded, isRunStarted } from "./lifecycle.ts";
import { soundEntryAt } from "./soundEntryAt.ts";

/** How a run is said to have ended, where its last entry tells of another end. */
export async function endingFindings(log: RunLog): Promise<readonly Finding[]> {
  const { status, highWatermark } = log.manifest;
  if (status !== "ended" && status !== "crashed-recovered") return [];
  // Where the log ends elsewhere, which is told, its last entry is not that of the run.
  if (highWatermark === 0 || highWatermark !== log.watermark) return [];
  const last = await soundEntryAt(log, highWatermark);
  if (last === undefined || isRunEnded(last) === (status === "ended")) return [];
  // Whoever writes without the lifecycle of a run ends it without an entry.
  if (status === "ended" && !(await isOfLifecycle(log))) return [];
  const reason = `It is ${status}, and its last entry is ${last.payloadType}`;
  return [{ kind: "manifest-mismatch", reason }];
}

async function isOfLifecycle(log: RunLog): Promise<boolean> {
  const first = await soundEntryAt(log, 1);
  return first !== undefined && isRunStarted(first);
}
