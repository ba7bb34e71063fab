import type { RunCatalog } from "../backends/RunCatalog.ts";
import { LockedError } from "../model/errors.ts";
import { checkId } from "../model/ids.ts";
import type { RunManifest } from "../model/manifest.ts";
import { catalogOf } from "./catalogOf.ts";
import type { RunAddress } from "./readRun.ts";
import { recoverUnsealed, type RecoveryProgress } from "./recoverRun.ts";
import { releasing } from "./releasing.ts";

/** Whose runs to recover, and who wants to hear of it while it goes on. */
export interface RecoverRunsOptions extends Omit<RunAddress, "runId"> {
  /** Called after each page with the run, the seq reached and its last seq. */
  readonly onProgress?: RecoveryProgress;
  /** Called for each instance that is left alone with unsealed runs in it, since somebody holds it. */
  readonly onLocked?: (instanceId: string, failure: LockedError) => void;
}

/**
 * Seals the runs that crashed, of one instance or of all where none is named, and gives their
 * manifests, instance by instance, oldest first. An instance that somebody writes is left alone, as
 * `openRun` recovers what it finds by itself.
 *
 * @example
 * ```ts
 * for (const { runId, status } of await recoverRuns({ directory: "./runs" })) {
 *   console.log(runId, status);
 * }
 * ```
 * @throws what the disk or the backend says; what was sealed until then stays sealed.
 */
export async function recoverRuns(options: RecoverRunsOptions): Promise<readonly RunManifest[]> {
  const catalog = catalogOf(options);
  const { instanceId } = options;
  if (instanceId !== undefined) checkId("instanceId", instanceId);
  const recovered: RunManifest[] = [];
  for (const id of await unsealedInstances(catalog, instanceId)) {
    recovered.push(...(await recoverInstance(catalog, id, options)));
  }
  return recovered;
}

/** The instances that have something to recover, in the order of their oldest runs. */
async function unsealedInstances(
  catalog: RunCatalog,
  instanceId: string | undefined,
): Promise<ReadonlySet<string>> {
  const runs = await catalog.list(instanceId);
  const unsealed = runs.filter(({ manifest }) => manifest.status === "running");
  return new Set(unsealed.map(({ manifest }) => manifest.instanceId));
}

async function recoverInstance(
  catalog: RunCatalog,
  instanceId: string,
  { onProgress, onLocked }: RecoverRunsOptions,
): Promise<readonly RunManifest[]> {
  const lease = await catalog.acquire(instanceId).catch((failure: unknown) => {
    if (!(failure instanceof LockedError)) throw failure;
    onLocked?.(instanceId, failure);
    return undefined;
  });
  if (lease === undefined) return [];
  return releasing(
    () => lease.release(),
    async () => {
      // What was listed before the lease was held may be sealed by now.
      const runs = await catalog.list(instanceId);
      const manifests = runs.map(({ manifest }) => manifest);
      return recoverUnsealed(lease, manifests, onProgress);
    },
  );
}
