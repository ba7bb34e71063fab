import type { RunCatalog } from "../backends/RunCatalog.ts";
import { InvalidConfigError } from "../model/errors.ts";
import { checkId } from "../model/ids.ts";
import { checkInteger } from "../model/options.ts";
import type { RunSummary } from "../model/Run.ts";
import { catalogOf } from "./catalogOf.ts";
import { isRestorePoint } from "./isRestorePoint.ts";
import type { RunAddress } from "./readRun.ts";
import { retain, type KeptRun, type Retained, type RetentionMode } from "./retain.ts";

/** Whose runs, of one instance or of all where none is named, and which of them to keep. */
export type RetentionOptions = Omit<RunAddress, "runId"> & RetentionMode;

/** What a retention would do; nothing has been done. */
export interface RetentionPlan {
  readonly catalog: RunCatalog;
  readonly mode: RetentionMode;
  /** Every sealed run, oldest first. */
  readonly sealedRuns: readonly RunSummary[];
  /** The runs that would go, oldest first. */
  readonly reclaimCandidates: readonly RunSummary[];
  /** Every run that stays, sealed or not, and why; oldest first. */
  readonly kept: readonly KeptRun[];
}

/**
 * Plans which runs can go, instance by instance, and changes nothing; `applyRetention` does it.
 *
 * Whatever the mode, these stay: a run that is not sealed or has a problem; the newest restore point,
 * which is a sealed run with a snapshot anchor and nothing wrong behind it; the newest run where any
 * has crashed, since the next one may continue it; and each run that one which stays is replayed
 * from, since it has no snapshot of its own. An instance without a restore point keeps everything.
 *
 * @example
 * ```ts
 * const plan = await planRetention({ directory: "./runs", mode: "bounded", keepLast: 30 });
 * for (const { manifest } of plan.reclaimCandidates) console.log(manifest.runId);
 * await applyRetention(plan);
 * ```
 * @throws {@link InvalidConfigError} for an option out of bounds, and what the disk or the backend
 * says.
 */
export async function planRetention(options: RetentionOptions): Promise<RetentionPlan> {
  const catalog = catalogOf(options);
  const { instanceId } = options;
  if (instanceId !== undefined) checkId("instanceId", instanceId);
  const mode = checkedMode(options);
  const runs = await catalog.list(instanceId);
  const kept = new Map<RunSummary, KeptRun>();
  for (const { manifest } of newestOfEach(runs)) {
    const own = runs.filter((run) => run.manifest.instanceId === manifest.instanceId);
    for (const one of (await retained(catalog, own, mode)).kept) kept.set(one.run, one);
  }
  return {
    catalog,
    mode,
    sealedRuns: runs.filter(({ manifest }) => manifest.status !== "running"),
    reclaimCandidates: runs.filter((run) => !kept.has(run)),
    kept: runs.flatMap((run) => kept.get(run) ?? []),
  };
}

/** What becomes of the runs of one instance, as its catalog has them. */
export function retained(
  catalog: RunCatalog,
  runs: readonly RunSummary[],
  mode: RetentionMode,
): Promise<Retained> {
  return retain(runs, mode, (run) => isRestorePoint(catalog, run));
}

function newestOfEach(runs: readonly RunSummary[]): Iterable<RunSummary> {
  return new Map(runs.map((run) => [run.manifest.instanceId, run])).values();
}

/**
 * @throws {@link InvalidConfigError} for a mode that is none, or a `keepLast` out of bounds.
 */
export function checkedMode(options: RetentionMode): RetentionMode {
  const { mode } = options;
  if (mode === "full" || mode === "snapshot-anchored") return { mode };
  if (mode !== "bounded") {
    throw new InvalidConfigError("mode", "full, bounded or snapshot-anchored", mode);
  }
  checkInteger("keepLast", options.keepLast, 0, Number.MAX_SAFE_INTEGER);
  return { mode, keepLast: options.keepLast };
}
