import type { RunLog } from "../backends/Backend.ts";
import type { Finding } from "./Finding.ts";
import { checkpointsOf, headProblemOf } from "./headProblem.ts";

/** What the heads that are remembered beside a log tell of it, and what is wrong with them. */
export async function checkpointFindings(log: RunLog): Promise<readonly Finding[]> {
  if (log.checkpoints === undefined) return [];
  const findings: Finding[] = [];
  // The manifest first: a seal that comes meanwhile is none that the checkpoints must show.
  const { status, highWatermark } = log.manifest;
  const { latest, problem } = await checkpointsOf(log, true);
  if (problem !== undefined) findings.push({ kind: "structure", reason: problem });
  const rollback = await headProblemOf(log, latest);
  if (rollback !== undefined) findings.push({ kind: "rolled-back", reason: rollback });
  const isSealed = status === "ended" || status === "crashed-recovered";
  const reached = latest?.seq ?? 0;
  // A seal remembers the head that it seals.
  if (isSealed && problem === undefined && reached < highWatermark) {
    const reason = `The checkpoints end at ${reached}, the run was sealed at ${highWatermark}`;
    findings.push({ kind: "structure", reason });
  }
  return findings;
}
