import type { Backend, RunLog } from "../../backends/Backend.ts";
import type { Lease, RunCatalog } from "../../backends/RunCatalog.ts";
import { FORMAT_VERSION } from "../../format/formatVersion.ts";
import type { RunManifest } from "../../model/manifest.ts";
import { settle } from "./answers.ts";

const INSTANCE_ID = "desk-1";

/** A fresh catalog for one law; whatever is opened through the scope is closed when it ends. */
export class LawScope {
  readonly catalog: RunCatalog;
  readonly #closings: (() => Promise<void>)[] = [];

  constructor(catalog: RunCatalog) {
    this.catalog = catalog;
  }

  async acquire(instanceId: string = INSTANCE_ID): Promise<Lease> {
    const lease = await this.catalog.acquire(instanceId);
    this.#closings.push(() => lease.release());
    return lease;
  }

  /** A new run under a lease. */
  async create(lease: Lease, manifest: Partial<RunManifest> = {}): Promise<Backend> {
    const { instanceId } = lease;
    return this.closing(await lease.create(manifestOf({ instanceId, ...manifest })));
  }

  async recover(lease: Lease, runId: string): Promise<Backend> {
    return this.closing(await lease.recover(runId));
  }

  /** A new run under a new lease. */
  async open(manifest: Partial<RunManifest> = {}): Promise<Backend> {
    return this.create(await this.acquire(manifest.instanceId), manifest);
  }

  /** A second handle on a run, for reading. */
  async read({ manifest }: RunLog): Promise<RunLog> {
    return this.closing(await this.catalog.read(manifest.instanceId, manifest.runId));
  }

  closing<Log extends RunLog>(log: Log): Log {
    this.#closings.push(() => settle(log.close()));
    return log;
  }

  /** What was opened is not closed any more: its writer has failed. */
  forget(): void {
    this.#closings.length = 0;
  }

  /** Closes the last first, all of them, and then tells the first failure. */
  async end(): Promise<void> {
    const failures: unknown[] = [];
    for (const close of this.#closings.toReversed()) {
      await close().catch((failure: unknown) => failures.push(failure));
    }
    if (failures.length > 0) throw failures[0];
  }
}

/** A manifest with every field that a run needs. */
export function manifestOf(manifest: Partial<RunManifest> = {}): RunManifest {
  const { startTsInit = 1_000n } = manifest;
  return {
    formatVersion: FORMAT_VERSION,
    runId: `${startTsInit}-00000001`,
    instanceId: INSTANCE_ID,
    identity: {},
    startTsInit,
    highWatermark: 0,
    status: "running",
    ...manifest,
  };
}
