import { NotFoundError } from "../../model/errors.ts";
import { checkId } from "../../model/ids.ts";
import type { RunSummary } from "../../model/Run.ts";
import type { RunLog } from "../Backend.ts";
import type { Lease, RunCatalog } from "../RunCatalog.ts";
import { MemoryInstance } from "./MemoryInstance.ts";
import { MemoryRunLog } from "./MemoryRunLog.ts";

/**
 * A catalog whose runs live in this process and end with it: for tests, and for trying things out.
 * Leases, epochs and seals work as they do on a disk; what it holds is bounded by memory alone.
 */
export function memoryCatalog(): RunCatalog {
  return new MemoryCatalog();
}

class MemoryCatalog implements RunCatalog {
  readonly #instances = new Map<string, MemoryInstance>();

  async acquire(instanceId: string): Promise<Lease> {
    let instance = this.#instances.get(checkId("instanceId", instanceId));
    if (instance === undefined) {
      instance = new MemoryInstance(instanceId);
      this.#instances.set(instanceId, instance);
    }
    return instance.acquire();
  }

  async list(instanceId?: string): Promise<readonly RunSummary[]> {
    const named = instanceId === undefined ? undefined : [this.#instances.get(instanceId)];
    return [...(named ?? this.#instances.values())]
      .flatMap((instance) => instance?.summaries() ?? [])
      .toSorted((a, b) => Number(a.manifest.startTsInit - b.manifest.startTsInit));
  }

  async read(instanceId: string, runId: string): Promise<RunLog> {
    return new MemoryRunLog(this.#find(instanceId).find(runId));
  }

  #find(instanceId: string): MemoryInstance {
    const instance = this.#instances.get(instanceId);
    if (instance === undefined) throw new NotFoundError(`instance ${instanceId}`);
    return instance;
  }
}
