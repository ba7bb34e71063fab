import type { Lease, RunCatalog } from "../backends/RunCatalog.ts";
import { LockedError } from "../model/errors.ts";
import type { RunSummary } from "../model/Run.ts";
import { checkPlan } from "./checkPlan.ts";
import { retained, type RetentionPlan } from "./planRetention.ts";
import { releasing } from "./releasing.ts";
import type { KeepReason, KeptRun } from "./retain.ts";

/** What a retention did. */
export interface AppliedRetention {
  /** The runs that are gone, in the order in which they went. */
  readonly removed: readonly RunSummary[];
  /**
   * Candidates of the plan that stayed, and why: what came meanwhile needs them, or their instance
   * is `locked`, since somebody writes it.
   */
  readonly kept: readonly KeptRun<KeepReason | "locked">[];
}

/**
 * Removes the candidates of a plan, under the lease of each instance and after planning anew there:
 * a run that came meanwhile may need one of them, which then stays. Nothing goes that is not in the
 * plan. While it lasts, nobody can open a run of the instance.
 *
 * Each run goes as a whole, the newest first: however it ends, every run that is left is whole and
 * has what it is replayed from. What was cut short is finished by the next one or the next `openRun`.
 *
 * @param options - `onRemoved` is called with each run once it is gone: the only one to know what
 * went where the retention fails later. What it throws ends the retention.
 * @throws {@link InvalidConfigError} for what is no plan, and what the disk or the backend says; what
 * went until then stays gone.
 */
export async function applyRetention(
  plan: RetentionPlan,
  options: { readonly onRemoved?: (run: RunSummary) => void } = {},
): Promise<AppliedRetention> {
  checkPlan(plan);
  const { catalog, reclaimCandidates } = plan;
  const removed: RunSummary[] = [];
  const kept: KeptRun<KeepReason | "locked">[] = [];
  const instanceIds = new Set(reclaimCandidates.map(({ manifest }) => manifest.instanceId));
  for (const instanceId of instanceIds) {
    const planned = reclaimCandidates.filter(({ manifest }) => manifest.instanceId === instanceId);
    const lease = await unlessLocked(catalog, instanceId);
    if (lease === undefined) {
      for (const run of planned) kept.push({ run, reason: "locked" });
      continue;
    }
    const retain = async (): Promise<void> => {
      const runs = await catalog.list(instanceId);
      const fresh = await retained(catalog, runs, plan.mode);
      const ids = new Set(planned.map(({ manifest }) => manifest.runId));
      kept.push(...fresh.kept.filter(({ run }) => ids.has(run.manifest.runId)));
      for (const run of fresh.candidates.toReversed()) {
        if (!ids.has(run.manifest.runId)) continue;
        await lease.remove(run.manifest.runId);
        removed.push(run);
        options.onRemoved?.(run);
      }
    };
    await releasing(() => lease.release(), retain);
  }
  return { removed, kept };
}

async function unlessLocked(catalog: RunCatalog, instanceId: string): Promise<Lease | undefined> {
  try {
    return await catalog.acquire(instanceId);
  } catch (failure) {
    if (failure instanceof LockedError) return undefined;
    throw failure;
  }
}
