import type { RunSummary } from "../model/Run.ts";

/** Which runs of an instance are kept. */
export type RetentionMode =
  /** All of them. */
  | { readonly mode: "full" }
  /**
   * The newest `keepLast` sealed ones, from 0, and the newest restore point; the newest of all where
   * any has crashed, since what the next run continues is told by it.
   */
  | { readonly mode: "bounded"; readonly keepLast: number }
  /** The newest restore point and what came after it. */
  | { readonly mode: "snapshot-anchored" };

/**
 * Why a run stays: the mode keeps `full` or the `newest`, it is `unsealed`, has a `problem`, is the
 * newest `restore-point` or came `after` it, there is `no-restore-point`, or a run that stays
 * needs its `parent`.
 */
export type KeepReason =
  | "full"
  | "newest"
  | "unsealed"
  | "problem"
  | "restore-point"
  | "after-restore-point"
  | "no-restore-point"
  | "parent";

/** A run that stays. */
export interface KeptRun<Reason = KeepReason> {
  readonly run: RunSummary;
  readonly reason: Reason;
}

/** What becomes of the runs of an instance. */
export interface Retained {
  readonly kept: readonly KeptRun[];
  readonly candidates: readonly RunSummary[];
}

/**
 * Decides which runs of one instance stay. A run that is not sealed always does, and so does every
 * run that one that stays would have to be replayed from.
 *
 * @param runs - all of the instance, oldest first.
 * @param isRestorePoint - whether a sealed run can be restored from its snapshot; asked as rarely as
 * possible, and perhaps twice.
 */
export async function retain(
  runs: readonly RunSummary[],
  mode: RetentionMode,
  isRestorePoint: (run: RunSummary) => Promise<boolean>,
): Promise<Retained> {
  const reasons = new Map<RunSummary, KeepReason>();
  const sealed: RunSummary[] = [];
  for (const run of runs) {
    if (run.manifest.status === "running") reasons.set(run, "unsealed");
    else if (run.problem !== undefined) reasons.set(run, "problem");
    else sealed.push(run);
  }
  for (const [run, reason] of await keptByMode(sealed, mode, isRestorePoint)) {
    reasons.set(run, reason);
  }
  keepNewest(runs, reasons);
  await keepParents(runs, reasons, isRestorePoint);
  return {
    kept: runs.flatMap((run) => {
      const reason = reasons.get(run);
      return reason === undefined ? [] : [{ run, reason }];
    }),
    candidates: runs.filter((run) => !reasons.has(run)),
  };
}

async function keptByMode(
  sealed: readonly RunSummary[],
  mode: RetentionMode,
  isRestorePoint: (run: RunSummary) => Promise<boolean>,
): Promise<readonly (readonly [RunSummary, KeepReason])[]> {
  const all = (reason: KeepReason, from = 0): readonly (readonly [RunSummary, KeepReason])[] =>
    sealed.slice(from).map((run) => [run, reason]);
  if (mode.mode === "full") return all("full");
  const position = await lastWhere(sealed, isRestorePoint);
  const restorePoint = sealed[position];
  if (restorePoint === undefined) return all("no-restore-point");
  const later =
    mode.mode === "bounded"
      ? all("newest", Math.max(sealed.length - mode.keepLast, 0))
      : all("after-restore-point", position + 1);
  return [...later, [restorePoint, "restore-point"]];
}

async function lastWhere(
  runs: readonly RunSummary[],
  holds: (run: RunSummary) => Promise<boolean>,
): Promise<number> {
  for (let position = runs.length - 1; position >= 0; position -= 1) {
    if (await holds(runs[position] as RunSummary)) return position;
  }
  return -1;
}

/**
 * A new run continues the newest one if that has crashed: without the newest, it would continue none
 * or one that came before, also where a removal ends early.
 */
function keepNewest(runs: readonly RunSummary[], reasons: Map<RunSummary, KeepReason>): void {
  const newest = runs.at(-1);
  if (newest === undefined || reasons.has(newest)) return;
  if (runs.some(({ manifest }) => manifest.status === "crashed-recovered")) {
    reasons.set(newest, "newest");
  }
}

/** A run without a snapshot of its own is replayed from its parent, which may need its own. */
async function keepParents(
  runs: readonly RunSummary[],
  reasons: Map<RunSummary, KeepReason>,
  isRestorePoint: (run: RunSummary) => Promise<boolean>,
): Promise<void> {
  const parentOf = parentsIn(runs);
  const children = [...reasons.keys()];
  for (let child = children.pop(); child !== undefined; child = children.pop()) {
    const parent = parentOf(child);
    if (parent === undefined || reasons.has(parent)) continue;
    // The snapshot of a run that is not sealed is none to rely on: it may be found damaged.
    if (child.manifest.status !== "running" && (await isRestorePoint(child))) continue;
    reasons.set(parent, "parent");
    children.push(parent);
  }
}

/**
 * What runs continue. One whose manifest cannot be read does not tell: it may be the run before it,
 * or what that one continues.
 */
function parentsIn(runs: readonly RunSummary[]): (run: RunSummary) => RunSummary | undefined {
  const byId = new Map(runs.map((run) => [run.manifest.runId, run]));
  return (run) => {
    const { parentRunId } = run.manifest;
    if (parentRunId !== undefined) return byId.get(parentRunId);
    return run.problem === undefined ? undefined : runs[runs.indexOf(run) - 1];
  };
}
