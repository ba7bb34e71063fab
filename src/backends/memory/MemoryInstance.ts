import { checkId } from "../../model/ids.ts";
import {
  ClosedError,
  InvalidConfigError,
  LockedError,
  NotFoundError,
  NotSealedError,
  SealedError,
} from "../../model/errors.ts";
import type { RunManifest } from "../../model/manifest.ts";
import type { RunSummary } from "../../model/Run.ts";
import type { Backend } from "../Backend.ts";
import type { Lease } from "../RunCatalog.ts";
import { MemoryBackend } from "./MemoryBackend.ts";
import { StoredRun } from "./StoredRun.ts";

/** One instance's runs, and who may write them. */
export class MemoryInstance {
  readonly #instanceId: string;
  readonly #runs = new Map<string, StoredRun>();
  #lease: MemoryLease | undefined;

  constructor(instanceId: string) {
    this.#instanceId = instanceId;
  }

  acquire(): Lease {
    if (this.#lease !== undefined) {
      const { sinceMs, isHalted } = this.#lease;
      throw new LockedError(`Instance ${this.#instanceId} is held by this process`, {
        holder: `pid ${process.pid}`,
        sinceMs,
        ...(isHalted ? { halted: true } : {}),
      });
    }
    this.#lease = new MemoryLease(this.#instanceId, this.#runs, () => {
      this.#lease = undefined;
    });
    return this.#lease;
  }

  summaries(): readonly RunSummary[] {
    return Array.from(this.#runs.values(), (run) => ({
      manifest: run.manifest,
      watermark: run.watermark,
      sizeBytes: run.sizeBytes,
      isLive: !run.isSealed && this.#lease?.written === run,
    }));
  }

  find(runId: string): StoredRun {
    return found(this.#runs, runId);
  }
}

class MemoryLease implements Lease {
  readonly instanceId: string;
  readonly sinceMs = Date.now();
  /** The run that was last opened for writing. */
  written: StoredRun | undefined;
  /** The writer has failed: its instance stays locked until the lease is given back. */
  isHalted = false;
  readonly #runs: Map<string, StoredRun>;
  readonly #onRelease: () => void;
  #isReleased = false;

  constructor(instanceId: string, runs: Map<string, StoredRun>, onRelease: () => void) {
    this.instanceId = instanceId;
    this.#runs = runs;
    this.#onRelease = onRelease;
  }

  async create(manifest: RunManifest): Promise<Backend> {
    this.#checkHeld();
    const { runId, instanceId } = manifest;
    checkId("runId", runId);
    if (instanceId !== this.instanceId) {
      throw new InvalidConfigError("instanceId", `the lease's, ${this.instanceId}`, instanceId);
    }
    if (this.#runs.has(runId)) {
      throw new InvalidConfigError("runId", "the id of no other run", runId);
    }
    const run = new StoredRun(manifest);
    this.#runs.set(runId, run);
    return this.#write(run);
  }

  async recover(runId: string): Promise<Backend> {
    this.#checkHeld();
    const run = found(this.#runs, runId);
    if (run.isSealed) throw new SealedError(runId);
    return this.#write(run);
  }

  async remove(runId: string): Promise<void> {
    this.#checkHeld();
    if (!found(this.#runs, runId).isSealed) throw new NotSealedError(runId);
    this.#runs.delete(runId);
  }

  async release(): Promise<void> {
    if (this.#isReleased) return;
    this.#isReleased = true;
    this.#onRelease();
  }

  #checkHeld(): void {
    if (this.#isReleased) throw new ClosedError("lease");
  }

  #write(run: StoredRun): Backend {
    this.written = run;
    return new MemoryBackend(run, () => {
      this.isHalted = true;
    });
  }
}

function found(runs: ReadonlyMap<string, StoredRun>, runId: string): StoredRun {
  const run = runs.get(runId);
  if (run === undefined) throw new NotFoundError(`run ${runId}`);
  return run;
}
