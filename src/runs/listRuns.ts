import { checkId } from "../model/ids.ts";
import type { RunSummary } from "../model/Run.ts";
import { catalogOf } from "./catalogOf.ts";
import type { RunAddress } from "./readRun.ts";

/** The runs of one instance, or of all where none is named; oldest first. */
export async function listRuns(address: Omit<RunAddress, "runId">): Promise<readonly RunSummary[]> {
  const catalog = catalogOf(address);
  const { instanceId } = address;
  if (instanceId !== undefined) checkId("instanceId", instanceId);
  return catalog.list(instanceId);
}
