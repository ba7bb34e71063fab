import {
  CorruptedError,
  InvalidConfigError,
  NotSealedError,
  QuarantinedError,
} from "../model/errors.ts";
import type { RunManifest } from "../model/manifest.ts";
import type { EntrySource, RunReader, SnapshotReplayPlan } from "../model/Run.ts";
import type { CatalogAddress } from "./catalogOf.ts";
import { readRun } from "./readRun.ts";
import { releasing, releasingOnFailure } from "./releasing.ts";

/** A log that can be replayed, and what run it is where it tells. */
export type ReplaySource = EntrySource & { readonly manifest?: RunManifest };

/** What has to be read of an earlier run. */
interface ParentPlan {
  readonly runId: string;
  readonly instanceId: string;
  readonly plan: SnapshotReplayPlan;
}

/** What has to be read of a run and of those that it continues. */
export interface Lineage {
  readonly own: SnapshotReplayPlan;
  /** Oldest first. */
  readonly parents: readonly ParentPlan[];
}

/** How far back a replay goes. */
export interface LineageConfig {
  /** The snapshot of an anchor can be restored: nothing before it is needed. */
  readonly canRestore: boolean;
  /** Where the parents are; without it the run stands alone. */
  readonly parents: CatalogAddress | undefined;
}

/**
 * Goes from a run to its parents until there is a snapshot that can be restored, or none before it.
 *
 * @throws as `replay`.
 */
export async function lineageOf(source: ReplaySource, config: LineageConfig): Promise<Lineage> {
  checkReplayable(source.manifest);
  const own = await planOf(source, config.canRestore);
  const parents: ParentPlan[] = [];
  if (config.parents === undefined) return { own, parents };
  if (source.manifest === undefined) {
    throw new InvalidConfigError("reader", "one that has a manifest", source);
  }
  const { runId, instanceId } = source.manifest;
  const seen = new Set([runId]);
  let { parentRunId } = source.manifest;
  let { anchor } = own;
  while (anchor === undefined && parentRunId !== undefined) {
    if (seen.has(parentRunId)) throw new CorruptedError(`Run ${parentRunId} continues itself`);
    seen.add(parentRunId);
    const parent = await openParent(config.parents, instanceId, parentRunId, "edges");
    const plan = await releasing(
      () => parent.close(),
      () => planOf(parent, config.canRestore),
    );
    parents.unshift({ runId: parentRunId, instanceId, plan });
    ({ anchor } = plan);
    ({ parentRunId } = parent.manifest);
  }
  return { own, parents };
}

/** Opens an earlier run of a lineage, which has to be sealed. @throws as `replay` */
export async function openParent(
  parents: CatalogAddress,
  instanceId: string,
  runId: string,
  check: "full" | "edges",
): Promise<RunReader> {
  const { directory, catalog } = parents;
  const address = directory === undefined ? { ...(catalog && { catalog }) } : { directory };
  const parent = await readRun({ ...address, instanceId, runId, check });
  await releasingOnFailure(
    () => parent.close(),
    async () => {
      checkReplayable(parent.manifest);
      if (parent.manifest.status === "running") throw new NotSealedError(runId);
    },
  );
  return parent;
}

async function planOf(source: EntrySource, canRestore: boolean): Promise<SnapshotReplayPlan> {
  const plan = await source.snapshotReplayPlan();
  const { toSeq } = plan;
  return canRestore ? plan : { fromSeq: 1, toSeq, isEmpty: toSeq === 0 };
}

function checkReplayable(manifest: RunManifest | undefined): void {
  if (manifest?.status === "quarantined") throw new QuarantinedError(manifest.runId);
}
