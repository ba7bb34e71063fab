import { InvalidConfigError } from "../model/errors.ts";
import { checkId } from "../model/ids.ts";
import { checkRecord } from "../model/options.ts";
import { checkCatalog } from "./catalogOf.ts";
import { checkedMode, type RetentionPlan } from "./planRetention.ts";

/**
 * @throws {@link InvalidConfigError} for a plan that `planRetention` has not made: one that went
 * through JSON has lost its catalog, which can be put in again.
 */
export function checkPlan(plan: RetentionPlan): void {
  checkRecord("plan", plan);
  const { catalog, mode, reclaimCandidates }: Partial<RetentionPlan> = plan;
  checkCatalog("plan.catalog", catalog);
  checkRecord("plan.mode", mode);
  checkedMode(plan.mode);
  if (!Array.isArray(reclaimCandidates)) {
    throw new InvalidConfigError("plan.reclaimCandidates", "an array of runs", reclaimCandidates);
  }
  for (const [position, run] of plan.reclaimCandidates.entries()) {
    const place = `plan.reclaimCandidates[${position}]`;
    checkRecord(place, run);
    checkRecord(`${place}.manifest`, run.manifest);
    checkId("instanceId", run.manifest.instanceId);
    checkId("runId", run.manifest.runId);
  }
}
