import { ClosedError, InvalidConfigError } from "../../model/errors.ts";
import type { RunManifest } from "../../model/manifest.ts";
import type { Backend } from "../Backend.ts";
import type { Lease } from "../RunCatalog.ts";
import { classifyError } from "./classifyError.ts";
import { createRun } from "./createRun.ts";
import { holdLease } from "./lease.ts";
import type { HeldLease } from "./LeaseHolder.ts";
import { clearLeftovers } from "./leftovers.ts";
import type { OnFailure } from "./LmdbBackend.ts";
import { recoverRun } from "./recoverRun.ts";
import { removeRun } from "./removeRun.ts";
import { instanceFolderOf, runFolderOf } from "./runFolder.ts";

/** The lease of an instance on the disk; one whose backend has failed says so to who asks. */
export class LmdbLease implements Lease {
  readonly instanceId: string;
  readonly #directory: string;
  readonly #held: HeldLease;
  /** Of what has failed and may still write, whether it is gone. */
  readonly #failed: (() => Promise<boolean>)[] = [];
  #releasing: Promise<void> | undefined;

  /** Takes the lease of an instance whose folder is there. Rejects what {@link holdLease} does. */
  static async acquire(directory: string, instanceId: string): Promise<LmdbLease> {
    const folder = instanceFolderOf(directory, instanceId);
    try {
      const lease = new LmdbLease(directory, instanceId, await holdLease(folder));
      await clearLeftovers(folder).catch(async (error: unknown) => {
        await lease.release();
        throw error;
      });
      return lease;
    } catch (error) {
      throw classifyError(error, folder);
    }
  }

  private constructor(directory: string, instanceId: string, held: HeldLease) {
    this.instanceId = instanceId;
    this.#directory = directory;
    this.#held = held;
  }

  async create(manifest: RunManifest): Promise<Backend> {
    const { runId, instanceId } = manifest;
    const folder = this.#folderOf(runId);
    if (instanceId !== this.instanceId) {
      throw new InvalidConfigError("instanceId", `the lease's, ${this.instanceId}`, instanceId);
    }
    return createRun(folder, manifest, this.#halt);
  }

  async recover(runId: string): Promise<Backend> {
    return recoverRun(this.#folderOf(runId), this.#halt);
  }

  async remove(runId: string): Promise<void> {
    return removeRun(this.#folderOf(runId));
  }

  async release(): Promise<void> {
    // What was begun may still land as long as its process is there.
    for (const isGone of this.#failed) if (!(await isGone())) return;
    this.#releasing ??= this.#held.release();
    await this.#releasing;
  }

  /** A commit that is under way may still land: nobody else may write here meanwhile. */
  readonly #halt: OnFailure = (isGone) => {
    this.#failed.push(isGone);
    this.#held.markHalted();
  };

  #folderOf(runId: string): string {
    if (this.#releasing !== undefined) throw new ClosedError("lease");
    return runFolderOf(this.#directory, this.instanceId, runId);
  }
}
